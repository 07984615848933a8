#include "runtime/ops/window_shared.h"

#include <algorithm>

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

Status check_list(const char* name, const Ints& list, std::int64_t least) {
  for (std::int64_t value : list)
    if (value < least)
      return fail(Error::invalid("the attribute '" + std::string(name) + "' has a value out of range")
                      .expect("at least " + std::to_string(least))
                      .saw(Shape(list).text()));
  return {};
}

struct Axis {
  std::int64_t in, kernel, stride, dilation, pad_begin, pad_end, out;

  /// Inputs from the first tap to the last.
  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

Status place_explicit(Axis& axis, bool ceil_mode) {
  const std::int64_t room = axis.in + axis.pad_begin + axis.pad_end - axis.extent();
  if (axis.in == 0 || room < 0)
    return fail(Error::invalid("the kernel does not fit the padded input")
                    .expect("at least " + std::to_string(axis.extent()) + " elements along each spatial axis")
                    .saw(std::to_string(axis.in) + " with padding " + std::to_string(axis.pad_begin) + " and " +
                         std::to_string(axis.pad_end)));
  axis.out = (ceil_mode ? room + axis.stride - 1 : room) / axis.stride + 1;
  if (ceil_mode && (axis.out - 1) * axis.stride >= axis.in + axis.pad_begin) --axis.out;
  return {};
}

void place_same(Axis& axis, bool upper) {
  axis.out = (axis.in + axis.stride - 1) / axis.stride;
  const std::int64_t total = std::max<std::int64_t>(0, (axis.out - 1) * axis.stride + axis.extent() - axis.in);
  axis.pad_begin = upper ? total / 2 : total - total / 2;
  axis.pad_end = total - axis.pad_begin;
}

}  // namespace

Status check_length(const char* name, const Ints& list, std::size_t length) {
  if (list.empty() || list.size() == length) return {};
  return fail(Error::invalid("the attribute '" + std::string(name) + "' does not fit the input's spatial axes")
                  .expect(std::to_string(length) + " values")
                  .saw(std::to_string(list.size())));
}

WindowAttributes WindowAttributes::read(AttributeReader& attributes) {
  WindowAttributes w;
  w.auto_pad = attributes.text("auto_pad", "NOTSET");
  w.kernel_shape = attributes.integers("kernel_shape");
  w.strides = attributes.integers("strides");
  w.pads = attributes.integers("pads");
  return w;
}

Status WindowAttributes::check() const {
  if (auto_pad != "NOTSET" && auto_pad != "VALID" && auto_pad != "SAME_UPPER" && auto_pad != "SAME_LOWER")
    return fail(Error::invalid("unknown auto_pad").expect("NOTSET, SAME_UPPER, SAME_LOWER or VALID").saw(auto_pad));
  if (auto_pad != "NOTSET" && std::any_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad != 0; }))
    return fail(Error::invalid("'pads' and 'auto_pad' cannot both say how to pad")
                    .saw("pads " + Shape(pads).text() + " and auto_pad " + auto_pad)
                    .fix("remove one of them"));
  PLEAT_TRY(check_list("kernel_shape", kernel_shape, 1));
  PLEAT_TRY(check_list("strides", strides, 1));
  PLEAT_TRY(check_list("dilations", dilations, 1));
  return check_list("pads", pads, 0);
}

Result<Window> WindowAttributes::resolve(std::span<const std::int64_t> in, std::span<const std::int64_t> kernel) const {
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  const std::size_t axes = in.size();
  if (axes > Window::kAxes)
    return fail(Error::unsupported("too many spatial axes").expect("1, 2 or 3").saw(std::to_string(axes)));
  PLEAT_TRY(check_length("kernel_shape", Ints(kernel.begin(), kernel.end()), axes));
  PLEAT_TRY(check_length("strides", strides, axes));
  PLEAT_TRY(check_length("dilations", dilations, axes));
  PLEAT_TRY(check_length("pads", pads, 2 * axes));
  for (const auto list : {std::span<const std::int64_t>(strides), std::span<const std::int64_t>(dilations),
                          std::span<const std::int64_t>(pads), kernel, in})
    if (std::any_of(list.begin(), list.end(), [](std::int64_t value) { return value >= kMost; }))
      return fail(Error::unsupported("a size, stride, dilation or padding of 2^31 or more"));

  Window window;
  for (std::size_t i = 0; i < axes; ++i) {
    Axis axis = {.in = in[i],
                 .kernel = kernel[i],
                 .stride = strides.empty() ? 1 : strides[i],
                 .dilation = dilations.empty() ? 1 : dilations[i],
                 .pad_begin = pads.empty() ? 0 : pads[i],
                 .pad_end = pads.empty() ? 0 : pads[axes + i],
                 .out = 0};
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER")
      place_same(axis, auto_pad == "SAME_UPPER");
    else
      PLEAT_TRY(place_explicit(axis, ceil_mode));
    const std::size_t a = Window::kAxes - axes + i;
    window.in[a] = axis.in;
    window.out[a] = axis.out;
    window.kernel[a] = axis.kernel;
    window.stride[a] = axis.stride;
    window.dilation[a] = axis.dilation;
    window.pad_begin[a] = axis.pad_begin;
    window.pad_end[a] = axis.pad_end;
  }
  return window;
}

Shape windowed_shape(const Shape& shape, std::int64_t channels, const Window& window) {
  std::vector<std::int64_t> dims = {shape[0], channels};
  dims.insert(dims.end(), window.out.end() - (shape.rank() - 2), window.out.end());
  return Shape(std::move(dims));
}

Status expect_spatial(const Shape& shape) {
  if (shape.rank() >= 3) return {};
  return fail(
      Error::invalid("the input has no spatial axes").expect("[batch, channels, size, …]").saw("X" + shape.text()));
}

}  // namespace pleat
