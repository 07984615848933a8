#pragma once

#include <array>
#include <optional>
#include <span>

#include "converter/fold/constants.h"
#include "converter/fold/fold.h"
#include "converter/verify/regions.h"

namespace pleat {

/// A right fold, and one of its regions: what a mistake is made in.
struct FoldCase {
  const Model& source;  ///< the unfolded model as fold() prepares it
  const FoldResult& fold;
  const FoldOptions& options;
  const Region& region;
};

/// A wrong fold as a mistaken folder would hand it over.
struct WrongFold {
  Model folded;
  ExactConstants constants;
};

/// A mistake in a fold; nothing where it has no meaning for the region.
struct Mutation {
  const char* name;
  std::optional<WrongFold> (*make)(const FoldCase& fold_case);
};

/// Of stored constants, the exact values being right: rung 2 sees them.
std::span<const Mutation> constant_mutations();
/// Of exact values and stored constants alike: rung 2 cannot see them, rung 3 must.
std::span<const Mutation> recipe_mutations();
/// Of the graph.
std::span<const Mutation> wiring_mutations();

/// The region's last BatchNormalization that is gone, or null.
const Node* batch_norm_of(const Region& region);

/// The constants of the region's folded part that the fold brought, the largest first.
std::vector<std::string> folded_constants(const FoldCase& fold_case);

/// Parameters of a BatchNormalization by channel, each with the type it is stored in.
struct BatchNormNumbers {
  std::vector<double> gamma, beta, mean, variance;
  std::array<DType, 4> dtypes = {};
  double epsilon = 0;

  std::size_t channels() const { return gamma.size(); }
  double scale(std::size_t channel) const;
  double shift(std::size_t channel) const;
  /// Whether the shift is 0 to within the rounding of its terms.
  bool shifts(std::size_t channel) const;
};
/// Nothing where a parameter is no constant, or not one per channel.
std::optional<BatchNormNumbers> numbers_of(const FoldContext& context, const Node& batch_norm);
/// Those of the region's last BatchNormalization.
std::optional<BatchNormNumbers> numbers_of(const FoldCase& fold_case);

}  // namespace pleat
