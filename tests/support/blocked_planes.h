#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "runtime/base/aligned_buffer.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// Aligned floats that start as NaN, so that what a kernel leaves unwritten is seen.
class PoisonedFloats {
 public:
  explicit PoisonedFloats(std::int64_t count) : buffer_(static_cast<std::size_t>(count) * sizeof(float)) {
    for (std::int64_t i = 0; i < count; ++i) data()[i] = std::numeric_limits<float>::quiet_NaN();
  }
  float* data() { return reinterpret_cast<float*>(buffer_.data()); }
  const float* data() const { return reinterpret_cast<const float*>(buffer_.data()); }

 private:
  AlignedBuffer buffer_;
};

/// Element of channel `c`.
inline std::int64_t at(const Planes& p, std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
  return p.offset(n, c / p.lanes, y, x) + c % p.lanes;
}

/// Calls visit(element, index in row-major order without halo) for each value of the planes.
template <class Visit>
void for_each_value(const Planes& p, Visit&& visit) {
  std::int64_t i = 0;
  for (std::int64_t n = 0; n < p.batch; ++n)
    for (std::int64_t c = 0; c < p.channels; ++c)
      for (std::int64_t y = 0; y < p.height; ++y)
        for (std::int64_t x = 0; x < p.width; ++x) visit(at(p, n, c, y, x), static_cast<std::size_t>(i++));
}

/// Row-major values laid out as `p`, the halo zero, the lanes beyond the channels large.
inline PoisonedFloats laid_out(const Planes& p, const std::vector<float>& values) {
  PoisonedFloats memory(p.elements());
  for (std::int64_t i = 0; i < p.elements(); ++i) memory.data()[i] = 0;
  for (std::int64_t n = 0; n < p.batch; ++n)
    for (std::int64_t c = p.channels; c < p.blocks() * p.lanes; ++c)
      for (std::int64_t y = 0; y < p.height; ++y)
        for (std::int64_t x = 0; x < p.width; ++x) memory.data()[at(p, n, c, y, x)] = -3e30F;
  for_each_value(p, [&](std::int64_t element, std::size_t i) { memory.data()[element] = values[i]; });
  return memory;
}

/// Row-major values of planes whose halo is zero and whose spare lanes are finite.
inline std::vector<float> read_planes(const Planes& p, const PoisonedFloats& memory) {
  std::vector<float> values(static_cast<std::size_t>(p.batch * p.channels * p.height * p.width));
  std::vector<bool> inside(static_cast<std::size_t>(p.elements()));
  for_each_value(p, [&](std::int64_t element, std::size_t i) {
    values[i] = memory.data()[element];
    inside[static_cast<std::size_t>(element)] = true;
  });
  std::int64_t wrong_halo = 0, wild = 0;
  for (std::int64_t i = 0; i < p.elements(); ++i) {
    const float value = memory.data()[i];
    const std::int64_t pixel = i % p.block() / p.lanes;
    const std::int64_t y = pixel / p.row_pixels() - p.halo.top, x = pixel % p.row_pixels() - p.halo.left;
    const bool halo = y < 0 || y >= p.height || x < 0 || x >= p.width;
    if (halo && std::bit_cast<std::uint32_t>(value) != 0) ++wrong_halo;
    if (!halo && !inside[static_cast<std::size_t>(i)] && !(value - value == 0)) ++wild;
  }
  EXPECT_EQ(wrong_halo, 0) << "elements of the halo that are not zero";
  EXPECT_EQ(wild, 0) << "spare lanes that are not finite";
  return values;
}

/// The bits of values, so that NaN equals itself and -0 differs from 0.
inline std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

}  // namespace pleat
