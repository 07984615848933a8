#include "models/train/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "runtime/base/markup.h"

namespace pleat {
namespace {

constexpr int kWidth = 720;
constexpr int kHeight = 640;
constexpr double kLeft = 72;
constexpr double kRight = 572;  // the legend stands to the right of it
constexpr const char* kTrainColor = "#1f6fb4";
constexpr const char* kTestColor = "#d9661f";

struct Curve {
  std::string_view name;
  const char* color;
  double EpochReport::*value;
};

struct Panel {
  std::string_view label;
  double top;
  double bottom;
  double low;   // of the axis
  double high;  // likewise
  double step;  // between ticks
  std::array<Curve, 2> curves;
};

/// The smallest of 1, 2, 5 times a power of ten that cuts `range` into at most `most` steps.
double nice_step(double range, int most) {
  const double least = range / most;
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

/// Sets the axis so that it holds every finite value and begins and ends on a tick.
void fit_axis(Panel& panel, std::span<const EpochReport> history, double floor, double ceiling) {
  double low = INFINITY, high = -INFINITY;
  for (const EpochReport& report : history) {
    for (const Curve& curve : panel.curves) {
      const double value = report.*curve.value;
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (!(low <= high)) low = 0, high = 1;
  if (high - low < 0.01) low -= 0.005, high += 0.005;
  panel.step = nice_step(high - low, 6);
  panel.low = std::max(floor, std::floor(low / panel.step + 1e-9) * panel.step);
  panel.high = std::min(ceiling, std::ceil(high / panel.step - 1e-9) * panel.step);
}

double x_of(double epoch, std::size_t epochs) {
  return epochs < 2 ? (kLeft + kRight) / 2 : kLeft + (kRight - kLeft) * (epoch - 1) / static_cast<double>(epochs - 1);
}

double y_of(const Panel& panel, double value) {
  return panel.bottom - (panel.bottom - panel.top) * (value - panel.low) / (panel.high - panel.low);
}

void draw_axes(std::string& svg, const Panel& panel, std::size_t epochs) {
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(panel.step) - 1e-9)));
  const auto ticks = static_cast<int>(std::lround(std::floor((panel.high - panel.low) / panel.step + 1e-6)));
  for (int i = 0; i <= ticks; ++i) {
    const double value = panel.low + i * panel.step;
    const double y = y_of(panel, value);
    svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>\n", kLeft, y, kRight);
    svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{:.{}f}</text>\n", kLeft - 8,
                       y + 4, value, decimals);
  }
  const auto every = std::max<std::size_t>(1, static_cast<std::size_t>(nice_step(static_cast<double>(epochs), 12)));
  for (std::size_t epoch = 1; epoch <= epochs; ++epoch) {
    if (epoch != 1 && epoch % every != 0) continue;
    const double x = x_of(static_cast<double>(epoch), epochs);
    svg += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}v5\"/>\n", x, panel.bottom);
    svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x,
                       panel.bottom + 19, epoch);
  }
  svg += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}V{:.1f}H{:.1f}\"/>\n", kLeft, panel.top, panel.bottom,
                     kRight);
  svg += fmt::format("<text class=\"label\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", kLeft, panel.top - 12, panel.label);
  svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">epoch</text>\n",
                     (kLeft + kRight) / 2, panel.bottom + 36);
}

void draw_curve(std::string& svg, const Panel& panel, const Curve& curve, double legend_y,
                std::span<const EpochReport> history) {
  std::string path, dots;
  double last = NAN;
  bool pen_down = false;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const double value = history[i].*curve.value;
    if (!std::isfinite(value)) {
      pen_down = false;
      continue;
    }
    const double x = x_of(static_cast<double>(i + 1), history.size());
    const double y = y_of(panel, value);
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", x, y);
    dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x, y, curve.color);
    pen_down = true;
    last = value;
  }
  if (!path.empty()) svg += fmt::format("<path class=\"curve\" stroke=\"{}\" d=\"{}\"/>\n", curve.color, path);
  svg += dots;
  svg += fmt::format("<path class=\"curve\" stroke=\"{}\" d=\"M{:.1f} {:.1f}h20\"/>\n", curve.color, kRight + 20,
                     legend_y);
  const std::string end = std::isfinite(last) ? fmt::format(" {:.3f}", last) : "";
  svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\">{}{}</text>\n", kRight + 46, legend_y + 4,
                     curve.name, end);
}

}  // namespace

std::string training_curves_svg(std::span<const EpochReport> history, std::string_view title) {
  Panel loss{"loss (mean cross-entropy, lower is better)",
             92,
             292,
             0,
             1,
             1,
             {{{"train", kTrainColor, &EpochReport::train_loss}, {"test", kTestColor, &EpochReport::test_loss}}}};
  Panel accuracy{
      "accuracy (share of images classified correctly, higher is better)",
      380,
      580,
      0,
      1,
      1,
      {{{"train", kTrainColor, &EpochReport::train_accuracy}, {"test", kTestColor, &EpochReport::test_accuracy}}}};
  fit_axis(loss, history, 0, INFINITY);
  fit_axis(accuracy, history, 0, 1);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\">\n"
      "<title>{2}</title>\n"
      "<style>text{{font-family:sans-serif;fill:#222}}.title{{font-size:18px;font-weight:bold}}"
      ".label{{font-size:14px}}.tick{{font-size:12px;fill:#555}}.grid{{stroke:#e4e4e4}}"
      ".axis{{stroke:#777;fill:none}}.curve{{fill:none;stroke-width:2}}</style>\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n"
      "<text class=\"title\" x=\"{3:.1f}\" y=\"40\">{2}</text>\n",
      kWidth, kHeight, escape_markup(title), kLeft);
  for (const Panel& panel : {loss, accuracy}) {
    draw_axes(svg, panel, history.size());
    double legend_y = panel.top + 10;
    for (const Curve& curve : panel.curves) {
      draw_curve(svg, panel, curve, legend_y, history);
      legend_y += 22;
    }
  }
  return svg + "</svg>\n";
}

}  // namespace pleat
