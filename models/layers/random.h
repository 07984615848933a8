#pragma once

#include <cstdint>
#include <random>
#include <span>

namespace pleat {

/// Numbers that a seed fixes on every machine and with every standard library. Streams of one seed are unrelated: each
/// use of a seed (parameters, order of images) takes one of its own.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint32_t stream = 0);

  /// Evenly spread in [low, high), with 53 random bits.
  double uniform(double low, double high);

  /// Evenly spread in [0, count), without bias; count > 0.
  std::uint64_t below(std::uint64_t count);

  /// Standard normal (Box and Muller 1958).
  double normal();

  /// Puts the indices in one of their orders, all equally likely (Fisher and Yates).
  void shuffle(std::span<std::uint32_t> indices);

 private:
  std::mt19937_64 engine_;
};

/// Fills with uniform numbers within ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, equation 16).
template <class T>
void xavier_uniform(std::span<T> weight, std::int64_t fan_in, std::int64_t fan_out, Random& random);

/// Fills with uniform numbers within ±1/sqrt(fan_in), as PyTorch does for the bias of Conv2d and Linear.
template <class T>
void bias_uniform(std::span<T> bias, std::int64_t fan_in, Random& random);

}  // namespace pleat
