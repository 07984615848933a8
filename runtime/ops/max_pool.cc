#include "runtime/kernels/blocked/pool.h"
#include "runtime/kernels/pool.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/window_shared.h"

namespace pleat {
namespace {

/// Y[N,C,…] = the largest of X under each window. Output 1, if asked for, tells where in X, flattened, it stands:
/// the first in row-major order; storage_order 1 counts the positions of a plane column-major.
class MaxPool final : public PlanesFollower {
 public:
  struct Options {
    bool column_major, bytes;
    std::size_t outputs;
    bool indices;
  };
  MaxPool(WindowAttributes attributes, Options options) : attributes_(std::move(attributes)), options_(options) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    const DType dtype = inputs[0].dtype;
    const bool byte = dtype == DType::kInt8 || dtype == DType::kUint8;
    if (!byte || !options_.bytes) PLEAT_TRY(expect_float(inputs[0], "X"));
    const Shape& x = inputs[0].shape;
    PLEAT_TRY(expect_spatial(x));
    PLEAT_ASSIGN(window_, attributes_.resolve(std::span(x.dims()).subspan(2), attributes_.kernel_shape));
    const Shape out = windowed_shape(x, x[1], window_);
    PLEAT_TRY(checked_elements(out.dims(), sizeof(std::int64_t)));
    std::vector<Fact> facts = {{dtype, out, std::nullopt}};
    if (options_.outputs > 1) facts.push_back(options_.indices ? Fact{DType::kInt64, out, std::nullopt} : Fact{});
    return facts;
  }

  std::optional<BlockedPooling> max_pooling() const override {
    if (!planes_) return std::nullopt;
    return BlockedPooling{.window = window_, .x_planes = planes_->in, .y_planes = planes_->out};
  }

  void run(const RunContext& context) const noexcept override {
    if (auto pooling = max_pooling()) {
      pooling->x = context.inputs[0].as<float>();
      pooling->y = context.outputs[0].as<float>();
      return max_pool(*pooling, *context.pool);
    }
    switch (context.inputs[0].dtype) {
      case DType::kInt8: return run_typed<std::int8_t>(context);
      case DType::kUint8: return run_typed<std::uint8_t>(context);
      case DType::kDouble: return run_typed<double>(context);
      default: return run_typed<float>(context);
    }
  }

 private:
  bool can_follow(std::span<const Fact>) const override { return !options_.indices; }

  template <class T>
  void run_typed(const RunContext& context) const {
    const TensorView& x = context.inputs[0];
    const bool indices = context.outputs.size() > 1 && context.outputs[1].present();
    max_pool<T>({.window = window_,
                 .planes = x.shape->elements(0, 2),
                 .x = x.as<T>(),
                 .y = context.outputs[0].as<T>(),
                 .indices = indices ? context.outputs[1].as<std::int64_t>() : nullptr,
                 .column_major = options_.column_major},
                *context.pool);
  }

  WindowAttributes attributes_;
  Options options_;
  Window window_;
};

Result<std::unique_ptr<Operator>> make_max_pool(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  WindowAttributes window = WindowAttributes::read(reader);
  const std::int64_t storage_order = opset >= 8 ? reader.integer("storage_order", 0) : 0;
  window.ceil_mode = opset >= 10 && reader.integer("ceil_mode", 0) != 0;
  if (opset >= 10) window.dilations = reader.integers("dilations");
  PLEAT_TRY(reader.finish());
  PLEAT_TRY(window.check());
  if (window.kernel_shape.empty()) return fail(Error::invalid("the attribute 'kernel_shape' is missing"));
  if (storage_order != 0 && storage_order != 1)
    return fail(Error::invalid("storage_order out of range").expect("0 or 1").saw(std::to_string(storage_order)));
  const std::size_t outputs = node.outputs.size();
  if (outputs > (opset >= 8 ? 2U : 1U))
    return fail(Error::invalid("too many outputs")
                    .expect(opset >= 8 ? "Y and Indices" : "Y; Indices need opset 8")
                    .saw(std::to_string(outputs)));
  return std::make_unique<MaxPool>(std::move(window),
                                   MaxPool::Options{.column_major = storage_order == 1,
                                                    .bytes = opset >= 12,
                                                    .outputs = outputs,
                                                    .indices = outputs > 1 && !node.outputs[1].empty()});
}

}  // namespace

void register_max_pool(OpRegistry& registry) { registry.add("MaxPool", make_max_pool); }

}  // namespace pleat
