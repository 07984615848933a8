#include <cmath>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/moments.h"
#include "runtime/ops/axis_lines_shared.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/normalized_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = X / √(mean of X² + epsilon)·scale over all axes from `axis` on, computed in the type of X, which is never less
/// than what stash_type asks for.
class RmsNormalization final : public Operator {
 public:
  RmsNormalization(std::int64_t axis, float epsilon) : axis_(axis), epsilon_(epsilon) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    PLEAT_TRY(expect_one_float_type(inputs));
    const Shape& x = inputs[0].shape;
    PLEAT_ASSIGN(const int axis, normalize_axis(axis_, x.rank()));
    lines_ = AxisLines(x, axis, x.rank());
    PLEAT_TRY(expect_shape_of_axes(inputs[1], "scale", Shape(std::vector<std::int64_t>(x.begin() + axis, x.end()))));
    return std::vector<Fact>{{inputs[0].dtype, x, std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return 0; }

  void run(const RunContext& context) const noexcept override {
    with_float(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      context.pool->parallel_for(lines_.outer, kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t line = begin; line < end; ++line) {
          const T* x = context.inputs[0].as<T>() + line * lines_.length;
          const T factor = T{1} / std::sqrt(mean_square(x, lines_.length) + static_cast<T>(epsilon_));
          normalize_line(x, T{0}, factor, context.inputs[1].as<T>(), static_cast<const T*>(nullptr),
                         context.outputs[0].as<T>() + line * lines_.length, lines_.length);
        }
      });
    });
  }

 private:
  /// Lines worth another thread.
  static constexpr std::int64_t kGrain = 8;

  std::int64_t axis_;
  float epsilon_;
  AxisLines lines_;
};

Result<std::unique_ptr<Operator>> make_rms_normalization(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const std::int64_t axis = reader.integer("axis", -1);
  const float epsilon = reader.number("epsilon", 1e-5F);
  reader.ignore("stash_type");
  PLEAT_TRY(reader.finish());
  return std::make_unique<RmsNormalization>(axis, epsilon);
}

}  // namespace

void register_rms_normalization(OpRegistry& registry) { registry.add("RMSNormalization", make_rms_normalization); }

}  // namespace pleat
