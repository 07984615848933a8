#include <algorithm>

#include "runtime/kernels/blocked/gather_pixels.h"
#include "runtime/ops/axes_shared.h"
#include "runtime/ops/axis_gather_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

enum class Mode { kConstant, kReflect, kEdge, kWrap };

/// Where position i outside [0, size) reads, size > 0.
std::int64_t mirrored(std::int64_t i, std::int64_t size) {
  if (size == 1) return 0;
  const std::int64_t period = 2 * (size - 1);
  const std::int64_t within = (i % period + period) % period;
  return within < size ? within : period - within;
}

std::int64_t source_of(Mode mode, std::int64_t i, std::int64_t size) {
  switch (mode) {
    case Mode::kReflect: return mirrored(i, size);
    case Mode::kEdge: return std::clamp<std::int64_t>(i, 0, size - 1);
    case Mode::kWrap: return (i % size + size) % size;
    case Mode::kConstant: break;
  }
  return i >= 0 && i < size ? i : AxisGather::kFill;
}

/// Widens the ends of the axes; a negative width takes elements away, before the others are added. The widths are an
/// attribute before opset 11, then an input; from opset 18 they may be for some axes only.
class Pad final : public PlanesFollower {
 public:
  struct Form {
    Mode mode;
    ListParameter pads, axes;
    double value;   ///< before opset 11
    bool by_input;  ///< from opset 11: inputs pads, constant_value and, from opset 18, axes
    bool with_axes;
  };
  explicit Pad(Form form) : form_(std::move(form)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, form_.by_input ? 2 : 1, form_.by_input ? (form_.with_axes ? 4 : 3) : 1));
    PLEAT_TRY(expect_movable(inputs[0]));
    PLEAT_TRY(settle_value(inputs));
    const Shape& from = inputs[0].shape;
    PLEAT_ASSIGN(const Ints pads, resolve_pads(inputs));
    const Ints strides = from.strides();
    std::vector<AxisGather::Table> tables;
    Ints dims;
    sources_.clear();
    for (int axis = 0; axis < from.rank(); ++axis) {
      const auto a = static_cast<std::size_t>(axis);
      const std::int64_t begin = pads[a], end = pads[a + strides.size()];
      PLEAT_ASSIGN(const std::int64_t size, padded_size(from[axis], begin, end));
      dims.push_back(size);
      PLEAT_TRY(checked_elements(dims, size_of(inputs[0].dtype)));
      PLEAT_TRY(AxisGather::check_length(size));
      PLEAT_ASSIGN(sources_.emplace_back(), axis_sources(from[axis], begin, end, size));
      AxisGather::Table table;
      for (const std::int64_t source : sources_.back())
        table.push_back(source == kNowhere ? AxisGather::kFill : source * strides[a]);
      tables.push_back(std::move(table));
    }
    const auto keeps = [&](std::size_t axis) { return pads[axis] == 0 && pads[axis + strides.size()] == 0; };
    keeps_channels_ = strides.size() > 1 && keeps(0) && keeps(1);
    unchanged_ = std::all_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad == 0; });
    gather_ = AxisGather(std::move(tables));
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }

  std::optional<int> view_of() const override { return unchanged_ ? std::optional<int>(0) : std::nullopt; }

  void run(const RunContext& context) const noexcept override {
    constexpr std::uint64_t kZero[2] = {};
    const TensorView& x = context.inputs[0];
    const bool given = form_.by_input && context.inputs.size() > 2 && context.inputs[2].present();
    const void* fill = given ? context.inputs[2].data : value_.present() ? value_.bytes().data() : nullptr;
    if (planes_) {
      constexpr std::int64_t kOneRow[] = {0};
      const bool has_rows = sources_.size() > 3;
      return gather_pixels({.x_planes = planes_->in,
                            .y_planes = planes_->out,
                            .rows = has_rows ? std::span<const std::int64_t>(sources_[2]) : kOneRow,
                            .columns = sources_.back(),
                            .x = x.as<float>(),
                            .fill = fill != nullptr ? *static_cast<const float*>(fill) : 0.0F,
                            .y = context.outputs[0].as<float>()},
                           *context.pool);
    }
    gather_.run(x.data, fill != nullptr ? fill : kZero, context.outputs[0].data, size_of(x.dtype), *context.pool);
  }

 private:
  static constexpr std::int64_t kNowhere = PixelGather::kFilled;

  bool can_follow(std::span<const Fact>) const override { return keeps_channels_; }

  Status settle_value(std::span<const Fact> inputs) {
    if (form_.by_input) {
      if (inputs.size() < 3 || !inputs[2].present()) return {};
      if (inputs[2].dtype == inputs[0].dtype && inputs[2].shape.elements() == 1) return {};
      return fail(Error::invalid("constant_value is not one element of the type of the data")
                      .expect(std::string(dtype_name(inputs[0].dtype)) + "[]")
                      .saw(std::string(dtype_name(inputs[2].dtype)) + inputs[2].shape.text()));
    }
    if (form_.value == 0) return {};
    PLEAT_ASSIGN(value_, from_doubles(inputs[0].dtype, Shape{}, std::span(&form_.value, 1)));
    return {};
  }

  /// Begins of all axes, then ends.
  Result<Ints> resolve_pads(std::span<const Fact> inputs) const {
    const auto rank = static_cast<std::size_t>(inputs[0].shape.rank());
    PLEAT_ASSIGN(const auto pads, form_.pads.resolve(inputs));
    PLEAT_ASSIGN(const auto axes, form_.axes.resolve(inputs));
    const std::size_t count = axes ? axes->size() : rank;
    if (pads->size() != 2 * count)
      return fail(Error::invalid("the pads do not fit the axes")
                      .expect(std::to_string(2 * count) + " values")
                      .saw(Shape(*pads).text()));
    if (!axes) return *pads;
    PLEAT_TRY(normalize_axes(*axes, static_cast<int>(rank)));
    Ints all(2 * rank, 0);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t named = (*axes)[i];
      const std::size_t axis = static_cast<std::size_t>(named < 0 ? named + static_cast<std::int64_t>(rank) : named);
      all[axis] = (*pads)[i];
      all[axis + rank] = (*pads)[i + count];
    }
    return all;
  }

  static Result<std::int64_t> padded_size(std::int64_t size, std::int64_t begin, std::int64_t end) {
    constexpr std::int64_t kMost = std::int64_t{1} << 62;
    std::int64_t padded = 0;
    if (begin < -kMost || end < -kMost || __builtin_add_overflow(size, begin, &padded) ||
        __builtin_add_overflow(padded, end, &padded))
      return fail(Error::resource("shape too large to address"));
    if (padded >= 0) return padded;
    return fail(Error::invalid("more is taken away than there is")
                    .expect("at most " + std::to_string(size) + " elements of the axis")
                    .saw("pads " + std::to_string(begin) + " and " + std::to_string(end)));
  }

  /// For each position of the padded axis the one it repeats, or kNowhere.
  Result<Ints> axis_sources(std::int64_t size, std::int64_t begin, std::int64_t end, std::int64_t padded) const {
    const std::int64_t skipped = begin < 0 ? -begin : 0;
    const std::int64_t kept = std::max<std::int64_t>(0, size - skipped + std::min<std::int64_t>(0, end));
    if (kept == 0 && padded > 0 && form_.mode != Mode::kConstant)
      return fail(Error::invalid("there is nothing to pad from").saw("an axis that is empty before padding"));
    Ints sources(static_cast<std::size_t>(padded));
    const std::int64_t added = std::max<std::int64_t>(0, begin);
    for (std::int64_t i = 0; i < padded; ++i) {
      const std::int64_t source = source_of(form_.mode, i - added, kept);
      sources[static_cast<std::size_t>(i)] = source < 0 ? kNowhere : source + skipped;
    }
    return sources;
  }

  Form form_;
  Tensor value_;
  AxisGather gather_;
  std::vector<Ints> sources_;  ///< per axis
  bool unchanged_ = false;
  bool keeps_channels_ = false;  ///< and the batch
};

