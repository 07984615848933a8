#pragma once

#include "runtime/kernels/blocked/shuffle.h"
#include "runtime/ops/op.h"

namespace pleat {

/// `count` channels of input 0 from `first` on.
std::vector<ChannelOrigin> channel_range(std::int64_t first, std::int64_t count);

/// A step whose float output [N,C,…] takes each channel from where `origins` says. No ONNX operator: passes make it of
/// splits, joins and shuffles.
std::unique_ptr<Operator> make_channel_gather(std::vector<ChannelOrigin> origins);

}  // namespace pleat
