#pragma once

#include <optional>
#include <string>

#include "converter/verify/evaluator.h"
#include "runtime/graph/uses.h"

namespace pleat {

/// T: what rounding may do in the last linear layer before a value of the folded network, both networks' roundings
/// together: 2·γ_{K+8}·(A + |b|), A = Σ|w||x| of an output element, largest over all elements, and twice u of the
/// storage type for weights kept in float16 or bfloat16. The operators allowed between that layer and the value do not
/// enlarge a difference.
class LastLayer {
 public:
  /// Nothing where no such layer with constant weights is found. `folded` must outlive the result.
  static std::optional<LastLayer> before(const std::string& value, const Model& folded, const Uses& uses);

  /// The value of the folded network that `bound` reads.
  const std::string& input() const { return input_; }

  /// T where the layer's input is `input`.
  Result<double> bound(const Tensor& input, int threads) const;

 private:
  LastLayer(const Model& folded, std::size_t node, std::size_t weight, std::int64_t products)
      : folded_(folded), node_(node), weight_(weight), products_(products) {}
  Result<Model> on_absolute_values(const Node& node, const Tensor& weight) const;

  const Model& folded_;
  std::size_t node_;
  std::size_t weight_;     ///< which input of the node
  std::int64_t products_;  ///< K
  std::string input_;
};

}  // namespace pleat
