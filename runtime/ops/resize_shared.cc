#include "runtime/ops/resize_shared.h"

#include <algorithm>
#include <cmath>

#include "runtime/kernels/resample.h"
#include "runtime/ops/axes_shared.h"
#include "runtime/ops/axis_gather_shared.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

Result<std::vector<double>> constant_numbers(const Fact& input, std::string_view what) {
  if (input.shape.rank() > 1)
    return fail(Error::invalid("the " + std::string(what) + " must be a list").saw(input.shape.text()));
  if (!input.constant)
    return fail(Error::unsupported("the " + std::string(what) + " is computed from the model's input")
                    .expect("one that is known when the model is planned"));
  return to_doubles(*input.constant);
}

Status expect_length(std::size_t length, std::size_t expected, std::string_view what) {
  if (length == expected) return {};
  return fail(Error::invalid("the " + std::string(what) + " does not fit the axes")
                  .expect(std::to_string(expected) + " values")
                  .saw(std::to_string(length)));
}

class Resize final : public Operator {
 public:
  explicit Resize(ResizeForm form) : form_(std::move(form)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    std::size_t most = 1;
    for (const auto& input : {form_.roi_input, form_.scales_input, form_.sizes_input})
      if (input) most = std::max(most, *input + 1);
    PLEAT_TRY(expect_inputs(inputs, 1, most));
    const Shape& from = inputs[0].shape;
    dtype_ = inputs[0].dtype;
    if (form_.filter.mode == ResizeMode::kNearest)
      PLEAT_TRY(expect_movable(inputs[0]));
    else
      PLEAT_TRY(expect_float(inputs[0], "X"));
    PLEAT_ASSIGN(axes_, resolve_axes(inputs));
    Ints dims;
    for (const ResizeAxis& axis : axes_) dims.push_back(axis.out);
    PLEAT_TRY(checked_elements(dims, size_of(dtype_)));
    weights_.clear();
    unchanged_ = true;
    for (const ResizeAxis& axis : axes_) {
      if (axis.in == 0 && axis.out > 0) return fail(Error::invalid("there is nothing to resize").saw(from.text()));
      PLEAT_TRY(AxisGather::check_length(axis.out));
      ResizeFilter filter = form_.filter;
      if (form_.legacy_nearest) filter.nearest = axis.scale < 1 ? NearestMode::kCeil : NearestMode::kFloor;
      weights_.push_back(weigh_axis(filter, axis));
      unchanged_ = unchanged_ && weights_.back().is_identity(axis.in);
    }
    if (form_.filter.coordinates == CoordinateMode::kTfCropAndResize) PLEAT_TRY(settle_extrapolation());
    if (form_.filter.mode == ResizeMode::kNearest) settle_gather(from);
    return std::vector<Fact>{{dtype_, Shape(std::move(dims)), std::nullopt}};
  }

  std::optional<int> view_of() const override { return unchanged_ ? std::optional<int>(0) : std::nullopt; }

