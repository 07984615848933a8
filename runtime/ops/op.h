#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/thread_pool.h"
#include "runtime/graph/model.h"
#include "runtime/tensor/tensor.h"

namespace pleat {

/// What planning knows of a value: its type and shape, and its elements where they do not depend on the input.
/// An omitted optional input or output has dtype kUndefined.
struct Fact {
  DType dtype = DType::kUndefined;
  Shape shape;
  std::optional<Tensor> constant;

  bool present() const { return dtype != DType::kUndefined; }
  static Fact of(const Tensor& tensor) { return {tensor.dtype(), tensor.shape(), tensor}; }
};

struct RunContext {
  std::span<const TensorView> inputs;
  std::span<const MutableTensorView> outputs;
  std::byte* scratch = nullptr;  ///< scratch_bytes() bytes, 64-byte aligned, contents undefined
  ThreadPool* pool = nullptr;    ///< never null
};

/// One node made ready to run on inputs of fixed types and shapes. Built by planning in the order
/// make → infer → prepare, then const and shareable; `run` may be called by several threads at once
/// with different contexts.
class Operator {
 public:
  virtual ~Operator() = default;

  /// Types, shapes and, where known, elements of the outputs, or why these inputs are wrong.
  virtual Result<std::vector<Fact>> infer(std::span<const Fact> inputs) = 0;

  /// Packs constants and settles on an algorithm, by shape alone.
  virtual Status prepare(std::span<const Fact> inputs, std::span<const Fact> outputs) {
    static_cast<void>(inputs), static_cast<void>(outputs);
    return {};
  }
  virtual std::size_t scratch_bytes(int threads) const {
    static_cast<void>(threads);
    return 0;
  }

  /// The input whose elements output 0 repeats unchanged in order (Reshape, Identity …): planning then lets both share
  /// memory and never calls `run` where that was possible.
  virtual std::optional<int> view_of() const { return std::nullopt; }

  /// The input that output 0 may overwrite element by element (same size of element, same count).
  virtual std::optional<int> in_place_of() const { return std::nullopt; }

  /// Computes all present outputs. Allocates nothing, does not fail.
  virtual void run(const RunContext& context) const noexcept = 0;

  /// Multiply-accumulates of one run, for profiles; 0 where that is not the measure of the work.
  virtual std::int64_t macs() const { return 0; }
};

using MakeOperator = Result<std::unique_ptr<Operator>> (*)(const Node& node, std::int64_t opset);

}  // namespace pleat
