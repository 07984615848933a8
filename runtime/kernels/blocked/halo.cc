#include "runtime/kernels/blocked/halo.h"

#include <algorithm>

namespace pleat {
namespace {

/// How far the last tap of the last output reaches beyond the input.
std::int64_t reach_behind(const Window& window, int axis) {
  const auto a = static_cast<std::size_t>(axis);
  return std::max<std::int64_t>(0, window.source(axis, window.out[a] - 1, window.kernel[a] - 1) - window.in[a] + 1);
}

}  // namespace

Halo padding_halo(const Window& window) {
  return {window.pad_begin[1], window.pad_begin[2], reach_behind(window, 1), reach_behind(window, 2)};
}

void clear_halo(const Planes& planes, float* memory, std::int64_t n, std::int64_t b, Interval rows) {
  const Halo& halo = planes.halo;
  const std::int64_t left = halo.left * planes.lanes, right = halo.right * planes.lanes;
  float* row = memory + planes.offset(n, b, rows.begin, -halo.left);
  if (rows.begin == 0) std::fill_n(row - halo.top * planes.row(), halo.top * planes.row(), 0.0F);
  for (std::int64_t y = rows.begin; y < rows.end; ++y, row += planes.row()) {
    std::fill_n(row, left, 0.0F);
    std::fill_n(row + planes.row() - right, right, 0.0F);
  }
  if (rows.end == planes.height) std::fill_n(row, halo.bottom * planes.row(), 0.0F);
}

void clear_spare_lanes(const Planes& planes, float* memory, std::int64_t n, Interval rows) {
  const std::int64_t spare = planes.blocks() * planes.lanes - planes.channels;
  if (spare == 0) return;
  for (std::int64_t y = rows.begin; y < rows.end; ++y) {
    float* pixel = memory + planes.offset(n, planes.blocks() - 1, y, 0);
    for (std::int64_t x = 0; x < planes.width; ++x, pixel += planes.lanes)
      std::fill_n(pixel + planes.lanes - spare, spare, 0.0F);
  }
}

}  // namespace pleat
