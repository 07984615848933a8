#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "converter/fold/affine.h"

namespace pleat {

/// y = scale·x + shift for a value of any rank, where scale and shift vary along the axes whose extent is not 1.
/// Extents are counted from the first axis and those not listed are 1, so {1, C} is "per channel" whatever the rank.
/// Elements are row-major over the extents.
struct AxisAffine {
  std::vector<std::int64_t> extents;
  std::vector<DoubleDouble> scale;
  std::vector<DoubleDouble> shift;
  std::vector<double> shift_terms;  ///< sum of the absolute values of the terms of each shift

  static AxisAffine uniform(DoubleDouble scale, DoubleDouble shift);
  /// One value per position of axis 1.
  static AxisAffine per_channel(const Affine& affine);

  std::int64_t extent(std::size_t axis) const { return axis < extents.size() ? extents[axis] : 1; }
  bool varies(std::size_t axis) const { return extent(axis) != 1; }
  /// No axis varies but, perhaps, this one.
  bool varies_only(std::size_t axis) const;
  bool shifts() const;       ///< some shift is not 0
  bool keeps_order() const;  ///< no scale is negative
  bool is_finite() const;
};

/// `first`, then `second`: scale = s₂·s₁, shift = s₂·t₁ + t₂. Nothing where an axis varies in both with other extents.
std::optional<AxisAffine> compose(const AxisAffine& first, const AxisAffine& second);

/// x = (y − shift) / scale; not finite where a scale is 0.
AxisAffine inverse(const AxisAffine& map);

/// The same scale without the shift.
AxisAffine without_shift(AxisAffine map);

/// Output axis i carries what axis `from[i]` carried.
AxisAffine permuted(const AxisAffine& map, std::span<const std::size_t> from);

/// Position p of `axis` carries what position `from[p]` carried; the axis must vary.
AxisAffine gathered(const AxisAffine& map, std::size_t axis, std::span<const std::int64_t> from);

/// The inverse: position `to[p]` of `size` carries what position p carried, the others are left as they are.
AxisAffine scattered(const AxisAffine& map, std::size_t axis, std::int64_t size, std::span<const std::int64_t> to);

/// Whether `extents` have as many elements as the map.
bool has_extents(const AxisAffine& map, const std::vector<std::int64_t>& extents);

/// The same elements under extents of equal product (has_extents); axes along which nothing changes become 1.
AxisAffine with_extents(AxisAffine map, std::vector<std::int64_t> extents);

/// Spread so that every axis in [first, first + sizes.size()) has the given extent.
AxisAffine spread(const AxisAffine& map, std::size_t first, std::span<const std::int64_t> sizes);

}  // namespace pleat
