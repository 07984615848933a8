#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "converter/report/figures.h"
#include "converter/report/html_parts.h"
#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

struct Series {
  Rung rung;
  const char* name;
  const char* css_class;
};
constexpr std::array<Series, 3> kSeries = {{{Rung::kParameters, "parameters", "hollow"},
                                            {Rung::kAlgebra, "algebra", "hollow"},
                                            {Rung::kRounding, "rounding", "dot"}}};

/// A mark at `x` (a length or percentage): a square, a diamond, a disc.
std::string mark(std::size_t series, const std::string& x, int y, bool over) {
  const std::string css = fmt::format("{}{}", kSeries[series].css_class, over ? " over" : "");
  if (series == 2) return fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"5\"/>", css, x, y);
  return fmt::format("<svg x=\"{}\" y=\"{}\" overflow=\"visible\"><path class=\"{}\" d=\"{}\"/></svg>", x, y, css,
                     series == 0 ? "M-4-4h8v8h-8z" : "M0-5.5L5.5 0 0 5.5-5.5 0z");
}

/// One line of the plot: a region and the worst ratio of each rung, NaN where the rung has none.
struct Line {
  std::string label;
  std::array<double, kSeries.size()> ratios{NAN, NAN, NAN};
  std::array<bool, kSeries.size()> present{};
  const LayerFigures* rounding = nullptr;
};

std::vector<Line> lines_of(const Verdict& verdict) {
  std::vector<Line> lines;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (std::size_t s = 0; s < kSeries.size(); ++s) {
    for (const LayerFigures& region : verdict.rung(kSeries[s].rung).layers) {
      const auto [place, is_new] = places.emplace(std::pair(region.batch_norm, region.node), lines.size());
      if (is_new)
        lines.push_back({region.node.empty() || region.node == region.batch_norm
                             ? region.batch_norm
                             : region.batch_norm + " → " + region.node});
      lines[place->second].ratios[s] = region.worst.ratio;
      lines[place->second].present[s] = true;
      if (kSeries[s].rung == Rung::kRounding) lines[place->second].rounding = &region;
    }
  }
  return lines;
}

/// Powers of ten from `low` to `high`; what lies outside is drawn on the border.
struct Axis {
  int low = -1;
  int high = 1;

  std::string percent(double ratio) const {
    const double power = ratio > 0 ? std::log10(ratio) : std::isnan(ratio) ? high : low;
    const double share = (std::clamp<double>(power, low, high) - low) / (high - low);
    return fmt::format("{:.2f}%", 2 + 96 * share);
  }
};

Axis axis_for(const std::vector<Line>& lines) {
  constexpr int kLowest = -12;
  constexpr int kHighest = 9;
  Axis axis;
  for (const Line& line : lines)
    for (const double ratio : line.ratios) {
      if (!(ratio > 0) || !std::isfinite(ratio)) continue;
      axis.low = std::max(kLowest, std::min(axis.low, static_cast<int>(std::floor(std::log10(ratio)))));
      axis.high = std::min(kHighest, std::max(axis.high, static_cast<int>(std::ceil(std::log10(ratio)))));
    }
  return axis;
}

std::string grid(const Axis& axis) {
  std::string out;
  for (int power = axis.low; power <= axis.high; ++power) {
    const std::string x = axis.percent(std::pow(10, power));
    out +=
        fmt::format("<line class=\"{}\" x1=\"{}\" x2=\"{}\" y1=\"0\" y2=\"20\"/>", power == 0 ? "bound" : "grid", x, x);
  }
  return out;
}

std::string scale(const Axis& axis) {
  const int step = (axis.high - axis.low + 5) / 6;
  std::string out;
  for (int power = axis.low; power <= axis.high; ++power) {
    if (power % step != 0) continue;
    const std::string label = power == 0   ? "bound"
                              : power == 1 ? "10"
                                           : fmt::format("10<tspan dy=\"-4\" font-size=\"9\">{}{}</tspan>",
                                                         power < 0 ? "−" : "", std::abs(power));
    out += fmt::format("<text x=\"{}\" y=\"14\" text-anchor=\"middle\">{}</text>", axis.percent(std::pow(10, power)),
                       label);
  }
  return "<span></span><svg aria-hidden=\"true\">" + out + "</svg>\n";
}

std::string drawn(const Line& line, const Axis& axis) {
  std::string marks;
  std::string told;
  for (std::size_t s = 0; s < kSeries.size(); ++s) {
    if (!line.present[s]) continue;
    const double ratio = line.ratios[s];
    marks += mark(s, axis.percent(ratio), 10, !(ratio <= 1));
    told += fmt::format("{}{} {}", told.empty() ? "" : ", ", kSeries[s].name, short_number(ratio));
  }
  const std::string label = escape_markup(line.label);
  return fmt::format(
      "<span title=\"{0}\">{0}</span><svg role=\"img\" aria-label=\"{0}: {1} of the bound\"><title>{0}: {1}</title>"
      "{2}{3}</svg>\n",
      label, told, grid(axis), marks);
}

