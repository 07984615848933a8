#include "runtime/kernels/blocked/pool.h"
#include "runtime/kernels/pool.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/window_shared.h"

namespace pleat {
namespace {

/// Y[N,C,…] = the mean of X under each window, summed in row-major order, then divided.
class AveragePool final : public PlanesFollower {
 public:
  AveragePool(WindowAttributes attributes, bool count_padding)
      : attributes_(std::move(attributes)), count_padding_(count_padding) {}

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
    if (planes_)
      return average_pool({.window = window_,
                           .x_planes = planes_->in,
                           .y_planes = planes_->out,
                           .x = x.as<float>(),
                           .y = context.outputs[0].as<float>(),
                           .count_padding = count_padding_},
                          *context.pool);
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      average_pool<T>({.window = window_,
                       .planes = x.shape->elements(0, 2),
                       .x = x.as<T>(),
                       .y = context.outputs[0].as<T>(),
                       .count_padding = count_padding_},
                      *context.pool);
    });
  }

 private:
  WindowAttributes attributes_;
  bool count_padding_;
  Window window_;
};

Result<std::unique_ptr<Operator>> make_average_pool(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  WindowAttributes window = WindowAttributes::read(reader);
  const bool count_padding = opset >= 7 && reader.integer("count_include_pad", 0) != 0;
  window.ceil_mode = opset >= 10 && reader.integer("ceil_mode", 0) != 0;
  if (opset >= 19) window.dilations = reader.integers("dilations");
  PLEAT_TRY(reader.finish());
  PLEAT_TRY(window.check());
  if (window.kernel_shape.empty()) return fail(Error::invalid("the attribute 'kernel_shape' is missing"));
  return std::make_unique<AveragePool>(std::move(window), count_padding);
}

}  // namespace

void register_average_pool(OpRegistry& registry) { registry.add("AveragePool", make_average_pool); }

}  // namespace pleat
