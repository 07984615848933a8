#include "runtime/kernels/cast.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "runtime/tensor/half.h"

namespace pleat {
namespace {

struct Half {
  std::uint16_t bits;
};
struct Bfloat16 {
  std::uint16_t bits;
};

/// Calls body with a zero of the type; false for types that cannot be cast.
template <class Body>
bool with_castable(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::kFloat: return body(float{}), true;
    case DType::kDouble: return body(double{}), true;
    case DType::kFloat16: return body(Half{}), true;
    case DType::kBfloat16: return body(Bfloat16{}), true;
    case DType::kInt8: return body(std::int8_t{}), true;
    case DType::kInt16: return body(std::int16_t{}), true;
    case DType::kInt32: return body(std::int32_t{}), true;
    case DType::kInt64: return body(std::int64_t{}), true;
    case DType::kUint8: return body(std::uint8_t{}), true;
    case DType::kUint16: return body(std::uint16_t{}), true;
    case DType::kUint32: return body(std::uint32_t{}), true;
    case DType::kUint64: return body(std::uint64_t{}), true;
    case DType::kBool: return body(bool{}), true;
    default: return false;
  }
}

template <class To, class From>
To saturated(From x) {
  using Limits = std::numeric_limits<To>;
  // The highest integer may not be a float; the power of two above it is.
  const From beyond = std::ldexp(From{1}, Limits::digits);
  if (x != x) return To{0};
  if (x >= beyond) return Limits::max();
  if (x <= static_cast<From>(Limits::lowest())) return Limits::lowest();
  return static_cast<To>(x);
}

template <class To, class From>
To converted(From x) {
  if constexpr (std::is_same_v<To, From>)
    return x;
  else if constexpr (std::is_same_v<From, Half>)
    return converted<To>(half_to_double(x.bits));
  else if constexpr (std::is_same_v<From, Bfloat16>)
    return converted<To>(bfloat16_to_double(x.bits));
  else if constexpr (std::is_same_v<To, Half>)
    return {double_to_half(static_cast<double>(x))};
  else if constexpr (std::is_same_v<To, Bfloat16>)
    return {double_to_bfloat16(static_cast<double>(x))};
  else if constexpr (std::is_same_v<To, bool>)
    return x != From{0};
  else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>)
    return saturated<To>(x);
  else
    return static_cast<To>(x);
}

}  // namespace

bool is_castable(DType dtype) {
  return with_castable(dtype, [](auto) {});
}

void cast_elements(DType from, const void* x, DType to, void* y, std::int64_t count, ThreadPool& pool) {
  constexpr std::int64_t kGrain = 4096;  // elements worth another thread
  with_castable(from, [&](auto source) {
    with_castable(to, [&](auto target) {
      using From = decltype(source);
      using To = decltype(target);
      const From* in = static_cast<const From*>(x);
      To* out = static_cast<To*>(y);
      pool.parallel_for(count, kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) out[i] = converted<To>(in[i]);
      });
    });
  });
}

}  // namespace pleat
