#include <fmt/format.h>

#include <algorithm>

#include "converter/fold/reasons.h"
#include "converter/verify/report.h"

namespace pleat {
namespace {

double worst_ratio(const RungReport& report) {
  double worst = 0;
  for (const LayerFigures& figures : report.layers) worst = std::max(worst, figures.worst.ratio);
  return worst;
}

std::string finding_text(const Finding& finding) {
  std::string out;
  if (!finding.batch_norm.empty()) out += fmt::format("    fold of {} into {}\n", finding.batch_norm, finding.node);
  if (finding.element < 0) return out;
  out += fmt::format("    {} '{}' element {}", finding.what, finding.tensor, finding.element);
  if (finding.channel >= 0) out += fmt::format(" (channel {})", finding.channel);
  if (!finding.samples.empty()) out += fmt::format(" on samples '{}', batch {}", finding.samples, finding.batch);
  return out + fmt::format("\n    unfolded {:.9g}  folded {:.9g}  in double {:.17g}\n    bound {:.3g}  ratio {:.3g}\n",
                           finding.unfolded, finding.folded, finding.reference, finding.bound, finding.ratio);
}

/// The one line to remember.
std::string summary(const Verdict& verdict) {
  if (!verdict.passed) return "NOT verified";
  std::int64_t agree = 0;
  std::int64_t rows = 0;
  double difference = 0;
  for (const OutputFigures& figures : verdict.outputs) {
    agree += figures.argmax_agree;
    rows += figures.rows;
    difference = std::max(difference, figures.max_abs_difference);
  }
  return fmt::format(
      "verified: the same function{}; outputs differ by at most {:.3g}, rounding uses {:.0f} % of its bound, argmax "
      "agrees on {} of {} samples",
      verdict.layers_checked ? "" : " end to end", difference, 100 * worst_ratio(verdict.rung(Rung::kRounding)), agree,
      rows);
}

std::string channels_text(const char* what, const std::vector<std::int64_t>& channels) {
  if (channels.empty()) return {};
  constexpr std::size_t kShown = 8;
  const std::size_t shown = std::min(kShown, channels.size());
  return fmt::format("      {} channels: {}{}\n", what,
                     fmt::join(channels.begin(), channels.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                     channels.size() > shown ? fmt::format(" and {} more", channels.size() - shown) : "");
}

}  // namespace

std::string to_text(const Verdict& verdict) {
  std::string out;
  if (!verdict.layers_checked) out += "  end to end only: the models do not map layer by layer\n";
  for (const RungReport& rung : verdict.rungs) {
    out += fmt::format("  {} {:<10} {:<7} {}", static_cast<int>(rung.rung), rung_name(rung.rung),
                       !rung.ran     ? "not run"
                       : rung.passed ? "ok"
                                     : "FAILED",
                       rung.text);
    if (rung.ran && !rung.layers.empty()) out += fmt::format(" (worst ratio {:.3g})", worst_ratio(rung));
    out += "\n";
    if (rung.first_failure) out += finding_text(*rung.first_failure);
  }
  for (const OutputFigures& figures : verdict.outputs)
    out += fmt::format("  {} on {}: difference {:.3g}, error {:.3g} folded, {:.3g} unfolded, argmax {}/{}\n",
                       figures.output, figures.samples, figures.max_abs_difference, figures.folded_error,
                       figures.unfolded_error, figures.argmax_agree, figures.rows);
  return out + summary(verdict) + "\n";
}

std::string to_text(const FoldMap& map) {
  std::string out;
  for (const FoldEntry& entry : map.entries) {
    out += fmt::format("  {}{}: {} [{}] {}\n", entry.graph.empty() ? "" : entry.graph + "/", entry.batch_norm,
                       entry.folded ? "folded" : "kept", entry.code, entry.reason);
    if (const Reason* reason = find_reason(entry.code); reason != nullptr && !entry.folded)
      out += fmt::format("      why: {}\n", reason->summary);
    if (!entry.remedy.empty()) out += fmt::format("      remedy: {}\n", entry.remedy);
    out += channels_text("dead", entry.facts.dead);
    out += channels_text("amplifying", entry.facts.amplifying);
    out += channels_text("negative-variance", entry.facts.negative_variance);
    if (entry.facts.flushed > 0) out += fmt::format("      {} subnormal values set to 0\n", entry.facts.flushed);
  }
  return out + fmt::format("  {} folded, {} kept\n", map.folded(), map.kept());
}

std::string to_text(const SelfTestReport& report) {
  std::string out = fmt::format("the right fold {}\n", report.right_fold_passes ? "passes" : "DOES NOT PASS");
  for (const MutationResult& result : report.mutations) {
    out += fmt::format("  {:<30} ", result.name);
    if (!result.applicable) {
      out += "not applicable\n";
      continue;
    }
    out += fmt::format("{} by {} (ratios: parameters {:.2g}, algebra {:.2g}, rounding {:.2g})\n",
                       result.caught ? "caught" : "NOT CAUGHT", rung_name(result.rung), result.parameters_ratio,
                       result.algebra_ratio, result.rounding_ratio);
  }
  return out;
}

}  // namespace pleat
