#pragma once

#include <optional>
#include <span>

#include "converter/fold/affine.h"
#include "converter/verify/layer.h"

namespace pleat {

/// What a folder starts from for one layer, and what it makes: the things a mistake can touch.
struct FoldRecipe {
  BatchNormParameters parameters;
  Tensor weight;
  int weight_axis = 0;
  std::vector<double> bias;  ///< before the fold, one per channel
  std::string new_weight, new_bias;
};

struct FoldedConstants {
  std::vector<double> weight;
  std::vector<double> bias;
};

/// A mistake in a fold: the constants it leads to, or nothing where it has no meaning for this layer.
struct Mutation {
  const char* name;
  std::optional<FoldedConstants> (*make)(const FoldRecipe& recipe);
};

std::span<const Mutation> mutations();

/// The fold as it should be, in float storage.
FoldedConstants right_constants(const FoldRecipe& recipe);

/// Nothing for layers that are not of the plain form: one BatchNormalization, float, one bias per channel.
std::optional<FoldRecipe> recipe_of(const Model& unfolded, const FoldEntry& entry);

}  // namespace pleat
