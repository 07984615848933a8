#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

class Identity final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_movable(inputs[0]));
    return std::vector<Fact>{inputs[0]};
  }
  std::optional<int> view_of() const override { return 0; }
  void run(const RunContext& context) const noexcept override { copy_elements(context.inputs[0], context.outputs[0]); }
};

Result<std::unique_ptr<Operator>> make_identity(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<Identity>();
}

}  // namespace

void register_identity(OpRegistry& registry) { registry.add("Identity", make_identity); }

}  // namespace pleat
