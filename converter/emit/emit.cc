#include "converter/emit/emit.h"

#include <fmt/core.h>

#include "converter/judge/judge.h"
#include "runtime/base/files.h"
#include "runtime/onnx/metadata_entry.h"

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

/// Judges a written model and gives it its name if it is accepted.
Result<Emitted> judge_and_commit(PendingModel pending, const std::string& path) {
  const Judgement judgement = judge_file(pending.temporary_path());
  if (judgement.rejected())
    return fail(Error::invalid("ONNX's checker rejects what would have been written; nothing was")
                    .at(path)
                    .saw(judgement.reason)
                    .fix("check the source model with onnx.checker; if that accepts it, please report this"));
  const bool judged = judgement.verdict == Judgement::Verdict::kAccepted;
  Emitted emitted{pending.bytes(), judged,
                  judged ? "accepted by ONNX's checker and shape inference" : "not judged: " + judgement.reason};
  PLEAT_TRY(std::move(pending).commit());
  return emitted;
}

Status check_proof(const Evidence& evidence, Unproved unproved, const std::string& path) {
  if (!evidence.verdict && unproved == Unproved::kAllowed) return {};
  if (evidence.verdict && evidence.verdict->passed) return {};
  const RungReport* failure = evidence.verdict ? evidence.verdict->failure() : nullptr;
  return fail(Error::check_failed("the fold is not proved equal; nothing was written")
                  .at(path)
                  .saw(failure != nullptr ? failure_text(*failure) : "no rung was run")
                  .fix("please report this: a correct fold always passes"));
}

/// The certificate that the model brought along, if it speaks of a model with this hash.
std::optional<Certificate> still_valid(const std::string* text, const FileHash& folded) {
  if (text == nullptr) return std::nullopt;
  auto certificate = parse_certificate(*text);
  if (!certificate || certificate->folded.sha256 != folded.sha256) return std::nullopt;
  return std::move(*certificate);
}

}  // namespace

Result<Emitted> emit(const Model& model, const std::string& path, const WriteOptions& options) {
  PLEAT_ASSIGN(PendingModel pending, PendingModel::write(model, path, options));
  return judge_and_commit(std::move(pending), path);
}

Result<Emitted> emit_proved(Model folded, const Evidence& evidence, const std::string& path,
                            const WriteOptions& options, Unproved unproved) {
  PLEAT_TRY(check_proof(evidence, unproved, path));
  const std::string* old = folded.metadata(kCertificateKey);
  const std::optional<std::string> brought = old == nullptr ? std::nullopt : std::optional(*old);
  strip_certificate(folded);
  if (!evidence.verdict) folded.set_metadata(kVerifiedKey, "false");
  PLEAT_ASSIGN(PendingModel pending, PendingModel::write(folded, path, options));
  PLEAT_ASSIGN(const FileHash hash, hash_file(pending.temporary_path()));
  auto certificate = still_valid(brought ? &*brought : nullptr, hash);
  if (!certificate)
    certificate = make_certificate(evidence, hash, pending.bytes() > hash.bytes, hash_constants(folded));
  folded = {};
  const std::string entry = encode_metadata_entry(kCertificateKey, certificate->text);
  PLEAT_TRY(append_to_file(pending.temporary_path(), entry));
  PLEAT_ASSIGN(Emitted emitted, judge_and_commit(std::move(pending), path));
  emitted.bytes += entry.size();
  emitted.certificate = std::move(*certificate);
  return emitted;
}

}  // namespace pleat
