#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace pleat {

/// `count` values evenly spread over [low, high), the same for the same seed everywhere.
template <class T>
std::vector<T> random_values(std::int64_t count, unsigned seed, double low = -1, double high = 1) {
  std::mt19937 engine(seed);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) value = static_cast<T>(low + (high - low) * (engine() / 4294967296.0));
  return values;
}

}  // namespace pleat
