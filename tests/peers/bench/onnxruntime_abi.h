// The few functions of ONNX Runtime's C interface that a contest needs. The interface is one table of functions that
// only ever grows at its end, so a function is known by its position; no header of the project is needed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace onnxruntime {

extern "C" {
struct OrtApiBase {
  const void* const* (*table)(std::uint32_t version);
  const char* (*version)();
};
const OrtApiBase* OrtGetApiBase();
}

/// Objects of the interface. A function that can fail returns a Status, null if all is well.
using Object = void*;
using Status = void*;

constexpr std::uint32_t kVersion = 17;
constexpr int kErrorsOnly = 3;
constexpr int kAllOptimizations = 99;
constexpr int kFloat = 1;

enum Position {
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kCreateSession = 7,
  kCreateSessionOptions = 10,
  kSetGraphOptimizationLevel = 23,
  kSetIntraOpThreads = 24,
  kSetInterOpThreads = 25,
  kCreateRunOptions = 39,
  kCreateTensorWithData = 49,
  kCreateCpuMemoryInfo = 69,
  kAddSessionConfigEntry = 130,
  kRunWithBinding = 133,
  kCreateIoBinding = 134,
  kBindInput = 136,
  kBindOutput = 137,
};

class Api {
 public:
  Api() : table_(OrtGetApiBase()->table(kVersion)) {}

  template <class Result = Status, class... Arguments>
  Result call(Position position, Arguments... arguments) const {
    return reinterpret_cast<Result (*)(Arguments...)>(const_cast<void*>(table_[position]))(arguments...);
  }
  const char* message(Status status) const { return call<const char*>(kGetErrorMessage, status); }
  static const char* version() { return OrtGetApiBase()->version(); }

 private:
  const void* const* table_;
};

}  // namespace onnxruntime
