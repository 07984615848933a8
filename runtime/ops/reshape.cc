#include <algorithm>

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// The same elements under the shape of the attribute (opset 1) or of input 1 (from opset 5).
/// 0 keeps the size of that axis unless `allow_zero`; one -1 is what remains.
class Reshape final : public Operator {
 public:
  Reshape(std::optional<std::vector<std::int64_t>> target, bool allow_zero)
      : target_(std::move(target)), allow_zero_(allow_zero) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    const std::size_t count = target_ ? 1 : 2;
    PLEAT_TRY(expect_inputs(inputs, count, count));
    PLEAT_TRY(expect_movable(inputs[0]));
    std::vector<std::int64_t> target;
    if (target_) {
      target = *target_;
    } else {
      PLEAT_ASSIGN(target, constant_integers(inputs[1], "shape"));
    }
    PLEAT_ASSIGN(Shape shape, resolve(inputs[0].shape, std::move(target)));
    return std::vector<Fact>{reshaped_fact(inputs[0], std::move(shape))};
  }
  std::optional<int> view_of() const override { return 0; }
  void run(const RunContext& context) const noexcept override { copy_elements(context.inputs[0], context.outputs[0]); }

 private:
  Result<Shape> resolve(const Shape& from, std::vector<std::int64_t> target) const {
    const Error misfit = Error::invalid("the elements do not fit the shape")
                             .expect(std::to_string(from.elements()) + " elements, as in " + from.text())
                             .saw(Shape(target).text());
    if (std::count(target.begin(), target.end(), -1) > 1)
      return fail(Error::invalid("more than one size is -1").saw(Shape(target).text()));
    const auto open = std::find(target.begin(), target.end(), -1);
    if (allow_zero_ && open != target.end() && std::count(target.begin(), target.end(), 0) > 0)
      return fail(Error::invalid("with allowzero, 0 and -1 do not go together").saw(Shape(target).text()));
    for (std::size_t axis = 0; axis < target.size() && !allow_zero_; ++axis) {
      if (target[axis] != 0) continue;
      if (axis >= static_cast<std::size_t>(from.rank()))
        return fail(Error::invalid("0 keeps the size of an axis that the input lacks").saw(Shape(target).text()));
      target[axis] = from[static_cast<int>(axis)];
    }
    if (open != target.end()) *open = 1;
    PLEAT_ASSIGN(const std::int64_t known, checked_elements(target, 1));
    if (open != target.end()) {
      if (known == 0 || from.elements() % known != 0) return fail(misfit);
      *open = from.elements() / known;
    } else if (known != from.elements()) {
      return fail(misfit);
    }
    return Shape(std::move(target));
  }

  std::optional<std::vector<std::int64_t>> target_;
  bool allow_zero_;
};

Result<std::unique_ptr<Operator>> make_reshape(const Node& node, std::int64_t opset) {
  AttributeReader attributes(node);
  std::optional<std::vector<std::int64_t>> target;
  bool allow_zero = false;
  if (opset < 5) {
    if (!attributes.has("shape")) return fail(Error::invalid("the attribute 'shape' is missing"));
    target = attributes.integers("shape");
    attributes.ignore("consumed_inputs");
  } else if (opset >= 14) {
    allow_zero = attributes.integer("allowzero", 0) != 0;
  }
  PLEAT_TRY(attributes.finish());
  return std::make_unique<Reshape>(std::move(target), allow_zero);
}

}  // namespace

void register_reshape(OpRegistry& registry) { registry.add("Reshape", make_reshape); }

}  // namespace pleat
