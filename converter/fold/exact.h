#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "converter/fold/double_double.h"
#include "runtime/tensor/tensor.h"

namespace pleat {

/// A constant of a folded model before its one rounding to `dtype`. Elements are computed on demand, so that no second
/// copy of the weights is held; what they are computed from is kept alive. Callable from several threads.
struct ExactConstant {
  Shape shape;
  DType dtype = DType::kFloat;
  std::function<DoubleDouble(std::size_t)> value;  ///< element i, row-major
  std::function<double(std::size_t)> terms;        ///< sum of the absolute values of the terms element i is made of:
                                                   ///< evaluating it is off by at most 2⁻⁹⁸ of this
  int channel_axis = -1;  ///< the axis along which channels are counted; -1 where there is none

  /// The channel of element i, -1 where there is none.
  std::int64_t channel(std::size_t i) const {
    if (channel_axis < 0) return -1;
    return static_cast<std::int64_t>(i) / shape.elements(channel_axis + 1, shape.rank()) % shape[channel_axis];
  }
};

/// By the name of the initializer in the folded model (names are unique over all its graphs).
using ExactConstants = std::map<std::string, ExactConstant>;

}  // namespace pleat