/// The same in numbers, with what the bound of rung 4 was derived from.
std::string figures_table(const std::vector<Line>& lines) {
  Table table(
      "Worst value over bound. T is the bound of the rounding where it was worst; roundings is the longest chain "
      "of them that it counts, both sides together.",
      {{"Region"},
       {"Parameters", true},
       {"Algebra", true},
       {"Rounding", true},
       {"T", true},
       {"Roundings", true},
       {"Values", true}});
  for (const Line& line : lines) {
    std::vector<std::string> cells = {code(line.label)};
    for (std::size_t s = 0; s < kSeries.size(); ++s)
      cells.push_back(line.present[s] ? figure(line.ratios[s]) : std::string());
    if (line.rounding != nullptr) {
      cells.push_back(figure(line.rounding->worst.bound));
      cells.push_back(grouped(line.rounding->roundings));
      cells.push_back(grouped(line.rounding->compared));
    }
    table.row(cells);
  }
  return "<details><summary>The same in numbers</summary>\n" + table.markup() + "</details>\n";
}

std::string legend() {
  std::string out;
  for (std::size_t s = 0; s < kSeries.size(); ++s)
    out += fmt::format("<li><svg aria-hidden=\"true\">{}</svg>{}</li>", mark(s, "6", 6, false), kSeries[s].name);
  return "<ul class=\"legend\">" + out + "</ul>\n";
}

std::string bars(const std::string& title, const RatioHistogram& histogram) {
  std::int64_t most = 0;
  std::int64_t all = 0;
  for (const std::int64_t count : histogram.counts) {
    most = std::max(most, count);
    all += count;
  }
  if (all == 0) return {};
  constexpr double kHeight = 108;
  constexpr auto kBins = static_cast<int>(RatioHistogram::kBins);
  std::string out;
  for (int bin = 0; bin < kBins; ++bin) {
    const auto count = static_cast<double>(histogram.counts[static_cast<std::size_t>(bin)]);
    if (count == 0) continue;
    const double height = kHeight * std::log1p(count) / std::log1p(static_cast<double>(most));
    out +=
        fmt::format("<rect x=\"{:.2f}%\" width=\"{:.2f}%\" y=\"{:.1f}\" height=\"{:.1f}\"><title>{}: {}</title></rect>",
                    100.0 * bin / kBins + 0.3, 100.0 / kBins - 0.6, kHeight - height + 1, height,
                    bin == 0 ? "exactly 0" : fmt::format("up to 2^{}", bin - kBins + 1), grouped(std::llround(count)));
  }
  out += fmt::format("<line class=\"bound\" x1=\"0\" x2=\"100%\" y1=\"{0}\" y2=\"{0}\"/>", kHeight + 1);
  const auto label = [&](double bin, const char* anchor, const char* text) {
    out += fmt::format("<text x=\"{:.2f}%\" y=\"128\" text-anchor=\"{}\">{}</text>", 100 * bin / kBins, anchor, text);
  };
  label(0, "start", "0");
  for (const int power : {-24, -16, -8})
    label(kBins + power, "middle", fmt::format("2<tspan dy=\"-4\" font-size=\"9\">−{}</tspan>", -power).c_str());
  label(kBins, "end", "bound");
  return fmt::format(
      "<figure><figcaption><strong>{0}</strong> <span class=\"muted\">{1} values, {2} exactly equal</span></figcaption>"
      "<svg role=\"img\" aria-label=\"{0}: {1} values, {2} exactly equal\">{3}</svg></figure>\n",
      title, grouped(all), grouped(histogram.counts[0]), out);
}

RatioHistogram sum_of(const RungReport& rung) {
  RatioHistogram sum;
  for (const LayerFigures& region : rung.layers)
    for (std::size_t bin = 0; bin < RatioHistogram::kBins; ++bin) sum.counts[bin] += region.ratios.counts[bin];
  return sum;
}

}  // namespace

std::string bounds(const HtmlSubject& subject) {
  if (subject.verdict == nullptr) return {};
  const std::vector<Line> lines = lines_of(*subject.verdict);
  if (lines.empty()) return {};
  const Axis axis = axis_for(lines);
  std::string plot = scale(axis);
  for (const Line& line : lines) plot += drawn(line, axis);
  return section(
      "bounds", "Error against bound",
      paragraph("The worst value of each region as a share of what rounding alone can cause, on a "
                "logarithmic scale. Right of the line would be a mistake. Parameters stand just left of it by "
                "nature: among many values rounded once, some are nearly half a unit off.") +
          legend() + "<div class=\"plot\">\n" + plot + scale(axis) + "</div>\n" + figures_table(lines));
}

std::string histograms(const HtmlSubject& subject) {
  if (subject.verdict == nullptr) return {};
  std::string out;
  for (const Series& series : kSeries) out += bars(title_of(series.rung), sum_of(subject.verdict->rung(series.rung)));
  out += bars(title_of(Rung::kEndToEnd), totals(*subject.verdict).ratios);
  if (out.empty()) return {};
  return section("errors", "All errors",
                 paragraph("Every value compared, by its share of the bound: each bar is a factor of two, heights are "
                           "logarithmic.") +
                     "<div class=\"bars\">\n" + out + "</div>\n");
}

}  // namespace pleat::html
