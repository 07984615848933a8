#pragma once

#include <functional>

#include "converter/verify/operator_bounds.h"

namespace pleat {

/// Calls `visit(i, value)` for every element of a floating-point tensor, without a copy of it.
template <class Visit>
void for_each_value(const Tensor& tensor, Visit visit);

double largest_magnitude(const Tensor& tensor);
/// Infinity for an empty tensor.
double smallest_magnitude(const Tensor& tensor);

/// By the positions of `kept` axis; of all elements at once where it is negative. Kept with the constant.
RowFacts row_facts(const BoundedConstant& constant, int kept);

/// What storing one value below the smallest normal number may have lost.
double storage_loss(DType dtype);

}  // namespace pleat

#include "runtime/tensor/half.h"

namespace pleat {

template <class Visit>
void for_each_value(const Tensor& tensor, Visit visit) {
  const auto each = [&](const auto* values, auto read) {
    const auto count = static_cast<std::size_t>(tensor.elements());
    for (std::size_t i = 0; i < count; ++i) visit(i, read(values[i]));
  };
  const auto plain = [](auto value) { return static_cast<double>(value); };
  switch (tensor.dtype()) {
    case DType::kFloat: return each(tensor.data<float>().data(), plain);
    case DType::kDouble: return each(tensor.data<double>().data(), plain);
    case DType::kFloat16: return each(reinterpret_cast<const std::uint16_t*>(tensor.bytes().data()), half_to_double);
    case DType::kBfloat16:
      return each(reinterpret_cast<const std::uint16_t*>(tensor.bytes().data()), bfloat16_to_double);
    default: return;
  }
}

}  // namespace pleat
