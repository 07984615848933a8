#pragma once

#include "converter/fold/axis_affine.h"
#include "converter/fold/draft.h"

namespace pleat {

// What may change places with a map: op(map(x)) = map(op(x)) exactly in real arithmetic. The same gates serve folding
// backward and forward. A refusal carries the row that names the obstacle.

/// AveragePool; F91 where padding is counted and the map shifts.
Attempt<void> commutes_with_average_pool(const Node& node, const AxisAffine& map);
/// GlobalAveragePool and GlobalMaxPool.
Attempt<void> commutes_with_global_pool(const Node& node, const AxisAffine& map);
/// MaxPool, where no scale is negative; F90.
Attempt<void> commutes_with_max_pool(const FoldContext& context, const Node& node, const AxisAffine& map);
/// Resize and Upsample, nearest and linear; F94.
Attempt<void> commutes_with_resize(const FoldContext& context, const Node& node, const AxisAffine& map);

/// What a Pad puts around its input.
struct PadSpec {
  std::string mode;
  std::vector<std::int64_t> pads;  ///< before and after, as in ONNX; for all axes
  double value = 0;                ///< for mode constant

  bool pads_nothing() const;
};
/// F93 where pads or value are not constant.
Attempt<PadSpec> pad_of(const FoldContext& context, const Node& node);
/// The map does not vary along any padded axis; F93.
Attempt<void> check_padded_axes(const PadSpec& pad, const Node& node, const AxisAffine& map);

/// Lets the Pad at `position` put map(value) around instead of value; refuses with `code` where the map is not the same
/// for all channels, or where the value cannot be changed.
Attempt<void> set_pad_value(Draft& draft, const FoldContext& context, std::size_t position, const PadSpec& pad,
                            const AxisAffine& map, const char* code);

/// No attribute or pad of a convolution puts zeros around its input.
bool is_unpadded(const Node& convolution, const Shape& weight);

}  // namespace pleat
