#include "runtime/graph/attributes.h"
#include "runtime/ops/depth_space_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// [N,C,H,W] → [N,C/b²,H·b,W·b]: channels become blocks of b by b. In mode DCR a channel's place in the block varies
/// slowest among the channels, in mode CRD fastest.
class DepthToSpace final : public Operator {
 public:
  DepthToSpace(std::int64_t block, bool depth_first) : block_(block), depth_first_(depth_first) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    PLEAT_TRY(expect_planes(from));
    const std::int64_t area = block_ * block_;
    if (from[1] % area != 0)
      return fail(Error::invalid("the channels do not divide into blocks")
                      .expect("a multiple of " + std::to_string(area))
                      .saw(from.text()));
    const std::int64_t depth = from[1] / area;
    if (depth_first_)
      gather_ = reordered({from[0], block_, block_, depth, from[2], from[3]}, {0, 3, 4, 1, 5, 2});
    else
      gather_ = reordered({from[0], depth, block_, block_, from[2], from[3]}, {0, 1, 4, 2, 5, 3});
    return std::vector<Fact>{{inputs[0].dtype, {from[0], depth, from[2] * block_, from[3] * block_}, std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    gather_.run(x.data, nullptr, context.outputs[0].data, size_of(x.dtype), *context.pool);
  }

 private:
  std::int64_t block_;
  bool depth_first_;
  AxisGather gather_;
};

Result<std::unique_ptr<Operator>> make_depth_to_space(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const std::int64_t block = reader.integer("blocksize", 0);
  const std::string mode = opset >= 11 ? reader.text("mode", "DCR") : "DCR";
  PLEAT_TRY(reader.finish());
  PLEAT_TRY(check_block_size(block));
  if (mode != "DCR" && mode != "CRD") return fail(Error::invalid("unknown mode").expect("DCR or CRD").saw(mode));
  return std::make_unique<DepthToSpace>(block, mode == "DCR");
}

}  // namespace

void register_depth_to_space(OpRegistry& registry) { registry.add("DepthToSpace", make_depth_to_space); }

}  // namespace pleat
