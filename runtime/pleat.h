#pragma once

/// Pleat's C++ surface: load an ONNX model, run it one sample at a time. Nothing else of the library is stable.
/// No function throws, prints or ends the process.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#define PLEAT_API __attribute__((visibility("default")))

namespace pleat {

/// How a call went.
struct [[nodiscard]] Outcome {
  /// The value is also the exit code of the program `pleat`.
  enum class Code {
    kOk = 0,
    kUsage = 2,        ///< the call makes no sense
    kInvalid = 3,      ///< the model or the input is malformed
    kUnsupported = 4,  ///< valid, but beyond what this build runs
    kResource = 5,     ///< memory, threads or files ran out
    kInternal = 70,    ///< a bug in Pleat
  };
  Code code = Code::kOk;
  std::string message;  ///< what, where, expected, got and the remedy, in up to four lines; empty if all is well

  bool ok() const { return code == Code::kOk; }
  explicit operator bool() const { return ok(); }
};

struct LoadOptions {
  /// Threads of one run, the caller's included. The result does not depend on it. Default: only the caller's.
  int threads = 1;
  /// Shapes by input name, for sizes the model leaves open. Default: as declared.
  std::map<std::string, std::vector<std::int64_t>> input_shapes;
  /// For every other size the model leaves open, mostly the batch. Default: one sample.
  std::int64_t open_size = 1;
  /// Inner values to hand out after the model's own outputs. Default: none.
  std::vector<std::string> also_output;
  /// Every sum in its one documented order. Default: 3×3 convolutions whose shape gains by it take Winograd's
  /// algorithm, which rounds differently (by about twice as much), though always in the same way.
  bool exact = false;
};

/// An input or output of a model.
struct TensorInfo {
  std::string name;
  std::string type;                 ///< ONNX's name of the element type: "float", "int64", …
  std::vector<std::int64_t> shape;  ///< row-major, outermost first
  std::size_t elements = 0;         ///< product of the shape
  std::size_t bytes = 0;            ///< size of the whole tensor
};

/// A loaded model with the memory of one run. A predictor belongs to one thread at a time; clones share the weights
/// and may run at the same time on other threads.
class PLEAT_API Predictor {
 public:
  Predictor();  ///< holds no model: inputs() and outputs() are empty, run() fails
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  /// Reads the ONNX file at `path` and makes it ready to run. On failure `predictor` is as before.
  static Outcome load(const std::string& path, Predictor& predictor, const LoadOptions& options = {}) noexcept;

  /// The same from `size` bytes in memory, which are copied. External data is refused.
  static Outcome load_bytes(const void* data, std::size_t size, Predictor& predictor,
                            const LoadOptions& options = {}) noexcept;

  /// Gives `other` the same model with memory of its own. Inputs are not copied.
  Outcome clone(Predictor& other) const noexcept;

  const std::vector<TensorInfo>& inputs() const noexcept;
  const std::vector<TensorInfo>& outputs() const noexcept;

  /// Where to write input `index` before run; the predictor owns it and keeps its contents between runs.
  /// Null where there is no such input or, for the typed form, where its elements are not float.
  void* input_data(std::size_t index) noexcept;
  float* input(std::size_t index) noexcept;

  /// Computes the outputs. Allocates nothing; fails only without a model.
  Outcome run() noexcept;

  /// Output `index`, owned by the predictor, valid until the next run. Null as for inputs.
  const void* output_data(std::size_t index) const noexcept;
  const float* output(std::size_t index) const noexcept;

  /// The model's metadata under `key`, or null. Valid as long as the predictor or a clone lives.
  const std::string* metadata(const std::string& key) const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pleat
