#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// The number of elements of X.
class Size final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    value_ = Tensor::scalar(inputs[0].shape.elements());
    return std::vector<Fact>{Fact::of(value_)};
  }
  void run(const RunContext& context) const noexcept override { copy_elements(value_.view(), context.outputs[0]); }

 private:
  Tensor value_;
};

Result<std::unique_ptr<Operator>> make_size(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<Size>();
}

}  // namespace

void register_size(OpRegistry& registry) { registry.add("Size", make_size); }

}  // namespace pleat
