#include "models/layers/random.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace pleat {

Random::Random(std::uint64_t seed, std::uint32_t stream) {
  std::seed_seq mixed{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), stream};
  engine_.seed(mixed);
}

double Random::uniform(double low, double high) {
  const double unit = static_cast<double>(engine_() >> 11) * 0x1p-53;
  return low + (high - low) * unit;
}

std::uint64_t Random::below(std::uint64_t count) {
  const std::uint64_t usable = UINT64_MAX - UINT64_MAX % count;  // a multiple of count; numbers beyond are drawn again
  std::uint64_t number = engine_();
  while (number >= usable) number = engine_();
  return number % count;
}

double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1)));
  return radius * std::cos(2 * std::numbers::pi * uniform(0, 1));
}

void Random::shuffle(std::span<std::uint32_t> indices) {
  for (std::size_t i = indices.size(); i > 1; --i) std::swap(indices[i - 1], indices[below(i)]);
}

namespace {

template <class T>
void fill_uniform(std::span<T> values, double bound, Random& random) {
  for (T& value : values) value = static_cast<T>(random.uniform(-bound, bound));
}

}  // namespace

template <class T>
void xavier_uniform(std::span<T> weight, std::int64_t fan_in, std::int64_t fan_out, Random& random) {
  fill_uniform(weight, std::sqrt(6.0 / static_cast<double>(fan_in + fan_out)), random);
}

template <class T>
void bias_uniform(std::span<T> bias, std::int64_t fan_in, Random& random) {
  fill_uniform(bias, 1 / std::sqrt(static_cast<double>(fan_in)), random);
}

template void xavier_uniform<float>(std::span<float>, std::int64_t, std::int64_t, Random&);
template void xavier_uniform<double>(std::span<double>, std::int64_t, std::int64_t, Random&);
template void bias_uniform<float>(std::span<float>, std::int64_t, Random&);
template void bias_uniform<double>(std::span<double>, std::int64_t, Random&);

}  // namespace pleat
