#include "runtime/ops/reorder_shared.h"

#include "runtime/kernels/blocked/reorder.h"

namespace pleat {
namespace {

class Reorder final : public Operator {
 public:
  Reorder(const Planes& from, const Planes& to) : from_(from), to_(to) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }

  /// One pixel per channel and no halo: the elements already stand in order, whole blocks where either side has them.
  std::optional<int> view_of() const override {
    const bool one_pixel = from_.rows() * from_.row_pixels() == 1 && to_.rows() * to_.row_pixels() == 1;
    const bool whole_blocks = from_.channels % kChannelBlock == 0;
    const bool shrinks = from_.batch == 1 && to_.lanes == 1;
    return one_pixel && (whole_blocks || shrinks) ? std::optional(0) : std::nullopt;
  }

  void run(const RunContext& context) const noexcept override {
    reorder(from_, context.inputs[0].as<float>(), to_, context.outputs[0].as<float>(), *context.pool);
  }

 private:
  Planes from_, to_;
};

}  // namespace

Planes row_major_planes(const Planes& planes) {
  return {planes.batch, planes.channels, planes.height, planes.width, 1, {}};
}

std::optional<Planes> planes_of(const Fact& fact) {
  const Shape& s = fact.shape;
  if (fact.dtype != DType::kFloat || s.rank() < 3 || s.rank() > 4 || s.elements() == 0) return std::nullopt;
  return Planes{s[0], s[1], s.rank() == 4 ? s[2] : 1, s[s.rank() - 1], 1, {}};
}

std::unique_ptr<Operator> make_reorder(const Planes& from, const Planes& to) {
  return std::make_unique<Reorder>(from, to);
}

}  // namespace pleat
