#pragma once

#include "converter/fold/axis_affine.h"
#include "converter/fold/constants.h"

namespace pleat {

/// An Add, Sub, Mul or Div with a constant operand as the map it is on its other operand.
struct ArithmeticStep {
  std::string input;
  std::size_t input_index = 0;  ///< of the operand that is not constant
  AxisAffine map;
  DType dtype = DType::kUndefined;  ///< of the constant
  bool per_channel = false;         ///< the constant has more than one element
  bool multiplies = false;          ///< Mul or Div
};

/// Nothing where both operands are computed at run time, F83 for constant ÷ x, F80 where the constant's place along
/// the value's axes is not proved, F77 for rules before opset 7 that are not followed here.
Attempt<std::optional<ArithmeticStep>> arithmetic_step(const FoldContext& context, const Node& node);

}  // namespace pleat
