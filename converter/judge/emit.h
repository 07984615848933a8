#pragma once

#include <cstddef>
#include <string>

#include "runtime/base/result.h"
#include "runtime/graph/model.h"

namespace pleat {

struct Emitted {
  std::size_t bytes = 0;
  bool judged = false;    ///< false: beyond what the installed libonnx can judge
  std::string judgement;  ///< one phrase for people
};

/// Writes `model` to `path` after ONNX's own checker and shape inference accepted the very bytes. A rejected model
/// leaves no file and is our mistake: kInternal.
Result<Emitted> emit(const Model& model, const std::string& path);

}  // namespace pleat
