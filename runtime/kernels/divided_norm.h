#pragma once

#include <cstdint>

namespace pleat {

/// Layer normalisation as graphs write it out, each operator rounding by itself: mean = Σx / length, d = x - mean,
/// y = d / √(Σ(d·d) / length + epsilon) · scale + shift, both sums in the order of LaneSum. Where scale or shift is
/// null, that step is left out. On the calling thread; same bits on every instruction set and for any division into
/// calls.
///
/// A line's values lie in groups of 16 neighbours (kSumLanes), `group` elements apart, the last group with what is
/// left; lines lie `line` elements apart. So both rows and the pixels of blocked planes are lines. y may be x.
struct DividedNorm {
  std::int64_t lines, length;
  const float* x;
  std::int64_t x_line, x_group;
  const float* scale;  ///< `length` values, as shift
  const float* shift;
  float epsilon;
  float* y;
  std::int64_t y_line, y_group;
  bool fill_group;  ///< the last group of y is whole: lanes beyond `length` become zeros, else they stay
};
void divided_norm(const DividedNorm& norm);

}  // namespace pleat
