#include "runtime/kernels/blocked/pool.h"
#include "runtime/kernels/reduce.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/window_shared.h"

namespace pleat {
namespace {

/// Y[N,C,1,…] = the largest of X[N,C,…] over all spatial axes; NaN wins.
class GlobalMaxPool final : public PlanesFollower {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "X"));
    const Shape& x = inputs[0].shape;
    PLEAT_TRY(expect_spatial(x));
    if (x.elements(2, x.rank()) == 0) return fail(Error::invalid("an empty plane has no largest").saw("X" + x.text()));
    std::vector<std::int64_t> dims(static_cast<std::size_t>(x.rank()), 1);
    dims[0] = x[0];
    dims[1] = x[1];
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }
  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    if (planes_)
      return global_max_pool(planes_->in, x.as<float>(), planes_->out, context.outputs[0].as<float>(), *context.pool);
    const std::int64_t size = x.shape->elements(2, x.shape->rank());
    const ReduceLoop planes{x.shape->elements(0, 2), size}, plane{size, 1};
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      reduce<T>(Reduction::kMax,
                {.kept = {&planes, 1}, .reduced = {&plane, 1}, .x = x.as<T>(), .y = context.outputs[0].as<T>()},
                *context.pool);
    });
  }
};

Result<std::unique_ptr<Operator>> make_global_max_pool(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<GlobalMaxPool>();
}

}  // namespace

void register_global_max_pool(OpRegistry& registry) { registry.add("GlobalMaxPool", make_global_max_pool); }

}  // namespace pleat
