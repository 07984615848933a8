#pragma once

#include "runtime/ops/op.h"

namespace pleat {

/// Where graphs normalise over channels: as they lie, or the second axis of [N,C,H,W], moved to the end and back.
struct ChannelAxis {
  bool second_in = false, second_out = false;
};

/// Layer normalisation over `length` values as graphs write it out (kernels/divided_norm.h): the steps from ReduceMean
/// to Div and then the scale and shift that are given. Inputs: X, and the scale and shift that there are, each `length`
/// floats. No ONNX operator: a pass makes it.
struct DividedNormForm {
  std::int64_t length = 0;
  float epsilon = 0;
  bool scaled = false, shifted = false;
  ChannelAxis channels;
};
std::unique_ptr<Operator> make_divided_norm(const DividedNormForm& form);

}  // namespace pleat
