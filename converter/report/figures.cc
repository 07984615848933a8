#include "converter/report/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pleat {
namespace {

std::string channels_text(const char* what, const std::vector<std::int64_t>& channels) {
  if (channels.empty()) return {};
  constexpr std::size_t kShown = 8;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(kShown, channels.size()));
  return fmt::format("{} {} {} ({}{})", channels.size(), what, channels.size() == 1 ? "channel" : "channels",
                     fmt::join(channels.begin(), channels.begin() + shown, ", "),
                     channels.size() > kShown ? ", …" : "");
}

}  // namespace

const LayerFigures* worst_region(const RungReport& rung) {
  const LayerFigures* worst = nullptr;
  // A ratio that is not a number is worse than any.
  for (const LayerFigures& region : rung.layers)
    if (worst == nullptr || std::isnan(region.worst.ratio) || region.worst.ratio > worst->worst.ratio) worst = &region;
  return worst;
}

Totals totals(const Verdict& verdict) {
  Totals sum;
  for (const OutputFigures& figures : verdict.outputs) {
    sum.rows += figures.rows;
    sum.argmax_agree += figures.argmax_agree;
    sum.class_mismatches += figures.class_mismatches;
    if (std::isnan(figures.max_abs_difference) || figures.max_abs_difference > sum.max_abs_difference)
      sum.max_abs_difference = figures.max_abs_difference;
    for (std::size_t bin = 0; bin < RatioHistogram::kBins; ++bin) sum.ratios.counts[bin] += figures.ratios.counts[bin];
  }
  return sum;
}

const char* outcome(const RungReport& rung) {
  if (rung.ran) return rung.passed ? "ok" : "FAILED";
  return rung.excused ? "excused" : "not run";
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return out;
}

std::string full_name(const FoldEntry& entry) {
  return entry.graph.empty() ? entry.batch_norm : entry.graph + "/" + entry.batch_norm;
}

std::string destination(const FoldMap& map, const FoldEntry& entry) {
  const FoldEntry* with = &entry;
  // Each step leads to a later one, so this ends; a map that goes in circles must not hang a report.
  for (std::size_t steps = 0; with->targets.empty() && !with->into.empty() && steps < map.entries.size(); ++steps) {
    const auto later = std::find_if(map.entries.begin(), map.entries.end(), [&](const FoldEntry& other) {
      return other.graph == entry.graph && other.output == with->into;
    });
    if (later == map.entries.end()) break;
    with = &*later;
  }
  std::string out = joined(with->targets);
  if (with != &entry) out += fmt::format("{}together with {}", out.empty() ? "" : ", ", with->batch_norm);
  return out.empty() ? entry.output : out;
}

std::string channel_remarks(const ChannelFacts& facts) {
  std::string out;
  const auto add = [&out](const std::string& remark) {
    if (!remark.empty()) out += (out.empty() ? "" : "; ") + remark;
  };
  add(channels_text("dead", facts.dead));
  add(channels_text("amplifying", facts.amplifying));
  add(channels_text("negative-variance", facts.negative_variance));
  if (facts.flushed > 0) add(counted(facts.flushed, "subnormal value") + " set to 0");
  return out;
}

std::string short_number(double value) { return fmt::format("{:.3g}", value); }

std::string counted(std::int64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string summary(const Verdict& verdict) {
  if (!verdict.passed) {
    const RungReport* failure = verdict.failure();
    if (failure == nullptr) return "NOT verified";
    return fmt::format("NOT verified: rung {} ({}) does not hold", static_cast<int>(failure->rung),
                       rung_name(failure->rung));
  }
  std::string out = "verified: the same function";
  if (!verdict.layers_checked) out += " end to end";
  if (const LayerFigures* worst = worst_region(verdict.rung(Rung::kRounding)); worst != nullptr)
    out += fmt::format("; rounding uses at most {} % of its bound", short_number(100 * worst->worst.ratio));
  const RungReport& end = verdict.rung(Rung::kEndToEnd);
  if (!end.ran) return out + "; end to end was not run: " + end.text;
  const Totals sum = totals(verdict);
  return out + fmt::format("; outputs differ by at most {}, argmax agrees on {} of {}",
                           short_number(sum.max_abs_difference), sum.argmax_agree, counted(sum.rows, "row"));
}

}  // namespace pleat
