#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "converter/verify/evaluator.h"
#include "runtime/graph/uses.h"

namespace pleat {

/// How far the outputs of a network move when its constants carry the rounding of its arithmetic as random relative
/// errors: Monte-Carlo arithmetic (Parker 1997) with the errors put where they enter. Independent, with mean 0 and this
/// rms, u being the unit roundoff of the arithmetic and K the products per output of a linear layer:
///   weights, and the scale, mean or addend that follows the layer   (u/√3)·√(K/2 + 2)
///   other scales, biases and addends                                (u/√3)·√2
/// A chain of K fused multiply-adds with products of random sign rounds about as much as its K weights being wrong by
/// that; with products of one sign the partial sums, and so the errors, are √K times larger, but then a mean of that
/// size follows, or the sum is as large itself. Constants stored in float16 or bfloat16 carry u/√3 of that type
/// besides.
class Noise {
 public:
  /// `model` must outlive the noise.
  Noise(const Model& model, std::uint64_t seed);

  static constexpr int kRuns = 8;        ///< tell a spread within a factor of two or three
  static constexpr int kManyRuns = 128;  ///< within a fifth

  /// The mean square distance of every element of the values `wanted` from `unperturbed` over `runs` runs in double.
  /// Elements that are not finite in some run have none (0).
  Result<std::map<std::string, std::vector<double>>> mean_squares(const Evaluator& in_double,
                                                                  const NamedTensors& inputs,
                                                                  const std::set<std::string>& wanted,
                                                                  const NamedTensors& unperturbed,
                                                                  int runs = kRuns) const;

  /// How often the way from the last perturbed constant to `value` rounds, the storing of `value` included: the noise
  /// does not know of these. Elementary functions count as four.
  int roundings_behind(const std::string& value) const;

 private:
  class Run;

  const Model& model_;
  Uses uses_;
  std::uint64_t seed_;
};

}  // namespace pleat
