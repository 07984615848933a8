#include "runtime/graph/attributes.h"
#include "runtime/kernels/batch_norm.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y[n,c] = fma(X[n,c] - mean, scale', B[c]) per plane, scale' = scale[c] / sqrt(var + epsilon), with the mean and
/// population variance of the plane, summed in the order of LaneSum.
class InstanceNormalization final : public Operator {
 public:
  explicit InstanceNormalization(float epsilon) : epsilon_(epsilon) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 3, 3));
    PLEAT_TRY(expect_one_float_type(inputs));
    const Shape& x = inputs[0].shape;
    if (x.rank() < 3)
      return fail(Error::invalid("the input has no planes").expect("[batch, channels, size, …]").saw("X" + x.text()));
    for (std::size_t i : {1U, 2U})
      if (inputs[i].shape != Shape{x[1]})
        return fail(Error::invalid("scale and B do not fit the channels")
                        .expect(Shape{x[1]}.text())
                        .saw(inputs[i].shape.text()));
    planes_ = x.elements(0, 2);
    channels_ = x[1];
    size_ = x.elements(2, x.rank());
    if (size_ == 0 && planes_ > 0) return fail(Error::invalid("an empty plane has no statistics").saw("X" + x.text()));
    dtype_ = inputs[0].dtype;
    return std::vector<Fact>{{dtype_, x, std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return 0; }

  /// mean, variance, scale' and shift of every plane, each a whole number of cache lines.
  std::size_t scratch_bytes(int) const override { return 4 * row_bytes(); }

  void run(const RunContext& context) const noexcept override {
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const auto row = [&](std::size_t i) { return reinterpret_cast<T*>(context.scratch + i * row_bytes()); };
      const T* x = context.inputs[0].as<T>();
      batch_statistics(1, planes_, size_, x, row(0), row(1), *context.pool);
      for (std::int64_t plane = 0; plane < planes_; ++plane) {
        const std::int64_t c = plane % channels_;
        const T gamma = context.inputs[1].as<T>()[c];
        row(2)[plane] = normalization_scale(gamma, row(1)[plane], static_cast<T>(epsilon_));
        row(3)[plane] = context.inputs[2].as<T>()[c];
      }
      normalize<T>({.batch = 1,
                    .channels = planes_,
                    .spatial = size_,
                    .x = x,
                    .mean = row(0),
                    .scale = row(2),
                    .shift = row(3),
                    .y = context.outputs[0].as<T>()},
                   *context.pool);
    });
  }

 private:
  std::size_t row_bytes() const { return (static_cast<std::size_t>(planes_) * size_of(dtype_) + 63) / 64 * 64; }

  float epsilon_;
  std::int64_t planes_ = 0, channels_ = 0, size_ = 0;
  DType dtype_ = DType::kUndefined;
};

Result<std::unique_ptr<Operator>> make_instance_normalization(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const float epsilon = reader.number("epsilon", 1e-5F);
  if (opset < 6) reader.ignore("consumed_inputs");
  PLEAT_TRY(reader.finish());
  return std::make_unique<InstanceNormalization>(epsilon);
}

}  // namespace

void register_instance_normalization(OpRegistry& registry) {
  registry.add("InstanceNormalization", make_instance_normalization);
}

}  // namespace pleat
