#pragma once

#include <cstdint>
#include <type_traits>

#include "runtime/tensor/dtype.h"

/// From element types to C++ types: with_… calls body with a zero of the type; false for types outside its set.

namespace pleat {

template <class Body>
bool with_integer(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::kInt8: return body(std::int8_t{}), true;
    case DType::kInt16: return body(std::int16_t{}), true;
    case DType::kInt32: return body(std::int32_t{}), true;
    case DType::kInt64: return body(std::int64_t{}), true;
    case DType::kUint8: return body(std::uint8_t{}), true;
    case DType::kUint16: return body(std::uint16_t{}), true;
    case DType::kUint32: return body(std::uint32_t{}), true;
    case DType::kUint64: return body(std::uint64_t{}), true;
    default: return false;
  }
}

/// Integers, float and double.
template <class Body>
bool with_number(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::kFloat: return body(float{}), true;
    case DType::kDouble: return body(double{}), true;
    default: return with_integer(dtype, body);
  }
}

/// a·b, integers wrapped.
template <class T>
T wrapping_product(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::common_type_t<unsigned, std::make_unsigned_t<T>>;
    return static_cast<T>(static_cast<Bits>(a) * static_cast<Bits>(b));
  } else {
    return a * b;
  }
}

/// a + b, integers wrapped.
template <class T>
T wrapping_sum(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Bits>(a) + static_cast<Bits>(b));
  } else {
    return a + b;
  }
}

inline bool is_integer(DType dtype) {
  return with_integer(dtype, [](auto) {});
}
inline bool is_number(DType dtype) {
  return with_number(dtype, [](auto) {});
}

}  // namespace pleat
