#include "runtime/kernels/blocked/halo.h"

#include <algorithm>
#include <cstring>

namespace pleat {
namespace {

/// Whole pixels of a block are cleared by stores in line: a call for every row would cost more than the row.
void clear_pixels(float* memory, std::int64_t lanes, std::int64_t pixels) {
  if (lanes != kChannelBlock) {
    std::fill_n(memory, pixels * lanes, 0.0F);
    return;
  }
  for (std::int64_t p = 0; p < pixels; ++p) std::memset(memory + p * kChannelBlock, 0, kChannelBlock * sizeof(float));
}

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
  if (halo == Halo{}) return;
  const std::int64_t pixels = planes.row_pixels(), lanes = planes.lanes;
  float* row = memory + planes.offset(n, b, rows.begin, -halo.left);
  if (rows.begin == 0) clear_pixels(row - halo.top * planes.row(), lanes, halo.top * pixels);
  for (std::int64_t y = rows.begin; y < rows.end; ++y, row += planes.row()) {
    clear_pixels(row, lanes, halo.left);
    clear_pixels(row + (pixels - halo.right) * lanes, lanes, halo.right);
  }
  if (rows.end == planes.height) clear_pixels(row, lanes, halo.bottom * pixels);
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
