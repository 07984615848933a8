#include <cmath>

#include "runtime/kernels/pool.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/window_shared.h"

namespace pleat {
namespace {

/// Y[N,C,…] = (Σ|X|^p)^(1/p) under each window.
class LpPool final : public Operator {
 public:
  LpPool(WindowAttributes attributes, std::int64_t p) : attributes_(std::move(attributes)), p_(p) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "X"));
    const Shape& x = inputs[0].shape;
    PLEAT_TRY(expect_spatial(x));
    PLEAT_ASSIGN(window_, attributes_.resolve(std::span(x.dims()).subspan(2), attributes_.kernel_shape));
    Shape out = windowed_shape(x, x[1], window_);
    PLEAT_TRY(checked_elements(out.dims(), size_of(inputs[0].dtype)));
    return std::vector<Fact>{{inputs[0].dtype, std::move(out), std::nullopt}};
  }
  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      power_pool<T>({.window = window_,
                     .planes = x.shape->elements(0, 2),
                     .p = p_,
                     .x = x.as<T>(),
                     .y = context.outputs[0].as<T>()},
                    *context.pool);
    });
  }

 private:
  WindowAttributes attributes_;
  std::int64_t p_;
  Window window_;
};

/// Opset 1 has p as a float.
Result<std::int64_t> power_of(AttributeReader& reader, std::int64_t opset) {
  if (opset >= 2) return reader.integer("p", 2);
  const float p = reader.number("p", 2);
  if (p == std::floor(p) && std::fabs(p) < 0x1p23F) return static_cast<std::int64_t>(p);
  return fail(Error::unsupported("p is not a whole number").saw(std::to_string(p)));
}

Result<std::unique_ptr<Operator>> make_lp_pool(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  WindowAttributes window = WindowAttributes::read(reader);
  PLEAT_ASSIGN(const std::int64_t p, power_of(reader, opset));
  if (opset >= 18) {
    window.dilations = reader.integers("dilations");
    window.ceil_mode = reader.integer("ceil_mode", 0) != 0;
  }
  PLEAT_TRY(reader.finish());
  PLEAT_TRY(window.check());
  if (window.kernel_shape.empty()) return fail(Error::invalid("the attribute 'kernel_shape' is missing"));
  if (p < 1) return fail(Error::invalid("p out of range").expect("at least 1").saw(std::to_string(p)));
  return std::make_unique<LpPool>(std::move(window), p);
}

}  // namespace

void register_lp_pool(OpRegistry& registry) { registry.add("LpPool", make_lp_pool); }

}  // namespace pleat
