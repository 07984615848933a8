#include "tests/support/oracle/operators.h"

namespace pleat {
namespace {

struct Axis {
  std::int64_t in = 0, out = 0;
  double scale = 1, start = 0, end = 1;
};

struct Tap {
  std::int64_t from = 0;
  double weight = 0;
};

double source_of(const Axis& axis, std::int64_t p, const std::string& mode) {
  const double x = static_cast<double>(p);
  if (mode == "asymmetric") return x / axis.scale;
  if (mode == "align_corners")
    return axis.out == 1 ? 0 : x * static_cast<double>(axis.in - 1) / static_cast<double>(axis.out - 1);
  if (mode == "tf_crop_and_resize") {
    const double span = static_cast<double>(axis.in - 1);
    if (axis.out == 1) return 0.5 * (axis.start + axis.end) * span;
    return axis.start * span + x * (axis.end - axis.start) * span / static_cast<double>(axis.out - 1);
  }
  if (mode == "pytorch_half_pixel" && axis.out == 1) return 0;
  return (x + 0.5) / axis.scale - 0.5;
}

double nearest_of(double x, const std::string& mode) {
  if (mode == "floor") return std::floor(x);
  if (mode == "ceil") return std::ceil(x);
  if (mode == "round_prefer_ceil") return std::floor(x + 0.5);
  return std::ceil(x - 0.5);
}

double cubic(double distance, double a) {
  const double d = std::fabs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

std::vector<Tap> taps_at(double x, std::int64_t size, const std::string& mode, const std::string& nearest, double a) {
  const auto clamp = [&](double p) {
    return static_cast<std::int64_t>(std::min(std::max(p, 0.0), static_cast<double>(size - 1)));
  };
  if (mode == "nearest") return {{clamp(nearest_of(x, nearest)), 1}};
  const double low = std::floor(x), part = x - low;
  if (mode == "linear") return {{clamp(low), 1 - part}, {clamp(low + 1), part}};
  std::vector<Tap> taps;
  for (int i = -1; i <= 2; ++i) taps.push_back({clamp(low + i), cubic(part - i, a)});
  return taps;
}

/// One axis after another: all modes are separable.
void resize(OracleCall& call) {
  OracleValue x = call.in(0);
  auto attributes = call.attributes();
  const bool old = call.opset < 11;
  const std::string mode = attributes.text("mode", "nearest");
  const std::string where = attributes.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  const std::string nearest = attributes.text("nearest_mode", old ? "floor" : "round_prefer_floor");
  const double a = attributes.number("cubic_coeff_a", -0.75F);
  const Tracked outside = attributes.number("extrapolation_value", 0);
  const std::size_t at_scales = old ? 1 : 2;
  for (std::size_t i = 0; i < x.dims.size(); ++i) {
    Axis axis;
    axis.in = x.dims[i];
    if (call.has(3) && !call.in(3).data.empty()) {
      axis.out = to_integers(call.in(3))[i];
      axis.scale = static_cast<double>(axis.out) / static_cast<double>(axis.in);
    } else {
      axis.scale = call.in(at_scales).data[i].value;
      axis.out = static_cast<std::int64_t>(std::floor(static_cast<double>(axis.in) * axis.scale));
    }
    if (where == "tf_crop_and_resize") {
      axis.start = call.in(1).data[i].value;
      axis.end = call.in(1).data[i + x.dims.size()].value;
    }
    if (axis.in == axis.out && axis.start == 0 && axis.end == 1) continue;
    std::vector<std::int64_t> dims = x.dims;
    dims[i] = axis.out;
    OracleValue y = zeros(x.dtype, dims);
    const auto in = strides(x.dims);
    std::size_t next = 0;
    for_each_index(dims, [&](const auto& index) {
      const double from = source_of(axis, index[i], where);
      if (where == "tf_crop_and_resize" && (from < 0 || from > static_cast<double>(axis.in - 1))) {
        y.data[next++] = outside;
        return;
      }
      Tracked sum = 0;
      for (const Tap& tap : taps_at(from, axis.in, mode, nearest, a))
        sum += x.data[static_cast<std::size_t>(offset(index, in) + (tap.from - index[i]) * in[i])] *
               Tracked(tap.weight, mode == "nearest" ? 0 : 0x1p-48);
      y.data[next++] = sum;
    });
    x = std::move(y);
  }
  call.give(std::move(x));
}

}  // namespace

OracleOperator oracle_resize();
OracleOperator oracle_resize() { return resize; }

}  // namespace pleat
