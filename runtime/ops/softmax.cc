#include "runtime/kernels/softmax.h"

#include "runtime/graph/attributes.h"
#include "runtime/kernels/parallel.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// From opset 13: e^(x-max) over their sum along one axis. Before: along all axes from `axis` on, taken as one.
class Softmax final : public Operator {
 public:
  Softmax(std::int64_t axis, bool one_axis) : axis_(axis), one_axis_(one_axis) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "the input"));
    const Shape& shape = inputs[0].shape;
    const int rank = shape.rank();
    // A scalar is one row of one; the older form flattens and so may name the end of the shape.
    const bool at_end = !one_axis_ && axis_ == rank;
    PLEAT_ASSIGN(const int axis, at_end || rank == 0 ? Result<int>(rank) : normalize_axis(axis_, rank));
    const int last = one_axis_ && rank > 0 ? axis + 1 : rank;
    outer_ = shape.elements(0, axis);
    length_ = shape.elements(axis, last);
    inner_ = shape.elements(last, rank);
    dtype_ = inputs[0].dtype;
    return std::vector<Fact>{{dtype_, shape, std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return 0; }

  /// A line across memory is gathered, for each thread, in room that keeps the threads on lines of their own.
  std::size_t scratch_bytes(int threads) const override {
    return inner_ == 1 ? 0 : static_cast<std::size_t>(threads) * line_bytes();
  }

  void run(const RunContext& context) const noexcept override {
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const T* x = context.inputs[0].as<T>();
      T* y = context.outputs[0].as<T>();
      parallel_slots(*context.pool, outer_ * inner_, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
        if (inner_ == 1) {
          for (std::int64_t row = begin; row < end; ++row) softmax(x + row * length_, y + row * length_, length_);
          return;
        }
        T* line = reinterpret_cast<T*>(context.scratch + static_cast<std::size_t>(thread) * line_bytes());
        for (std::int64_t at = begin; at < end; ++at) {
          const std::int64_t first = at / inner_ * length_ * inner_ + at % inner_;
          for (std::int64_t i = 0; i < length_; ++i) line[i] = x[first + i * inner_];
          softmax(line, line, length_);
          for (std::int64_t i = 0; i < length_; ++i) y[first + i * inner_] = line[i];
        }
      });
    });
  }

 private:
  std::size_t line_bytes() const { return (static_cast<std::size_t>(length_) * size_of(dtype_) + 63) / 64 * 64; }

  std::int64_t axis_;
  bool one_axis_;
  std::int64_t outer_ = 0, length_ = 0, inner_ = 1;
  DType dtype_ = DType::kUndefined;
};

Result<std::unique_ptr<Operator>> make_softmax(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const std::int64_t axis = reader.integer("axis", opset >= 13 ? -1 : 1);
  PLEAT_TRY(reader.finish());
  if (axis < 0 && opset < 11)
    return fail(Error::invalid("a negative axis needs opset 11").saw("opset " + std::to_string(opset)));
  return std::make_unique<Softmax>(axis, opset >= 13);
}

}  // namespace

void register_softmax(OpRegistry& registry) { registry.add("Softmax", make_softmax); }

}  // namespace pleat
