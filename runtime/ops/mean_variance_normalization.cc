#include <cmath>

#include "runtime/base/thread_pool.h"
#include "runtime/graph/attributes.h"
#include "runtime/kernels/moments.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = (X - mean) / (√variance + 1e-9), the moments over `axes`, in the order of LaneSum over those axes in row-major
/// order.
class MeanVarianceNormalization final : public Operator {
 public:
  explicit MeanVarianceNormalization(std::vector<std::int64_t> axes) : axes_(std::move(axes)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "X"));
    const Shape& x = inputs[0].shape;
    std::vector<bool> reduced(static_cast<std::size_t>(x.rank()));
    for (std::int64_t axis : axes_) {
      PLEAT_ASSIGN(const int at, normalize_axis(axis, x.rank()));
      reduced[static_cast<std::size_t>(at)] = true;
    }
    starts_ = offsets(x, reduced, false);
    members_ = offsets(x, reduced, true);
    dtype_ = inputs[0].dtype;
    return std::vector<Fact>{{dtype_, x, std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return 0; }

  /// One gathered group for each thread.
  std::size_t scratch_bytes(int threads) const override { return static_cast<std::size_t>(threads) * group_bytes(); }

  void run(const RunContext& context) const noexcept override {
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const T* x = context.inputs[0].as<T>();
      T* y = context.outputs[0].as<T>();
      const auto groups = static_cast<std::int64_t>(starts_.size());
      const auto size = static_cast<std::int64_t>(members_.size());
      context.pool->parallel_slots(groups, 1, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
        T* group = reinterpret_cast<T*>(context.scratch + static_cast<std::size_t>(thread) * group_bytes());
        for (std::int64_t g = begin; g < end; ++g) {
          const std::int64_t start = starts_[static_cast<std::size_t>(g)];
          for (std::size_t i = 0; i < members_.size(); ++i) group[i] = x[start + members_[i]];
          const auto [mean, variance] = moments(group, size);
          const T divisor = std::sqrt(variance) + static_cast<T>(1e-9);
          for (std::size_t i = 0; i < members_.size(); ++i) y[start + members_[i]] = (group[i] - mean) / divisor;
        }
      });
    });
  }

 private:
  /// Of all positions along the axes that are, or are not, reduced.
  static std::vector<std::int64_t> offsets(const Shape& shape, const std::vector<bool>& reduced, bool wanted) {
    std::vector<std::int64_t> found = {0};
    const std::vector<std::int64_t> strides = shape.strides();
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (reduced[static_cast<std::size_t>(axis)] != wanted) continue;
      std::vector<std::int64_t> next;
      next.reserve(found.size() * static_cast<std::size_t>(shape[axis]));
      for (std::int64_t offset : found)
        for (std::int64_t i = 0; i < shape[axis]; ++i)
          next.push_back(offset + i * strides[static_cast<std::size_t>(axis)]);
      found = std::move(next);
    }
    return found;
  }

  std::size_t group_bytes() const { return (members_.size() * size_of(dtype_) + 63) / 64 * 64; }

  std::vector<std::int64_t> axes_;
  std::vector<std::int64_t> starts_, members_;  ///< a group's first element, and its elements counted from there
  DType dtype_ = DType::kUndefined;
};

Result<std::unique_ptr<Operator>> make_mean_variance_normalization(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  std::vector<std::int64_t> axes = reader.integers("axes", {0, 2, 3});
  PLEAT_TRY(reader.finish());
  return std::make_unique<MeanVarianceNormalization>(std::move(axes));
}

}  // namespace

void register_mean_variance_normalization(OpRegistry& registry) {
  registry.add("MeanVarianceNormalization", make_mean_variance_normalization);
}

}  // namespace pleat
