#include <algorithm>
#include <numeric>

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Output axis i is input axis perm[i]; without `perm` the axes are reversed.
class Transpose final : public Operator {
 public:
  explicit Transpose(std::vector<std::int64_t> perm, bool reverse) : perm_(std::move(perm)), reverse_(reverse) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    const auto rank = static_cast<std::size_t>(from.rank());
    if (reverse_) {
      perm_.resize(rank);
      std::iota(perm_.rbegin(), perm_.rend(), 0);
    }
    std::vector<std::int64_t> sorted = perm_, axes(rank);
    std::sort(sorted.begin(), sorted.end());
    std::iota(axes.begin(), axes.end(), 0);
    if (sorted != axes)
      return fail(Error::invalid("perm does not name every axis once")
                      .expect("an order of the axes 0 to " + std::to_string(from.rank() - 1))
                      .saw(Shape(perm_).text()));
    const std::vector<std::int64_t> strides = from.strides();
    std::vector<std::int64_t> dims;
    steps_.clear();
    for (std::int64_t axis : perm_) {
      dims.push_back(from[static_cast<int>(axis)]);
      steps_.push_back(strides[static_cast<std::size_t>(axis)]);
    }
    settle_view(from);
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }

  /// Moving axes of size 1 moves no element.
  std::optional<int> view_of() const override { return is_view_ ? std::optional<int>(0) : std::nullopt; }

  std::vector<std::int64_t> permutation() const override { return perm_; }

  void run(const RunContext& context) const noexcept override {
    const TensorView& from = context.inputs[0];
    const MutableTensorView& to = context.outputs[0];
    if (to.elements() == 0) return;
    with_block(size_of(from.dtype), [&](auto block) {
      using Block = decltype(block);
      const Block* source = static_cast<const Block*>(from.data);
      Block* target = static_cast<Block*>(to.data);
      gather(source, target, *to.shape, 0);
    });
  }

 private:
  void settle_view(const Shape& from) {
    std::int64_t last = -1;
    is_view_ = true;
    for (std::int64_t axis : perm_) {
      if (from[static_cast<int>(axis)] == 1) continue;
      is_view_ = is_view_ && axis > last;
      last = axis;
    }
  }

  /// Writes the block of axes from `axis` on, whose first element is at `source`; returns where the next one goes.
  template <class Block>
  Block* gather(const Block* source, Block* target, const Shape& to, int axis) const noexcept {
    if (axis == to.rank()) {
      *target = *source;
      return target + 1;
    }
    const std::int64_t step = steps_[static_cast<std::size_t>(axis)];
    if (axis == to.rank() - 1) {
      for (std::int64_t i = 0; i < to[axis]; ++i) *target++ = source[i * step];
      return target;
    }
    for (std::int64_t i = 0; i < to[axis]; ++i) target = gather(source + i * step, target, to, axis + 1);
    return target;
  }

  std::vector<std::int64_t> perm_;
  bool reverse_;
  bool is_view_ = false;
  std::vector<std::int64_t> steps_;  ///< elements of the input between neighbours along each output axis
};

Result<std::unique_ptr<Operator>> make_transpose(const Node& node, std::int64_t) {
  AttributeReader attributes(node);
  const bool reverse = !attributes.has("perm");
  std::vector<std::int64_t> perm = attributes.integers("perm");
  PLEAT_TRY(attributes.finish());
  return std::make_unique<Transpose>(std::move(perm), reverse);
}

}  // namespace

void register_transpose(OpRegistry& registry) { registry.add("Transpose", make_transpose); }

}  // namespace pleat
