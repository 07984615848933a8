#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "converter/report/certificate.h"
#include "runtime/onnx/write_model.h"

namespace pleat {

struct Emitted {
  std::uint64_t bytes = 0;  ///< of all files
  bool judged = false;      ///< false: beyond what the installed libonnx can judge
  std::string judgement;    ///< one phrase for people
  std::optional<Certificate> certificate = {};
};

/// Writes `model` to `path` after ONNX's own checker and shape inference accepted the very file. A rejected model
/// leaves no file: kInvalid.
Result<Emitted> emit(const Model& model, const std::string& path, const WriteOptions& options = {});

enum class Unproved { kRefused, kAllowed };

/// The same for a folded model, with its certificate in the file. Only if its proof holds; else nothing is written and
/// kCheckFailed names the rung, the node and the channel. With kAllowed a fold without any proof is written too, and
/// marked as such; one whose proof failed never is. `folded` is let go before the file is judged, so that memory does
/// not hold the weights twice. A model that is byte for byte what its own certificate speaks of keeps that certificate:
/// folding a folded file gives it again.
Result<Emitted> emit_proved(Model folded, const Evidence& evidence, const std::string& path,
                            const WriteOptions& options = {}, Unproved unproved = Unproved::kRefused);

}  // namespace pleat
