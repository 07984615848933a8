#include "converter/emit/emit.h"

#include <fmt/core.h>

#include "converter/judge/judge.h"
#include "runtime/base/files.h"
#include "runtime/onnx/writer.h"

namespace pleat {
namespace {

std::string failure_text(const RungReport& rung) {
  std::string text =
      fmt::format("rung {} ({}) failed: {}", static_cast<int>(rung.rung), rung_name(rung.rung), rung.text);
  if (!rung.first_failure) return text;
  const Finding& finding = *rung.first_failure;
  if (!finding.node.empty()) text += fmt::format("; node '{}'", finding.node);
  if (finding.channel >= 0) text += fmt::format(", channel {}", finding.channel);
  return text;
}

}  // namespace

Result<Emitted> emit(const Model& model, const std::string& path) {
  PLEAT_ASSIGN(const std::string bytes, serialize(model));
  const Judgement judgement = judge(bytes);
  if (judgement.rejected())
    return fail(Error::invalid("ONNX's checker rejects what would have been written; nothing was")
                    .at(path)
                    .saw(judgement.reason)
                    .fix("check the source model with onnx.checker; if that accepts it, please report this"));
  PLEAT_TRY(write_file(path, bytes));
  const bool judged = judgement.verdict == Judgement::Verdict::kAccepted;
  return Emitted{bytes.size(), judged,
                 judged ? "accepted by ONNX's checker and shape inference" : "not judged: " + judgement.reason};
}

Result<Emitted> emit_proved(const VerifiedFold& fold, const std::string& path) {
  if (fold.verdict.passed) return emit(fold.fold.folded, path);
  const RungReport* failure = fold.verdict.failure();
  return fail(Error::check_failed("the fold is not proved equal; nothing was written")
                  .at(path)
                  .saw(failure != nullptr ? failure_text(*failure) : "no rung was run")
                  .fix("please report this: a correct fold always passes"));
}

}  // namespace pleat
