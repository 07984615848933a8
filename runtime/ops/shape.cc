#include <algorithm>

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// The sizes of X, from opset 15 those of its axes from `start` up to `end`.
class ShapeOperator final : public Operator {
 public:
  ShapeOperator(std::int64_t start, std::optional<std::int64_t> end) : start_(start), end_(end) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    const Shape& from = inputs[0].shape;
    const std::int64_t rank = from.rank();
    const auto clamped = [&](std::int64_t axis) {
      return std::clamp<std::int64_t>(axis < 0 ? std::max(axis, -rank) + rank : axis, 0, rank);
    };
    const std::int64_t start = clamped(start_), end = std::max(start, end_ ? clamped(*end_) : rank);
    const std::vector<std::int64_t> sizes(from.begin() + start, from.begin() + end);
    value_ = Tensor::of(Shape{end - start}, sizes);
    return std::vector<Fact>{Fact::of(value_)};
  }
  void run(const RunContext& context) const noexcept override { copy_elements(value_.view(), context.outputs[0]); }

 private:
  std::int64_t start_;
  std::optional<std::int64_t> end_;
  Tensor value_;
};

Result<std::unique_ptr<Operator>> make_shape(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  std::int64_t start = 0;
  std::optional<std::int64_t> end;
  if (opset >= 15) {
    start = reader.integer("start", 0);
    if (reader.has("end")) end = reader.integer("end", 0);
  }
  PLEAT_TRY(reader.finish());
  return std::make_unique<ShapeOperator>(start, end);
}

}  // namespace

void register_shape(OpRegistry& registry) { registry.add("Shape", make_shape); }

}  // namespace pleat
