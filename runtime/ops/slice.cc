#include <algorithm>

#include "runtime/ops/axes_shared.h"
#include "runtime/ops/axis_gather_shared.h"
#include "runtime/ops/channel_gather_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

struct Range {
  std::int64_t first, count, step;
};

/// The elements first:end:step of an axis of `size`; a first element before the axis is that of the axis, whatever the
/// sign of step.
Range resolve(std::int64_t first, std::int64_t end, std::int64_t step, std::int64_t size) {
  const std::int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
  if (first < 0) first = std::max(first, -size) + size;
  first = std::clamp(first, std::min<std::int64_t>(0, highest), highest);
  if (end < 0) end = end < -size ? -1 : end + size;
  end = std::clamp(end, lowest, highest);
  const std::int64_t distance = step > 0 ? end - first : first - end;
  if (distance <= 0 || size == 0) return {0, 0, 1};
  // Unsigned, since the smallest step has no positive counterpart.
  const auto stride = step > 0 ? static_cast<std::uint64_t>(step) : -static_cast<std::uint64_t>(step);
  const auto count = static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / stride + 1);
  return {first, count, count > 1 ? step : 1};
}

/// Along each named axis, the elements from `starts` up to `ends` (exclusive) by `steps`. Attributes before opset 10,
/// then inputs; steps from opset 10.
class Slice final : public Operator {
 public:
  struct Parameters {
    ListParameter starts, ends, axes, steps;
    std::size_t least_inputs, most_inputs;
  };
  explicit Slice(Parameters parameters) : parameters_(std::move(parameters)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, parameters_.least_inputs, parameters_.most_inputs));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    PLEAT_ASSIGN(const auto ranges, resolve_ranges(inputs));
    const Ints strides = from.strides();
    std::vector<AxisGather::Table> tables;
    Ints dims;
    for (std::size_t axis = 0; axis < ranges.size(); ++axis) {
      const Range& range = ranges[axis];
      dims.push_back(range.count);
      PLEAT_TRY(AxisGather::check_length(range.count));
      tables.push_back(AxisGather::table(range.count, range.first * strides[axis], range.step * strides[axis]));
    }
    whole_ = dims == from.dims() &&
             std::all_of(ranges.begin(), ranges.end(), [](const Range& range) { return range.step == 1; });
    cut_ = {};
    const auto whole = [&](std::size_t axis) { return ranges[axis].count == from[static_cast<int>(axis)]; };
    bool others_whole = ranges.size() >= 3 && ranges[1].step == 1;
    for (std::size_t axis = 0; axis < ranges.size(); ++axis)
      others_whole = others_whole && (axis == 1 || (whole(axis) && ranges[axis].step == 1));
    if (others_whole) cut_ = channel_range(ranges[1].first, ranges[1].count);
    gather_ = AxisGather(std::move(tables));
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }

  std::optional<int> view_of() const override { return whole_ ? std::optional<int>(0) : std::nullopt; }

  std::vector<ChannelOrigin> channel_origins(std::size_t) const override { return cut_; }

  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    gather_.run(x.data, nullptr, context.outputs[0].data, size_of(x.dtype), *context.pool);
  }

 private:
  Result<std::vector<Range>> resolve_ranges(std::span<const Fact> inputs) const {
    const Shape& from = inputs[0].shape;
    PLEAT_ASSIGN(const auto starts, parameters_.starts.resolve(inputs));
    PLEAT_ASSIGN(const auto ends, parameters_.ends.resolve(inputs));
    PLEAT_ASSIGN(const auto axes, parameters_.axes.resolve(inputs));
    PLEAT_ASSIGN(const auto steps, parameters_.steps.resolve(inputs));
    if (!starts || !ends) return fail(Error::invalid("'starts' or 'ends' is missing"));
    const std::size_t count = starts->size();
    const bool alike = ends->size() == count && (!axes || axes->size() == count) && (!steps || steps->size() == count);
    if (!alike)
      return fail(Error::invalid("starts, ends, axes and steps are not of one length")
                      .expect(std::to_string(count) + " as starts"));
    if (!axes && count > static_cast<std::size_t>(from.rank()))
      return fail(Error::invalid("more starts than axes").expect("at most " + std::to_string(from.rank())));
    if (axes) PLEAT_TRY(normalize_axes(*axes, from.rank()));
    std::vector<Range> ranges;
    for (std::int64_t size : from) ranges.push_back({0, size, 1});
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t named = axes ? (*axes)[i] : static_cast<std::int64_t>(i);
      const std::int64_t axis = named < 0 ? named + from.rank() : named;
      const std::int64_t step = steps ? (*steps)[i] : 1;
      if (step == 0) return fail(Error::invalid("a step is 0").saw(Shape(*steps).text()));
      ranges[static_cast<std::size_t>(axis)] = resolve((*starts)[i], (*ends)[i], step, from[static_cast<int>(axis)]);
    }
    return ranges;
  }

  Parameters parameters_;
  std::vector<ChannelOrigin> cut_;  ///< where only channels are left out
  AxisGather gather_;
  bool whole_ = false;
};

Result<std::unique_ptr<Operator>> make_slice(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  if (opset >= 10) {
    PLEAT_TRY(reader.finish());
    return std::make_unique<Slice>(Slice::Parameters{ListParameter::input(1, "starts"), ListParameter::input(2, "ends"),
                                                     ListParameter::input(3, "axes"), ListParameter::input(4, "steps"),
                                                     3, 5});
  }
  Slice::Parameters parameters{ListParameter::attribute(reader, "starts"),
                               ListParameter::attribute(reader, "ends"),
                               ListParameter::attribute(reader, "axes"),
                               {},
                               1,
                               1};
  PLEAT_TRY(reader.finish());
  return std::make_unique<Slice>(std::move(parameters));
}

}  // namespace

void register_slice(OpRegistry& registry) { registry.add("Slice", make_slice); }

}  // namespace pleat
