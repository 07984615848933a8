#include "converter/judge/emit.h"

#include "converter/judge/judge.h"
#include "runtime/base/files.h"
#include "runtime/onnx/writer.h"

namespace pleat {

Result<Emitted> emit(const Model& model, const std::string& path) {
  PLEAT_ASSIGN(const std::string bytes, serialize(model));
  const Judgement judgement = judge(bytes);
  if (judgement.rejected())
    return fail(Error::internal("ONNX's checker rejects the model that would have been written")
                    .at(path)
                    .saw(judgement.reason)
                    .fix("no file was written; please report this"));
  PLEAT_TRY(write_file(path, bytes));
  const bool judged = judgement.verdict == Judgement::Verdict::kAccepted;
  return Emitted{bytes.size(), judged,
                 judged ? "accepted by ONNX's checker and shape inference" : "not judged: " + judgement.reason};
}

}  // namespace pleat
