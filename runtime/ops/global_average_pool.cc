#include "runtime/graph/attributes.h"
#include "runtime/kernels/blocked/pool.h"
#include "runtime/kernels/pool.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/window_shared.h"

namespace pleat {
namespace {

/// Y[N,C,1,…] = the mean of X[N,C,…] over all spatial axes, summed in the order of LaneSum.
class GlobalAveragePool final : public PlanesFollower {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "X"));
    const Shape& x = inputs[0].shape;
    PLEAT_TRY(expect_spatial(x));
    if (x.elements(2, x.rank()) == 0) return fail(Error::invalid("an empty plane has no mean").saw("X" + x.text()));
    std::vector<std::int64_t> dims(static_cast<std::size_t>(x.rank()), 1);
    dims[0] = x[0];
    dims[1] = x[1];
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }
  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    if (planes_)
      return global_average_pool(planes_->in, x.as<float>(), planes_->out, context.outputs[0].as<float>(),
                                 *context.pool);
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      global_average_pool(x.as<T>(), x.shape->elements(0, 2), x.shape->elements(2, x.shape->rank()),
                          context.outputs[0].as<T>(), *context.pool);
    });
  }
};

Result<std::unique_ptr<Operator>> make_global_average_pool(const Node& node, std::int64_t) {
  PLEAT_TRY(AttributeReader(node).finish());
  return std::make_unique<GlobalAveragePool>();
}

}  // namespace

void register_global_average_pool(OpRegistry& registry) { registry.add("GlobalAveragePool", make_global_average_pool); }

}  // namespace pleat
