#include "runtime/ops/pair_shared.h"

namespace pleat {

BroadcastPair::BroadcastPair(AttributeReader& reader, std::int64_t opset) {
  if (opset >= 7) return;
  legacy_.emplace();
  legacy_->broadcast = reader.integer("broadcast", 0) != 0;
  if (reader.has("axis")) legacy_->axis = reader.integer("axis", 0);
  if (opset < 6) reader.ignore("consumed_inputs");
}

Result<Shape> BroadcastPair::join(const Shape& a, const Shape& b) {
  Shape under = b;
  if (legacy_) {
    PLEAT_ASSIGN(under, placed(a, b));
  }
  PLEAT_ASSIGN(Shape out, broadcast(a, under));
  if (legacy_ && out != a) return fail(Error::invalid("the second input does not broadcast to the first"));
  PLEAT_TRY(checked_elements(out.dims(), 1));
  loops_ = broadcast_loops(a, under, out);
  right_ = std::move(under);
  return out;
}

/// B's axes put under A's axes from `axis` on, or under the last ones.
Result<Shape> BroadcastPair::placed(const Shape& a, const Shape& b) const {
  if (!legacy_->broadcast) {
    if (a == b) return b;
    return fail(Error::invalid("the shapes differ and the attribute 'broadcast' is not set"));
  }
  const std::int64_t last = static_cast<std::int64_t>(a.rank()) - b.rank();
  const std::int64_t axis = legacy_->axis.value_or(last);
  if (axis < 0 || axis > last)
    return fail(
        Error::invalid("axis out of range").expect("between 0 and " + std::to_string(last)).saw(std::to_string(axis)));
  std::vector<std::int64_t> dims = b.dims();
  dims.resize(static_cast<std::size_t>(a.rank() - axis), 1);
  return Shape(std::move(dims));
}

std::optional<int> BroadcastPair::overwritable(std::span<const Fact> inputs, DType dtype, std::int64_t elements) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].constant && inputs[i].dtype == dtype && inputs[i].shape.elements() == elements)
      return static_cast<int>(i);
  return std::nullopt;
}

}  // namespace pleat