Result<Mode> mode_of(const std::string& name, std::int64_t opset) {
  if (name == "constant") return Mode::kConstant;
  if (name == "reflect") return Mode::kReflect;
  if (name == "edge") return Mode::kEdge;
  if (name == "wrap" && opset >= 19) return Mode::kWrap;
  return fail(Error::invalid("unknown mode").expect("constant, reflect, edge or, from opset 19, wrap").saw(name));
}

Result<std::unique_ptr<Operator>> make_pad(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const std::string mode = reader.text("mode", "constant");
  Pad::Form form{.mode = Mode::kConstant,
                 .pads = ListParameter::input(1, "pads"),
                 .axes = {},
                 .value = 0,
                 .by_input = opset >= 11,
                 .with_axes = opset >= 18};
  if (form.with_axes) form.axes = ListParameter::input(3, "axes");
  if (!form.by_input) {
    const char* name = opset == 1 ? "paddings" : "pads";
    if (!reader.has(name)) return fail(Error::invalid("the attribute '" + std::string(name) + "' is missing"));
    form.pads = ListParameter::attribute(reader, name);
    form.value = static_cast<double>(reader.number("value", 0));
  }
  PLEAT_TRY(reader.finish());
  PLEAT_ASSIGN(form.mode, mode_of(mode, opset));
  return std::make_unique<Pad>(std::move(form));
}

}  // namespace

void register_pad(OpRegistry& registry) { registry.add("Pad", make_pad); }

}  // namespace pleat
