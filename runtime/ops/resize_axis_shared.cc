#include "runtime/ops/resize_axis_shared.h"

#include <algorithm>
#include <cmath>

namespace pleat {
namespace {

/// Where output position x lies in the input, by the formulas of ONNX's Resize.
double original_position(CoordinateMode mode, const ResizeAxis& axis, double x) {
  const auto in = static_cast<double>(axis.in), out = static_cast<double>(axis.out);
  const double length = in * axis.scale;
  const double half_pixel = (x + 0.5) / axis.scale - 0.5;
  switch (mode) {
    case CoordinateMode::kHalfPixel: return half_pixel;
    case CoordinateMode::kHalfPixelSymmetric: return in / 2 * (1 - out / length) + half_pixel;
    case CoordinateMode::kPytorchHalfPixel: return axis.out > 1 ? half_pixel : 0;
    case CoordinateMode::kAlignCorners: return axis.out > 1 ? x * (in - 1) / (length - 1) : 0;
    case CoordinateMode::kAsymmetric: return x / axis.scale;
    case CoordinateMode::kTfHalfPixelForNn: return (x + 0.5) / axis.scale;
    case CoordinateMode::kTfCropAndResize: break;
  }
  if (axis.out > 1) return axis.roi_start * (in - 1) + x * (axis.roi_end - axis.roi_start) * (in - 1) / (out - 1);
  return 0.5 * (axis.roi_start + axis.roi_end) * (in - 1);
}

double nearest_position(NearestMode mode, double x) {
  switch (mode) {
    case NearestMode::kRoundPreferFloor: return std::ceil(x - 0.5);
    case NearestMode::kRoundPreferCeil: return std::floor(x + 0.5);
    case NearestMode::kFloor: return std::floor(x);
    case NearestMode::kCeil: break;
  }
  return std::ceil(x);
}

double triangle(double distance) { return std::max(0.0, 1 - std::fabs(distance)); }

/// The cubic convolution kernel with parameter a.
double cubic(double distance, double a) {
  const double d = std::fabs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

/// The kernel around one position, stretched by 1/shrink.
struct Kernel {
  const ResizeFilter& filter;
  double shrink;
  double reach() const { return (filter.mode == ResizeMode::kCubic ? 2 : 1) / shrink; }
  std::int64_t first() const { return static_cast<std::int64_t>(std::floor(-reach())) + 1; }
  std::int64_t taps() const { return 2 - 2 * first(); }
  double at(double distance) const {
    return filter.mode == ResizeMode::kCubic ? cubic(distance * shrink, filter.cubic_a) : triangle(distance * shrink);
  }
};

/// The taps around x: weights that sum to one, positions clamped to the axis.
void weigh_position(const Kernel& kernel, double x, std::int64_t in, std::int64_t* index, double* weight) {
  const double base = std::floor(x);
  double sum = 0;
  for (std::int64_t t = 0; t < kernel.taps(); ++t) {
    const double offset = static_cast<double>(kernel.first() + t);
    const double at = base + offset, last = static_cast<double>(in - 1);
    const bool outside = at < 0 || at > last;
    weight[t] = outside && kernel.filter.exclude_outside ? 0 : kernel.at(offset - (x - base));
    index[t] = static_cast<std::int64_t>(std::clamp(at, 0.0, last));
    sum += weight[t];
  }
  const bool normalize = kernel.filter.exclude_outside || kernel.shrink < 1;
  for (std::int64_t t = 0; t < kernel.taps() && normalize && sum != 0; ++t) weight[t] /= sum;
}

}  // namespace

bool AxisWeights::is_identity(std::int64_t in) const {
  const auto out = static_cast<std::int64_t>(outside.size());
  if (out != in) return false;
  for (std::int64_t i = 0; i < out; ++i) {
    if (outside[static_cast<std::size_t>(i)]) return false;
    for (std::int64_t t = 0; t < taps; ++t) {
      const auto at = static_cast<std::size_t>(i * taps + t);
      if (weight[at] != (index[at] == i ? 1 : 0)) return false;
    }
  }
  return true;
}

AxisWeights weigh_axis(const ResizeFilter& filter, const ResizeAxis& axis) {
  if (axis.out == 0) return {};
  const Kernel kernel{filter, filter.antialias ? std::min(1.0, axis.scale) : 1.0};
  AxisWeights weights;
  weights.taps = filter.mode == ResizeMode::kNearest ? 1 : kernel.taps();
  const auto out = static_cast<std::size_t>(axis.out);
  weights.index.resize(out * static_cast<std::size_t>(weights.taps));
  weights.weight.resize(weights.index.size(), 1);
  weights.outside.resize(out);
  const double last = static_cast<double>(axis.in - 1);
  for (std::size_t i = 0; i < out; ++i) {
    double x = original_position(filter.coordinates, axis, static_cast<double>(i));
    const std::size_t at = i * static_cast<std::size_t>(weights.taps);
    weights.outside[i] = filter.coordinates == CoordinateMode::kTfCropAndResize && !(x >= 0 && x <= last);
    if (weights.outside[i]) x = 0;
    if (filter.mode == ResizeMode::kNearest)
      weights.index[at] = static_cast<std::int64_t>(std::clamp(nearest_position(filter.nearest, x), 0.0, last));
    else
      weigh_position(kernel, x, axis.in, &weights.index[at], &weights.weight[at]);
  }
  return weights;
}

}  // namespace pleat