  /// Two rooms that the passes along the axes fill in turn.
  std::size_t scratch_bytes(int) const override { return form_.filter.mode == ResizeMode::kNearest ? 0 : 2 * room(); }

  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    const MutableTensorView& y = context.outputs[0];
    if (y.elements() == 0) return;
    if (form_.filter.mode == ResizeMode::kNearest)
      return gather_.run(x.data, extrapolation_.bytes().data(), y.data, size_of(dtype_), *context.pool);
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      run_passes(x.as<T>(), y.as<T>(), context);
    });
  }

 private:
  /// The axes of X in order, those that are not named left as they are.
  Result<std::vector<ResizeAxis>> resolve_axes(std::span<const Fact> inputs) const {
    const Shape& from = inputs[0].shape;
    Ints named;
    for (int axis = 0; axis < from.rank(); ++axis) named.push_back(axis);
    if (form_.axes) {
      named = *form_.axes;
      PLEAT_TRY(normalize_axes(named, from.rank()));
      for (std::int64_t& axis : named) axis += axis < 0 ? from.rank() : 0;
    }
    std::vector<ResizeAxis> axes;
    for (std::int64_t size : from) axes.push_back({.in = size, .out = size});
    std::vector<ResizeAxis> resized;
    for (std::int64_t axis : named) resized.push_back(axes[static_cast<std::size_t>(axis)]);
    PLEAT_TRY(read_roi(inputs, resized));
    PLEAT_TRY(read_sizes(inputs, resized));
    for (std::size_t i = 0; i < named.size(); ++i) axes[static_cast<std::size_t>(named[i])] = resized[i];
    return axes;
  }

  static bool given(std::span<const Fact> inputs, std::optional<std::size_t> input) {
    if (!input || *input >= inputs.size() || !inputs[*input].present()) return false;
    return inputs[*input].shape != Shape{0};
  }

  Status read_roi(std::span<const Fact> inputs, std::vector<ResizeAxis>& axes) const {
    if (form_.filter.coordinates != CoordinateMode::kTfCropAndResize) return {};
    if (!given(inputs, form_.roi_input)) return fail(Error::invalid("tf_crop_and_resize needs the input roi"));
    PLEAT_ASSIGN(const auto roi, constant_numbers(inputs[*form_.roi_input], "roi"));
    PLEAT_TRY(expect_length(roi.size(), 2 * axes.size(), "roi"));
    for (std::size_t i = 0; i < axes.size(); ++i) {
      axes[i].roi_start = roi[i];
      axes[i].roi_end = roi[i + axes.size()];
    }
    return {};
  }

  Status read_sizes(std::span<const Fact> inputs, std::vector<ResizeAxis>& axes) const {
    const bool by_sizes = given(inputs, form_.sizes_input);
    const bool by_scales = form_.scales || given(inputs, form_.scales_input);
    if (by_sizes == by_scales)
      return fail(Error::invalid("either 'scales' or 'sizes' must be given").saw(by_sizes ? "both" : "neither"));
    if (by_sizes) {
      PLEAT_ASSIGN(const Ints sizes, constant_integers(inputs[*form_.sizes_input], "sizes"));
      return apply_sizes(sizes, axes);
    }
    std::vector<double> scales;
    if (form_.scales) {
      scales.assign(form_.scales->begin(), form_.scales->end());
    } else {
      PLEAT_ASSIGN(scales, constant_numbers(inputs[*form_.scales_input], "scales"));
    }
    return apply_scales(scales, axes);
  }

  Status apply_sizes(const Ints& sizes, std::vector<ResizeAxis>& axes) const {
    PLEAT_TRY(expect_length(sizes.size(), axes.size(), "sizes"));
    PLEAT_TRY(checked_elements(sizes, 1));
    double least = 0, most = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      axes[i].out = sizes[i];
      axes[i].scale = axes[i].in == 0 ? 1 : static_cast<double>(sizes[i]) / static_cast<double>(axes[i].in);
      least = i == 0 ? axes[i].scale : std::min(least, axes[i].scale);
      most = std::max(most, axes[i].scale);
    }
    if (form_.policy == ResizeForm::Policy::kStretch) return {};
    for (ResizeAxis& axis : axes) {
      axis.scale = form_.policy == ResizeForm::Policy::kNotLarger ? least : most;
      PLEAT_ASSIGN(axis.out, whole_size(std::floor(axis.scale * static_cast<double>(axis.in) + 0.5)));
    }
    return {};
  }

  Status apply_scales(const std::vector<double>& scales, std::vector<ResizeAxis>& axes) const {
    PLEAT_TRY(expect_length(scales.size(), axes.size(), "scales"));
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (!(scales[i] > 0))
        return fail(Error::invalid("a scale is out of range").expect("above 0").saw(std::to_string(scales[i])));
      axes[i].scale = scales[i];
      // In float, as ONNX infers shapes.
      const auto length = static_cast<float>(axes[i].in) * static_cast<float>(axes[i].roi_end - axes[i].roi_start);
      PLEAT_ASSIGN(axes[i].out, whole_size(std::floor(length * static_cast<float>(scales[i]))));
    }
    return {};
  }

  static Result<std::int64_t> whole_size(double size) {
    if (size < 0) return fail(Error::invalid("a size is negative").saw(std::to_string(size)));
    if (!(size < 0x1p53)) return fail(Error::resource("shape too large to address").saw(std::to_string(size)));
    return static_cast<std::int64_t>(size);
  }

  Status settle_extrapolation() {
    const bool outside = std::any_of(weights_.begin(), weights_.end(), [](const AxisWeights& axis) {
      return std::any_of(axis.outside.begin(), axis.outside.end(), [](bool out) { return out; });
    });
    if (!outside) return {};
    if (form_.extrapolation_value == 0) {
      PLEAT_ASSIGN(extrapolation_, Tensor::allocate(dtype_, {}));
      return {};
    }
    PLEAT_ASSIGN(extrapolation_, from_doubles(dtype_, {}, std::span(&form_.extrapolation_value, 1)));
    return {};
  }

  void settle_gather(const Shape& from) {
    const Ints strides = from.strides();
    std::vector<AxisGather::Table> tables;
    for (std::size_t axis = 0; axis < weights_.size(); ++axis) {
      AxisGather::Table table = weights_[axis].index;
      for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = weights_[axis].outside[i] ? AxisGather::kFill : table[i] * strides[axis];
      tables.push_back(std::move(table));
    }
    gather_ = AxisGather(std::move(tables));
  }

  /// Bytes of the largest value between two passes.
  std::size_t room() const {
    std::size_t most = 0, elements = 1;
    for (const ResizeAxis& axis : axes_) elements *= static_cast<std::size_t>(axis.in);
    for (std::size_t i = axes_.size(); i-- > 0;) {
      if (axes_[i].in == 0) return 0;
      elements = elements / static_cast<std::size_t>(axes_[i].in) * static_cast<std::size_t>(axes_[i].out);
      if (!weights_[i].is_identity(axes_[i].in)) most = std::max(most, elements);
    }
    return (most * size_of(dtype_) + 63) / 64 * 64;
  }

  template <class T>
  void run_passes(const T* x, T* y, const RunContext& context) const {
    T* const rooms[] = {reinterpret_cast<T*>(context.scratch), reinterpret_cast<T*>(context.scratch + room())};
    std::size_t first_pass = axes_.size();
    for (std::size_t i = axes_.size(); i-- > 0;)
      if (!weights_[i].is_identity(axes_[i].in)) first_pass = i;
    const T* source = x;
    std::int64_t inner = 1;
    int turn = 0;
    for (std::size_t i = axes_.size(); i-- > 0; inner *= axes_[i].out) {
      if (weights_[i].is_identity(axes_[i].in)) continue;
      std::int64_t outer = 1;
      for (std::size_t before = 0; before < i; ++before) outer *= axes_[before].in;
      T* target = i == first_pass ? y : rooms[turn++ % 2];
      resample<T>({.outer = outer,
                   .in = axes_[i].in,
                   .out = axes_[i].out,
                   .inner = inner,
                   .taps = weights_[i].taps,
                   .index = weights_[i].index.data(),
                   .weight = weights_[i].weight.data(),
                   .x = source,
                   .y = target},
                  *context.pool);
      source = target;
    }
    if (source == x) copy_elements(context.inputs[0], context.outputs[0]);
    if (extrapolation_.present()) fill_outside(extrapolation_.data<T>()[0], y);
  }

  template <class T>
  void fill_outside(T value, T* y) const {
    std::int64_t outer = 1, inner = 1;
    for (const ResizeAxis& axis : axes_) inner *= axis.out;
    for (std::size_t i = 0; i < axes_.size(); outer *= axes_[i++].out) {
      inner /= axes_[i].out;
      for (std::int64_t at = 0; at < outer * axes_[i].out; ++at)
        if (weights_[i].outside[static_cast<std::size_t>(at % axes_[i].out)]) std::fill_n(y + at * inner, inner, value);
    }
  }

  ResizeForm form_;
  DType dtype_ = DType::kUndefined;
  std::vector<ResizeAxis> axes_;
  std::vector<AxisWeights> weights_;
  AxisGather gather_;
  Tensor extrapolation_;
  bool unchanged_ = false;
};

}  // namespace

std::unique_ptr<Operator> make_resize_operator(ResizeForm form) { return std::make_unique<Resize>(std::move(form)); }

}  // namespace pleat
