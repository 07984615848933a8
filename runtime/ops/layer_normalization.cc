#include <cmath>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/layer_norm.h"
#include "runtime/kernels/moments.h"
#include "runtime/ops/axis_lines_shared.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/normalized_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = (X - mean) / √(variance + epsilon)·Scale + B over all axes from `axis` on. Optional outputs: mean and the
/// inverse standard deviation, float. Computed in the type of X, which is never less than what stash_type asks for.
class LayerNormalization final : public Operator {
 public:
  LayerNormalization(std::int64_t axis, float epsilon, std::vector<bool> outputs)
      : axis_(axis), epsilon_(epsilon), outputs_(std::move(outputs)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 3));
    PLEAT_TRY(expect_one_float_type(inputs));
    const Shape& x = inputs[0].shape;
    PLEAT_ASSIGN(const int axis, normalize_axis(axis_, x.rank()));
    lines_ = AxisLines(x, axis, x.rank());
    const Shape normalized(std::vector<std::int64_t>(x.begin() + axis, x.end()));
    for (std::size_t i = 1; i < inputs.size(); ++i)
      if (inputs[i].present()) PLEAT_TRY(expect_shape_of_axes(inputs[i], i == 1 ? "Scale" : "B", normalized));
    Shape statistics = x;
    for (int i = axis; i < x.rank(); ++i) statistics[i] = 1;
    std::vector<Fact> facts = {{inputs[0].dtype, x, std::nullopt}};
    for (std::size_t i = 1; i < outputs_.size(); ++i)
      facts.push_back(outputs_[i] ? Fact{DType::kFloat, statistics, std::nullopt} : Fact{});
    return facts;
  }

  std::optional<int> in_place_of() const override { return 0; }

  void run(const RunContext& context) const noexcept override {
    with_float(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      const T* x = context.inputs[0].as<T>();
      // Ahead of y, which may take the place of x.
      for (std::size_t i = 1; i < context.outputs.size(); ++i)
        if (context.outputs[i].present()) write_statistic(x, i, context.outputs[i].as<float>());
      const bool shifted = context.inputs.size() > 2 && context.inputs[2].present();
      context.pool->parallel_for(lines_.outer, kGrain, [&](std::int64_t begin, std::int64_t end) {
        layer_norm<T>({.lines = end - begin,
                       .length = lines_.length,
                       .x = x + begin * lines_.length,
                       .scale = context.inputs[1].as<T>(),
                       .shift = shifted ? context.inputs[2].as<T>() : nullptr,
                       .epsilon = static_cast<T>(epsilon_),
                       .y = context.outputs[0].as<T>() + begin * lines_.length});
      });
    });
  }

 private:
  /// Lines worth another thread.
  static constexpr std::int64_t kGrain = 8;

  /// The mean of each line as output 1, the inverse standard deviation as output 2.
  template <class T>
  void write_statistic(const T* x, std::size_t output, float* y) const {
    for (std::int64_t line = 0; line < lines_.outer; ++line) {
      const auto [mean, variance] = moments(x + line * lines_.length, lines_.length);
      y[line] = static_cast<float>(output == 1 ? mean : T{1} / std::sqrt(variance + static_cast<T>(epsilon_)));
    }
  }

  std::int64_t axis_;
  float epsilon_;
  std::vector<bool> outputs_;  ///< which are wanted
  AxisLines lines_;
};

Result<std::unique_ptr<Operator>> make_layer_normalization(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const std::int64_t axis = reader.integer("axis", -1);
  const float epsilon = reader.number("epsilon", 1e-5F);
  const std::int64_t stash = reader.integer("stash_type", 1);
  PLEAT_TRY(reader.finish());
  if (stash != static_cast<std::int64_t>(DType::kFloat))
    return fail(Error::unsupported("statistics of this stash_type").expect("1 (float)").saw(std::to_string(stash)));
  std::vector<bool> outputs;
  for (const std::string& name : node.outputs) outputs.push_back(!name.empty());
  if (outputs.size() > 3)
    return fail(Error::invalid("too many outputs").expect("at most 3").saw(std::to_string(outputs.size())));
  return std::make_unique<LayerNormalization>(axis, epsilon, std::move(outputs));
}

}  // namespace

void register_layer_normalization(OpRegistry& registry) {
  registry.add("LayerNormalization", make_layer_normalization);
}

}  // namespace pleat
