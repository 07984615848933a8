#pragma once

#include <cstddef>
#include <string>

#include "converter/verify/verify.h"

namespace pleat {

struct Emitted {
  std::size_t bytes = 0;
  bool judged = false;    ///< false: beyond what the installed libonnx can judge
  std::string judgement;  ///< one phrase for people
};

/// Writes `model` to `path` after ONNX's own checker and shape inference accepted the very bytes. A rejected model
/// leaves no file: kInvalid.
Result<Emitted> emit(const Model& model, const std::string& path);

/// The same for a folded model, only if its proof holds; else nothing is written and kCheckFailed names the rung, the
/// node and the channel.
Result<Emitted> emit_proved(const VerifiedFold& fold, const std::string& path);

}  // namespace pleat
