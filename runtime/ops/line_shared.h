#pragma once

#include "runtime/ops/op.h"

namespace pleat {

/// y = f(x) for one line of `count` elements along an axis; y may be x.
template <class T>
using LineFunction = void (*)(const T* x, T* y, std::int64_t count);

struct LineFunctions {
  LineFunction<float> on_float;
  LineFunction<double> on_double;
};

/// Softmax and its kin: from opset 13 each line along one axis; before, all axes from `axis` on taken as one.
Result<std::unique_ptr<Operator>> make_line(LineFunctions functions, const Node& node, std::int64_t opset);

}  // namespace pleat
