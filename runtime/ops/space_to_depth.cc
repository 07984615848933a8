#include "runtime/graph/attributes.h"
#include "runtime/ops/depth_space_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// [N,C,H,W] → [N,C·b²,H/b,W/b]: blocks of b by b become channels, the place in the block varying slowest.
class SpaceToDepth final : public Operator {
 public:
  explicit SpaceToDepth(std::int64_t block) : block_(block) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    PLEAT_TRY(expect_planes(from));
    if (from[2] % block_ != 0 || from[3] % block_ != 0)
      return fail(Error::invalid("the planes do not divide into blocks")
                      .expect("multiples of " + std::to_string(block_))
                      .saw(from.text()));
    const std::int64_t height = from[2] / block_, width = from[3] / block_;
    Shape out = {from[0], block_ * block_, height, width};
    if (__builtin_mul_overflow(out[1], from[1], &out[1])) return fail(Error::resource("shape too large to address"));
    gather_ = reordered({from[0], from[1], height, block_, width, block_}, {0, 3, 5, 1, 2, 4});
    return std::vector<Fact>{{inputs[0].dtype, std::move(out), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    gather_.run(x.data, nullptr, context.outputs[0].data, size_of(x.dtype), *context.pool);
  }

 private:
  std::int64_t block_;
  AxisGather gather_;
};

Result<std::unique_ptr<Operator>> make_space_to_depth(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const std::int64_t block = reader.integer("blocksize", 0);
  PLEAT_TRY(reader.finish());
  PLEAT_TRY(check_block_size(block));
  return std::make_unique<SpaceToDepth>(block);
}

}  // namespace

void register_space_to_depth(OpRegistry& registry) { registry.add("SpaceToDepth", make_space_to_depth); }

}  // namespace pleat
