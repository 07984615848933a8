#pragma once

#include <cstdint>
#include <vector>

namespace pleat {

enum class ResizeMode { kNearest, kLinear, kCubic };
enum class NearestMode { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };
enum class CoordinateMode {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kTfHalfPixelForNn,
  kTfCropAndResize,
};

/// How Resize picks and weighs the neighbours of a position.
struct ResizeFilter {
  ResizeMode mode = ResizeMode::kNearest;
  CoordinateMode coordinates = CoordinateMode::kAsymmetric;
  NearestMode nearest = NearestMode::kFloor;
  double cubic_a = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
};

/// One axis to resize.
struct ResizeAxis {
  std::int64_t in = 0, out = 0;
  double scale = 1;                   ///< as asked for; out need not be exactly in·scale
  double roi_start = 0, roi_end = 1;  ///< in units of in - 1
};

/// What one axis of the output reads: out·taps positions and weights.
struct AxisWeights {
  std::int64_t taps = 0;
  std::vector<std::int64_t> index;
  std::vector<double> weight;
  std::vector<bool> outside;  ///< out positions that tf_crop_and_resize puts beyond the input

  /// Output i is input i, for all of the axis.
  bool is_identity(std::int64_t in) const;
};

/// `axis.in` is at least 1 unless `axis.out` is 0.
AxisWeights weigh_axis(const ResizeFilter& filter, const ResizeAxis& axis);

}  // namespace pleat
