#include "runtime/graph/attributes.h"
#include "runtime/kernels/batch_norm.h"
#include "runtime/kernels/moments.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = fma(X - mean, scale / √(variance + epsilon), bias), the moments those of each sample's group of neighbouring
/// channels. Scale and bias are one number per group before opset 21, then one per channel.
class GroupNormalization final : public Operator {
 public:
  GroupNormalization(std::int64_t groups, float epsilon, bool per_channel)
      : groups_(groups), epsilon_(epsilon), per_channel_(per_channel) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 3, 3));
    PLEAT_TRY(expect_one_float_type(inputs));
    const Shape& x = inputs[0].shape;
    if (x.rank() < 2)
      return fail(Error::invalid("the input has no channels").expect("[batch, channels, …]").saw("X" + x.text()));
    batch_ = x[0];
    channels_ = x[1];
    spatial_ = x.elements(2, x.rank());
    dtype_ = inputs[0].dtype;
    if (channels_ % groups_ != 0)
      return fail(Error::invalid("the channels do not divide into groups")
                      .expect("a multiple of num_groups = " + std::to_string(groups_))
                      .saw("X" + x.text()));
    const Shape parameters{per_channel_ ? channels_ : groups_};
    for (std::size_t i = 1; i < 3; ++i)
      if (inputs[i].shape != parameters)
        return fail(Error::invalid(std::string(i == 1 ? "'scale'" : "'bias'") + " does not fit the input")
                        .expect(parameters.text() + " for X" + x.text())
                        .saw(inputs[i].shape.text()));
    return std::vector<Fact>{{dtype_, x, std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return 0; }

  /// Mean, scale and shift of every channel of every sample, each a whole number of cache lines.
  std::size_t scratch_bytes(int) const override { return 3 * row_bytes(); }

  void run(const RunContext& context) const noexcept override {
    if (context.outputs[0].elements() == 0) return;
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const auto row = [&](std::size_t i) { return reinterpret_cast<T*>(context.scratch + i * row_bytes()); };
      const T* x = context.inputs[0].as<T>();
      context.pool->parallel_for(batch_ * groups_, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t group = begin; group < end; ++group) fill_group(context, x, group, row(0), row(1), row(2));
      });
      normalize<T>({.batch = 1,
                    .channels = batch_ * channels_,
                    .spatial = spatial_,
                    .x = x,
                    .mean = row(0),
                    .scale = row(1),
                    .shift = row(2),
                    .y = context.outputs[0].as<T>()},
                   *context.pool);
    });
  }

 private:
  template <class T>
  void fill_group(const RunContext& context, const T* x, std::int64_t group, T* mean, T* scale, T* shift) const {
    const std::int64_t size = channels_ / groups_, first = group % groups_ * size;
    const Moments<T> group_moments = moments(x + group * size * spatial_, size * spatial_);
    for (std::int64_t c = first; c < first + size; ++c) {
      const std::int64_t at = group / groups_ * channels_ + c;
      const std::int64_t parameter = per_channel_ ? c : group % groups_;
      mean[at] = group_moments.mean;
      scale[at] =
          normalization_scale(context.inputs[1].as<T>()[parameter], group_moments.variance, static_cast<T>(epsilon_));
      shift[at] = context.inputs[2].as<T>()[parameter];
    }
  }

  std::size_t row_bytes() const {
    return (static_cast<std::size_t>(batch_ * channels_) * size_of(dtype_) + 63) / 64 * 64;
  }

  std::int64_t groups_;
  float epsilon_;
  bool per_channel_;
  std::int64_t batch_ = 0, channels_ = 0, spatial_ = 0;
  DType dtype_ = DType::kUndefined;
};

Result<std::unique_ptr<Operator>> make_group_normalization(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const std::int64_t groups = reader.integer("num_groups", 0);
  const float epsilon = reader.number("epsilon", 1e-5F);
  if (opset >= 21) reader.ignore("stash_type");
  PLEAT_TRY(reader.finish());
  if (groups < 1)
    return fail(Error::invalid("the attribute 'num_groups' must be positive").saw(std::to_string(groups)));
  return std::make_unique<GroupNormalization>(groups, epsilon, opset >= 21);
}

}  // namespace

void register_group_normalization(OpRegistry& registry) {
  registry.add("GroupNormalization", make_group_normalization);
}

}  // namespace pleat
