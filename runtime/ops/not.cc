#include <algorithm>
#include <functional>

#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

class Not final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    if (inputs[0].dtype != DType::kBool)
      return fail(Error::invalid("the input is not bool").saw(std::string(dtype_name(inputs[0].dtype))));
    return std::vector<Fact>{{DType::kBool, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return 0; }
  void run(const RunContext& context) const noexcept override {
    const bool* x = context.inputs[0].as<bool>();
    std::transform(x, x + context.inputs[0].elements(), context.outputs[0].as<bool>(), std::logical_not<>());
  }
};

Result<std::unique_ptr<Operator>> make_not(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<Not>();
}

}  // namespace

void register_not(OpRegistry& registry) { registry.add("Not", make_not); }

}  // namespace pleat
