#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/buffer_arena.h"
#include "runtime/base/thread_pool.h"
#include "runtime/graph/model.h"
#include "runtime/kernels/binary_function.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/blocked/shuffle.h"
#include "runtime/kernels/unary.h"
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

/// How the elements of a value lie in memory; row-major where absent.
using Layout = std::optional<Planes>;

/// The form in which an operator can work on planes.
struct PlanesForm {
  std::vector<Layout> inputs;   ///< per input, with the halo it must have at least
  std::vector<Layout> outputs;  ///< per output, without a halo
  bool leads = false;  ///< gains enough to have its inputs converted; others follow where an input is in planes or, if
                       ///< they take none in planes, where one that leads reads what they make
};

struct RunContext {
  std::span<const TensorView> inputs;
  std::span<const MutableTensorView> outputs;
  std::byte* scratch = nullptr;  ///< scratch_bytes() bytes, 64-byte aligned, contents undefined
  ThreadPool* pool = nullptr;    ///< never null
};

/// One node made ready to run on inputs of fixed types and shapes. Built by planning in the order
/// make → infer → what passes ask (fuse, use_planes …) → prepare, then const and shareable; `run` may be called by
/// several threads at once with different contexts.
class Operator {
 public:
  virtual ~Operator() = default;

  /// Types, shapes and, where known, elements of the outputs, or why these inputs are wrong.
  virtual Result<std::vector<Fact>> infer(std::span<const Fact> inputs) = 0;

  /// The function that output 0 is of input 0 alone, element by element, if this operator is no more than that.
  virtual std::optional<Activation> activation() const { return std::nullopt; }
  /// True where output 0 now is `f` of what it was, with the bits of the separate operator. Float only.
  virtual bool fuse(const Activation& f) {
    static_cast<void>(f);
    return false;
  }
  /// What output 0 is of its two float inputs, element by element with broadcasting, if this operator is no more.
  virtual std::optional<BinaryFunction> arithmetic() const { return std::nullopt; }
  /// True where output 0 now is what it was plus one more input, last in order, before any fused function; with the
  /// bits of the separate operator. The addend broadcasts to output 0. Float only.
  virtual bool fuse_addend(const Fact& addend) {
    static_cast<void>(addend);
    return false;
  }

  /// Where an output is channels (axis 1) of the inputs in some order and no more: input and channel of each. Else
  /// empty.
  virtual std::vector<ChannelOrigin> channel_origins(std::size_t output) const {
    static_cast<void>(output);
    return {};
  }
  /// The order of axes that output 0 has of input 0, if this operator is no more than a transpose. Else empty.
  virtual std::vector<std::int64_t> permutation() const { return {}; }

  /// How this operator can work on planes. Asked after fusing.
  virtual std::optional<PlanesForm> planes_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const {
    static_cast<void>(inputs), static_cast<void>(outputs);
    return std::nullopt;
  }
  /// The form to take instead where input 0 is made row-major, if one suits that better.
  virtual std::optional<PlanesForm> row_major_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const {
    static_cast<void>(inputs), static_cast<void>(outputs);
    return std::nullopt;
  }
  /// From now on inputs and outputs lie so: as in one of the forms, perhaps with larger halos.
  virtual void use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) {
    static_cast<void>(inputs), static_cast<void>(outputs);
  }
  /// Lets this operator compute by Winograd's algorithm if its shape gains by it.
  virtual void allow_winograd() {}
  /// True where this operator now makes output 0 of `next` instead of its own output 0, which nobody else reads; with
  /// the same bits. It takes the other inputs of `next` too, the first of them at `position`, and `next` is of no more
  /// use. `read_once` tells whether only one step reads what it makes then. Asked after use_planes.
  virtual bool absorb(Operator& next, std::size_t position, bool read_once) {
    static_cast<void>(next), static_cast<void>(position), static_cast<void>(read_once);
    return false;
  }

  /// True where this operator now makes its input 0 itself, some rows at a time, which `maker` made and nobody else
  /// reads; with the same bits. The inputs of `maker`, `count` in number, stand in the place of input 0 from now on,
  /// and `maker` is taken. Asked after use_planes.
  virtual bool absorb_maker(std::unique_ptr<Operator>& maker, std::size_t count) {
    static_cast<void>(maker), static_cast<void>(count);
    return false;
  }

  /// Whether `prepare` takes constants that are not aligned.
  virtual bool takes_unaligned_constants() const { return false; }
  /// Packs constants, in buffers of `memory`, and settles on an algorithm, by shape alone.
  virtual Status prepare(std::span<const Fact> inputs, std::span<const Fact> outputs, BufferArena& memory) {
    static_cast<void>(inputs), static_cast<void>(outputs), static_cast<void>(memory);
    return {};
  }
  /// Whether `run` reads this constant input, or `prepare` took all there is of it. Asked after prepare.
  virtual bool reads_constant(std::size_t input) const {
    static_cast<void>(input);
    return true;
  }
  virtual std::size_t scratch_bytes(int threads) const {
    static_cast<void>(threads);
    return 0;
  }

  /// The input whose elements output 0 repeats unchanged in order (Reshape, Identity …): planning then lets both share
  /// memory and never calls `run` where that was possible.
  virtual std::optional<int> view_of() const { return std::nullopt; }

  /// Where output 0 is its inputs side by side: the byte at which each begins. Planning may then make the inputs there
  /// and leave the step out. Empty otherwise. Asked after use_planes.
  virtual std::vector<std::size_t> part_offsets() const { return {}; }

  /// The input that output 0 may overwrite element by element (same size of element, same count).
  virtual std::optional<int> in_place_of() const { return std::nullopt; }

  /// Computes all present outputs. Allocates nothing, does not fail.
  virtual void run(const RunContext& context) const noexcept = 0;

  /// The algorithm in a few words for profiles, empty where there is but one.
  virtual std::string algorithm() const { return {}; }

  /// Multiply-accumulates of one run, for profiles; 0 where that is not the measure of the work.
  virtual std::int64_t macs() const { return 0; }
};

using MakeOperator = Result<std::unique_ptr<Operator>> (*)(const Node& node, std::int64_t opset);

}  // namespace pleat
