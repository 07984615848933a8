#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace pleat {

inline constexpr std::size_t kSumLanes = 16;

/// The one order in which Pleat sums many values into one (pool averages, softmax, batch statistics), whatever the
/// register width: sixteen lanes start at +0; the i-th value joins lane i mod 16, in order; at the end lanes l and l+8
/// are added, then l and l+4, l+2, l+1.
template <class T>
T combine_lanes(const T (&lanes)[kSumLanes]) {
  T sums[kSumLanes];
  for (std::size_t i = 0; i < kSumLanes; ++i) sums[i] = lanes[i];
  for (std::size_t half = kSumLanes / 2; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i) sums[i] += sums[i + half];
  return sums[0];
}

/// That sum, built value by value.
template <class T>
class LaneSum {
 public:
  void add(T value) { lanes_[next_++ % kSumLanes] += value; }
  /// Adds value² as one fused multiply-add on its lane.
  void add_square(T value) {
    T& lane = lanes_[next_++ % kSumLanes];
    lane = std::fma(value, value, lane);
  }
  T total() const { return combine_lanes(lanes_); }

 private:
  T lanes_[kSumLanes] = {};
  std::size_t next_ = 0;
};

}  // namespace pleat
