#include <algorithm>

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/tuple_index_shared.h"

namespace pleat {
namespace {

/// The slices of the data that tuples of indices name. A tuple computed in the run that lies outside gives zeros.
class GatherND final : public Operator {
 public:
  explicit GatherND(std::int64_t batch_axes) : batch_axes_(batch_axes) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    PLEAT_TRY(expect_movable(inputs[0]));
    PLEAT_TRY(tuples_.infer(inputs[0], inputs[1], batch_axes_));
    return std::vector<Fact>{{inputs[0].dtype, tuples_.result(), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    with_block(size_of(context.inputs[0].dtype), [&](auto block) {
      using Block = decltype(block);
      const auto* data = static_cast<const Block*>(context.inputs[0].data);
      auto* out = static_cast<Block*>(context.outputs[0].data);
      for (std::int64_t i = 0; i < tuples_.count(); ++i, out += tuples_.slice()) {
        const std::int64_t offset = tuples_.offset(context.inputs[1], i);
        if (offset < 0)
          std::fill_n(out, tuples_.slice(), Block{});
        else
          std::copy_n(data + offset, tuples_.slice(), out);
      }
    });
  }

 private:
  std::int64_t batch_axes_;
  TupleIndices tuples_;
};

Result<std::unique_ptr<Operator>> make_gather_nd(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const std::int64_t batch_axes = opset >= 12 ? reader.integer("batch_dims", 0) : 0;
  PLEAT_TRY(reader.finish());
  return std::make_unique<GatherND>(batch_axes);
}

}  // namespace

void register_gather_nd(OpRegistry& registry) { registry.add("GatherND", make_gather_nd); }

}  // namespace pleat
