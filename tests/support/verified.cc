#include "tests/support/verified.h"

#include <fmt/format.h>

#include "converter/verify/self_test.h"
#include "converter/verify/verify.h"

namespace pleat {
namespace {

VerifyOptions like(const FoldOptions& options) {
  VerifyOptions made;
  made.freeze_inputs = options.freeze_inputs;
  made.assume_inference = options.assume_inference;
  return made;
}

/// Two of each kind; none for a network that cannot be run here as a whole, whose regions are proven nonetheless.
Result<std::vector<SampleSet>> few(const Model& model, const FoldOptions& options) {
  GeneratedSamples how;
  how.samples = 2;
  PLEAT_ASSIGN(const Model compared, as_compared(model, like(options)));
  auto samples = generated_samples(compared, how);
  if (!samples && samples.error().code == ErrorCode::kUnsupported) return std::vector<SampleSet>();
  return samples;
}

std::string told(const RungReport& rung) {
  std::string text = fmt::format("{}: {}", rung_name(rung.rung), rung.text);
  if (!rung.first_failure) return text;
  const Finding& f = *rung.first_failure;
  return text + fmt::format(" [{} {} {} element {}: {} and {}, in double {}, bound {}, ratio {}]", f.what, f.node,
                            f.tensor, f.element, f.unfolded, f.folded, f.reference, f.bound, f.ratio);
}

}  // namespace

std::string false_alarm(const Model& model, const FoldOptions& options) {
  const auto samples = few(model, options);
  if (!samples) return "no samples: " + samples.error().text();
  const auto verified = fold_and_verify(model, options, *samples, like(options));
  if (!verified) return "nothing could be judged: " + verified.error().text();
  if (verified->verdict.passed) return {};
  const RungReport* rung = verified->verdict.failure();
  return rung == nullptr ? "it did not pass, but no rung says why" : told(*rung);
}

std::string missed_mistakes(const Model& model, const FoldOptions& options, PlantedMistakes* planted) {
  const auto folded = fold(model, options);
  const auto samples = few(model, options);
  if (!folded || !samples) return "it cannot be folded or fed";
  if (folded->map.folded() == 0) return {};
  const auto report = self_test(model, *folded, *samples, like(options), options);
  if (!report) return "the self-test failed: " + report.error().text();
  std::string missed = report->right_fold_passes ? "" : "the right fold does not pass; ";
  for (const MutationResult& mutation : report->mutations) {
    if (planted != nullptr && mutation.applicable) ++planted->applicable;
    if (planted != nullptr && mutation.applicable && mutation.caught) ++planted->caught;
    if (mutation.applicable && !mutation.caught)
      missed += fmt::format("'{}' of {} was missed; ", mutation.name, mutation.batch_norm);
  }
  return missed;
}

}  // namespace pleat
