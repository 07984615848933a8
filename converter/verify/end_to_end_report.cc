#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "converter/verify/end_to_end_comparison.h"

namespace pleat {

void EndToEnd::Comparison::judge_figures(RungReport& report) const {
  for (const std::string& set : sets_) {
    const std::vector<ValueFigures>& all = figures_.at(set);
    for (std::size_t i = 0; i < all.size() && !report.first_failure; ++i) {
      if (!all[i].exceeds()) continue;
      const OutputFigures& figures = all[i].figures();
      Finding failure = all[i].worst();
      failure.what = checkpoints_[i].output ? "network output" : "input of a decision";
      failure.bound = figures.allowed;
      failure.ratio = figures.allowed > 0 ? figures.folded_error / figures.allowed : HUGE_VAL;
      report.first_failure = std::move(failure);
    }
  }
}

void EndToEnd::Comparison::judge_margins(RungReport& report) const {
  for (const DecisionMargin& margin : margins_) {
    if (margin.unexplained == 0 || report.first_failure) continue;
    Finding failure;
    failure.what = fmt::format("{} decisions differ though their margin is above the tolerance", margin.unexplained);
    failure.node = margin.node;
    failure.tensor = margin.output;
    failure.bound = margin.tolerance;
    failure.ratio = HUGE_VAL;
    report.first_failure = std::move(failure);
  }
}

void EndToEnd::Comparison::judge_plainly(RungReport& report) const {
  for (const std::string& set : sets_)
    for (const ValueFigures& figures : figures_.at(set))
      if (figures.plain_failure() && !report.first_failure) {
        report.first_failure = figures.plain_failure();
        const PlainTolerance& plain = *options_.plain;
        Finding& failure = *report.first_failure;
        failure.bound = plain.atol + plain.rtol * std::fabs(failure.unfolded);
        failure.ratio = failure.bound > 0 ? std::fabs(failure.folded - failure.unfolded) / failure.bound : HUGE_VAL;
      }
}

RungReport EndToEnd::Comparison::end_to_end_report() const {
  RungReport report;
  report.rung = Rung::kEndToEnd;
  report.ran = !sets_.empty();
  double difference = 0;
  std::int64_t flipped = 0;
  for (const std::string& set : sets_)
    for (const ValueFigures& figures : figures_.at(set))
      difference = std::max(difference, figures.figures().max_abs_difference);
  for (const DecisionMargin& margin : margins_) flipped += margin.flipped;
  if (options_.plain) {
    judge_plainly(report);
  } else {
    judge_figures(report);
    judge_margins(report);
  }
  report.passed = report.ran && !report.first_failure;
  if (!report.ran) {
    report.text = "there are no samples";
    return report;
  }
  report.text = fmt::format("largest difference {:.3g}; ", difference);
  if (options_.plain)
    report.text += fmt::format("{} the given tolerance (rtol {:g}, atol {:g}{})",
                               report.passed ? "all outputs are within" : "an output is beyond", options_.plain->rtol,
                               options_.plain->atol,
                               options_.plain->max_ulp >= 0 ? fmt::format(", {} ulp", options_.plain->max_ulp) : "");
  else
    report.text += report.passed ? "the folded network is as close to the true function as the unfolded one"
                                 : "the folded network is further from the true function than rounding explains";
  if (flipped > 0) report.text += fmt::format("; {} decisions came out otherwise", flipped);
  return report;
}

RungReport EndToEnd::Comparison::classes_report() const {
  RungReport report;
  report.rung = Rung::kClasses;
  report.ran = !sets_.empty();
  std::int64_t overflows = 0, mismatches = 0;
  for (const std::string& set : sets_)
    for (const ValueFigures& figures : figures_.at(set)) {
      overflows += figures.overflow_order();
      mismatches += figures.figures().class_mismatches;
      if (!report.first_failure) report.first_failure = figures.class_failure();
    }
  if (options_.plain) report.first_failure.reset();
  report.passed = report.ran && !report.first_failure;
  if (!report.ran)
    report.text = "there are no samples";
  else if (options_.plain)
    report.text = fmt::format("{} NaN or infinity on one side only: judged by the given tolerance", mismatches);
  else if (report.passed)
    report.text = "NaN and infinity stand in the same places";
  else
    report.text = fmt::format("{} values are NaN, infinite or another whole number in one network only", mismatches);
  if (overflows > 0) report.text += fmt::format("; {} overflow in another order, finite in double", overflows);
  return report;
}

void EndToEnd::Comparison::fill(Verdict& verdict) const {
  verdict.outputs.clear();
  for (const std::string& set : sets_)
    for (std::size_t i = 0; i < checkpoints_.size(); ++i)
      if (checkpoints_[i].output) verdict.outputs.push_back(figures_.at(set)[i].figures());
  verdict.margins = margins_;
  verdict.confusions = confusions_.confusions();
  verdict.stored = stored_;
}

}  // namespace pleat
