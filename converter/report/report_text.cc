#include <fmt/format.h>

#include "converter/report/figures.h"
#include "converter/report/report.h"

namespace pleat {
namespace {

std::string finding_text(const Finding& finding) {
  std::string out;
  if (!finding.batch_norm.empty()) out += fmt::format("      fold of {} into {}\n", finding.batch_norm, finding.node);
  if (finding.element < 0) return finding.what.empty() ? out : out + "      " + finding.what + "\n";
  out += fmt::format("      {} '{}' element {}", finding.what, finding.tensor, finding.element);
  if (finding.channel >= 0) out += fmt::format(" (channel {})", finding.channel);
  if (!finding.samples.empty()) out += fmt::format(" on samples '{}', batch {}", finding.samples, finding.batch);
  return out +
         fmt::format("\n      unfolded {:.9g}  folded {:.9g}  in double {:.17g}\n      bound {:.3g}  ratio {:.3g}\n",
                     finding.unfolded, finding.folded, finding.reference, finding.bound, finding.ratio);
}

std::string rung_text(const RungReport& rung) {
  std::string out =
      fmt::format("  {} {:<10} {:<7} {}", static_cast<int>(rung.rung), rung_name(rung.rung), outcome(rung), rung.text);
  if (const LayerFigures* worst = worst_region(rung); worst != nullptr && rung.ran)
    out += fmt::format(" (worst: {} of its bound, {})", short_number(worst->worst.ratio),
                       worst->node.empty() ? worst->batch_norm : worst->node);
  out += "\n";
  if (rung.first_failure) out += finding_text(*rung.first_failure);
  return out;
}

std::string output_text(const OutputFigures& figures) {
  return fmt::format(
      "  {} on {}: differs by {} (mean {}, {} ulp); from the true value: unfolded {}, folded {}, allowed {} "
      "(T {}, σ {}); argmax {} of {}\n",
      figures.output, figures.samples, short_number(figures.max_abs_difference),
      short_number(figures.mean_abs_difference), short_number(figures.max_ulp_difference),
      short_number(figures.unfolded_error), short_number(figures.folded_error), short_number(figures.allowed),
      short_number(figures.last_bound), short_number(figures.noise), figures.argmax_agree, figures.rows);
}

std::string margin_text(const DecisionMargin& margin) {
  return fmt::format("  {} decides {}: {} otherwise than before, {} closer than {}, {} unexplained\n", margin.node,
                     counted(margin.decisions, "time"), margin.flipped, margin.close, short_number(margin.tolerance),
                     margin.unexplained);
}

std::string confusion_text(const Confusion& confusion) {
  const std::size_t classes = confusion.names.size();
  std::int64_t rows = 0;
  std::int64_t right_before = 0;
  std::int64_t right_after = 0;
  std::int64_t moved = 0;
  for (std::size_t i = 0; i < confusion.unfolded.size() && i < confusion.folded.size(); ++i) {
    rows += confusion.unfolded[i];
    moved += confusion.unfolded[i] != confusion.folded[i] ? 1 : 0;
    if (classes == 0 || i / classes != i % classes) continue;
    right_before += confusion.unfolded[i];
    right_after += confusion.folded[i];
  }
  return fmt::format("  {} on {}: right {} of {} unfolded, {} folded; {} of the confusion matrix differ\n",
                     confusion.output, confusion.samples, right_before, rows, right_after, counted(moved, "cell"));
}

std::string entry_text(const FoldMap& map, const FoldEntry& entry) {
  std::string out = "  " + full_name(entry);
  if (entry.written_out) out += " (written out)";
  if (entry.folded)
    out += fmt::format(": folded into {} [{}]", destination(map, entry), entry.code);
  else
    out += fmt::format(": kept{} [{}] {}", entry.decomposed ? " as Mul and Add" : "", entry.code, entry.reason);
  if (!entry.remedy.empty()) out += "; remedy: " + entry.remedy;
  if (const std::string remarks = channel_remarks(entry.facts); !remarks.empty()) out += "; " + remarks;
  return out + "\n";
}

}  // namespace

std::string to_text(const Verdict& verdict) {
  std::string out;
  for (const SampleRecord& record : verdict.samples) {
    out += out.empty() ? "  samples: " : ", ";
    out += fmt::format("{} {}", record.samples, record.name);
    if (record.seed != 0) out += fmt::format(" (seed {})", record.seed);
  }
  if (!out.empty())
    out += fmt::format("; {}{}\n", counted(verdict.threads, "thread"), verdict.isa.empty() ? "" : ", " + verdict.isa);
  if (!verdict.layers_checked) out += "  end to end only: the models do not map region by region\n";
  for (const RungReport& rung : verdict.rungs) out += rung_text(rung);
  for (const OutputFigures& figures : verdict.outputs) out += output_text(figures);
  for (const DecisionMargin& margin : verdict.margins) out += margin_text(margin);
  for (const Confusion& confusion : verdict.confusions) out += confusion_text(confusion);
  for (const Coverage& coverage : verdict.coverage)
    if (!coverage.never_alive.empty())
      out += fmt::format("  {}: {} of {} never changed over the samples\n", coverage.batch_norm,
                         coverage.never_alive.size(), counted(coverage.channels, "channel"));
  return out + summary(verdict) + "\n";
}

std::string to_text(const FoldMap& map) {
  std::string out;
  for (const std::string& warning : map.warnings) out += "  WARNING: " + warning + "\n";
  if (!map.inlined.empty()) out += "  functions replaced by their bodies: " + joined(map.inlined) + "\n";
  for (const FoldEntry& entry : map.entries) out += entry_text(map, entry);
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
