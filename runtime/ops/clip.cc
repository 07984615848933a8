#include <algorithm>
#include <limits>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/blocked/pointwise.h"
#include "runtime/kernels/unary.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = min(max(X, low), high). The bounds are attributes before opset 11, then inputs, which may be known at run time
/// only; an absent one is the least or greatest value of the type. Integers from opset 12.
class Clip final : public PlanesFollower {
 public:
  struct Bounds {
    float low, high;
  };
  Clip(std::optional<Bounds> bounds, bool integers) : bounds_(bounds), integers_(integers) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, bounds_ ? 1 : 3));
    if (!integers_ || !is_integer(inputs[0].dtype)) PLEAT_TRY(expect_float(inputs[0], "the input"));
    known_ = inputs[0].dtype == DType::kFloat ? Bounds{kLowest, kGreatest} : std::optional<Bounds>();
    if (known_ && bounds_) known_ = bounds_;
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      if (!inputs[i].present()) continue;
      if (inputs[i].dtype != inputs[0].dtype || inputs[i].shape.elements() != 1)
        return fail(Error::invalid(std::string(i == 1 ? "'min'" : "'max'") + " is not a number of the input's type")
                        .expect("one " + std::string(dtype_name(inputs[0].dtype)))
                        .saw(std::string(dtype_name(inputs[i].dtype)) + inputs[i].shape.text()));
      if (!known_) continue;
      if (!inputs[i].constant)
        known_.reset();
      else
        (i == 1 ? known_->low : known_->high) = inputs[i].constant->data<float>()[0];
    }
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return 0; }
  std::optional<Activation> activation() const override {
    return known_ ? std::optional(Activation{Unary::kClip, known_->low, known_->high}) : std::nullopt;
  }

  void run(const RunContext& context) const noexcept override {
    if (planes_)
      return activate(*activation(), planes_->in, context.inputs[0].as<float>(), planes_->out,
                      context.outputs[0].as<float>(), *context.pool);
    with_number(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      const TensorView& x = context.inputs[0];
      T* y = context.outputs[0].as<T>();
      const T low = bounds_ ? static_cast<T>(bounds_->low) : input_or(context, 1, std::numeric_limits<T>::lowest());
      const T high = bounds_ ? static_cast<T>(bounds_->high) : input_or(context, 2, std::numeric_limits<T>::max());
      if constexpr (std::is_floating_point_v<T>)
        unary(Unary::kClip, low, high, x.as<T>(), y, x.elements(), *context.pool);
      else
        std::transform(x.as<T>(), x.as<T>() + x.elements(), y,
                       [=](T value) { return std::min(std::max(value, low), high); });
    });
  }

 private:
  bool can_follow(std::span<const Fact>) const override { return activation().has_value(); }

  static constexpr float kLowest = std::numeric_limits<float>::lowest();
  static constexpr float kGreatest = std::numeric_limits<float>::max();

  template <class T>
  static T input_or(const RunContext& context, std::size_t i, T otherwise) {
    return i < context.inputs.size() && context.inputs[i].present() ? *context.inputs[i].as<T>() : otherwise;
  }

  std::optional<Bounds> bounds_;
  std::optional<Bounds> known_;  ///< for float inputs, where planning knows them
  bool integers_;
};

Result<std::unique_ptr<Operator>> make_clip(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  std::optional<Clip::Bounds> bounds;
  if (opset < 11) {
    bounds = {reader.number("min", std::numeric_limits<float>::lowest()),
              reader.number("max", std::numeric_limits<float>::max())};
    if (opset < 6) reader.ignore("consumed_inputs");
  }
  PLEAT_TRY(reader.finish());
  return std::make_unique<Clip>(bounds, opset >= 12);
}

}  // namespace

void register_clip(OpRegistry& registry) { registry.add("Clip", make_clip); }

}  // namespace pleat
