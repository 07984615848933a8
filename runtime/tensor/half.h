#pragma once

#include <cstdint>

namespace pleat {

/// IEEE binary16 and bfloat16 as bit patterns. Narrowing rounds once, to nearest even, from double;
/// beyond the largest finite value it gives infinity, NaN stays NaN.
double half_to_double(std::uint16_t bits);
double bfloat16_to_double(std::uint16_t bits);
std::uint16_t double_to_half(double value);
std::uint16_t double_to_bfloat16(double value);

}  // namespace pleat
