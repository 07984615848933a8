#pragma once

#include <cstdint>

namespace pleat {

/// The old way to compare outputs: by numbers that the user picks. An element b of the folded network agrees with the
/// unfolded a where |b − a| <= atol + rtol·|a|, or where they are at most `max_ulp` representable values apart.
struct PlainTolerance {
  double rtol = 0;
  double atol = 0;
  std::int64_t max_ulp = -1;  ///< negative: not asked for

  /// NaN agrees with NaN, an infinity with its like. `in_float`: count representable values of float, else of double.
  bool agrees(double folded, double unfolded, bool in_float) const;
};

}  // namespace pleat
