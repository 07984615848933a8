#pragma once

#include <functional>
#include <memory>

#include "converter/fold/draft.h"

namespace pleat {

using SharedMap = std::shared_ptr<const AxisAffine>;
/// Which element of a map concerns element i of a constant.
using ChannelOf = std::function<std::size_t(std::size_t)>;

/// base_i · scale of its channel.
ExactConstant scaled(ExactConstant base, SharedMap map, ChannelOf channel_of);

/// scale of its channel · factor · base_i + shift of its channel, for elements of `shape`; an absent base is 0, one of
/// fewer elements is repeated by `base_of`.
struct MovedBias {
  std::optional<ExactConstant> base;
  ChannelOf base_of;
  double factor = 1;
  SharedMap map;
  ChannelOf channel_of;
};
ExactConstant moved(MovedBias bias, Shape shape, DType dtype);

/// A constant of the layer at `node` that must be there: F50 where it is not, F75 where it has not `rank` axes
/// (negative: at least that many).
Attempt<ExactConstant> read_weight(const FoldContext& context, const Node& node, std::size_t input, int rank);

/// A Conv's or ConvTranspose's bias, absent where there is none; F34 where it is not constant.
Attempt<std::optional<ExactConstant>> read_bias(const FoldContext& context, const Node& node, std::int64_t channels);

/// The layer's name for its constants: "conv1.folded_weight".
std::string constant_name(const Node& layer, const char* role);

/// `map` with exactly `channels` positions along `axis` and none elsewhere, or why it does not fit the layer.
Attempt<SharedMap> fit(const AxisAffine& map, std::size_t axis, std::int64_t channels, const Node& layer,
                       const char* misfit);

/// Whether the layer gets a weight of its own: some scale is not 1, or nodes compute the weight from constants, which
/// no folded layer should have to do.
bool renews_weight(const FoldContext& context, const std::string& weight, const AxisAffine& map);

/// One half of a map as a new constant that broadcasts against a value of `rank` axes, for a Mul or an Add.
enum class Part { kScale, kShift };
Attempt<std::string> add_operand(Draft& draft, const std::string& wanted, const AxisAffine& map, int rank, Part part,
                                 DType dtype);

void set_attribute(Node& node, Attribute attribute);

}  // namespace pleat
