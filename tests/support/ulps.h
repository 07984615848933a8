#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace pleat {

/// |value - exact| in units of the last place of T at `exact`.
template <class T>
long double ulps(T value, long double exact) {
  const long double tiny = std::numeric_limits<T>::denorm_min();
  const int exponent = exact == 0 ? -100000 : std::ilogb(exact);
  const long double unit = std::max(tiny, std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits + 1));
  return std::fabs(static_cast<long double>(value) - exact) / unit;
}

/// Every NaN counts as the same.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (std::bit_cast<Bits>(a[i]) != std::bit_cast<Bits>(b[i]) && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  return a.size() == b.size();
}

}  // namespace pleat
