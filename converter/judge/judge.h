#pragma once

#include <string>
#include <string_view>

namespace pleat {

/// What the official checker and shape inference of ONNX say of a model.
struct Judgement {
  enum class Verdict {
    kAccepted,
    kRejected,
    kNotJudged,  ///< beyond what the installed libonnx knows (its newest opset or IR version), or it is not installed
  };

  Verdict verdict = Verdict::kNotJudged;
  std::string reason;  ///< empty where accepted

  bool rejected() const { return verdict == Verdict::kRejected; }
};

/// Runs the checker, then strict shape inference, and compares the inferred types of the outputs with the declared
/// ones. The libraries are loaded at the first call, which takes some tens of milliseconds. Any thread may call.
Judgement judge(std::string_view serialized_model);

/// The same for a model in a file, external data beside it included; holds one copy of it in memory.
Judgement judge_file(const std::string& path);

}  // namespace pleat
