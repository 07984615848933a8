#include "runtime/graph/attributes.h"
#include "runtime/ops/cast_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Input 0 in the element type of input 1.
class CastLike final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    PLEAT_TRY(expect_castable(inputs[0].dtype, inputs[1].dtype));
    same_ = inputs[0].dtype == inputs[1].dtype;
    return std::vector<Fact>{{inputs[1].dtype, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> view_of() const override { return same_ ? std::optional<int>(0) : std::nullopt; }
  void run(const RunContext& context) const noexcept override { run_cast(context); }

 private:
  bool same_ = false;
};

Result<std::unique_ptr<Operator>> make_cast_like(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  if (opset >= 19) reader.ignore("saturate");    // is about float8 alone
  if (opset >= 24) reader.ignore("round_mode");  // likewise
  PLEAT_TRY(reader.finish());
  return std::make_unique<CastLike>();
}

}  // namespace

void register_cast_like(OpRegistry& registry) { registry.add("CastLike", make_cast_like); }

}  // namespace pleat
