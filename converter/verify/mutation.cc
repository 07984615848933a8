#include "converter/verify/mutation.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "converter/fold/constants.h"
#include "runtime/tensor/half.h"

namespace pleat {
namespace {

using Constants = std::optional<FoldedConstants>;

FoldedConstants fold_with(const FoldRecipe& recipe, const Affine& weights, const Affine& biases, int axis) {
  const auto weight = fold_weight(recipe.weight, axis, weights, {});
  std::vector<DoubleDouble> bias(recipe.bias.begin(), recipe.bias.end());
  const auto moved = fold_bias(bias, Shape{static_cast<std::int64_t>(bias.size())}, biases, {});
  PLEAT_CHECK(weight && moved);
  const auto w = to_doubles(weight->tensor);
  const auto b = to_doubles(moved->tensor);
  PLEAT_CHECK(w && b);
  return {*w, *b};
}

FoldedConstants fold_with(const FoldRecipe& recipe, const BatchNormParameters& parameters) {
  const Affine affine = affine_of(parameters);
  return fold_with(recipe, affine, affine, recipe.weight_axis);
}

Constants with_epsilon(const FoldRecipe& recipe, double epsilon) {
  BatchNormParameters parameters = recipe.parameters;
  parameters.epsilon = epsilon;
  return fold_with(recipe, parameters);
}

Constants epsilon_ignored(const FoldRecipe& recipe) { return with_epsilon(recipe, 0); }
Constants epsilon_small(const FoldRecipe& recipe) { return with_epsilon(recipe, 1e-10F); }
Constants epsilon_large(const FoldRecipe& recipe) { return with_epsilon(recipe, 1e-3F); }

Constants bias_not_scaled(const FoldRecipe& recipe) {
  const Affine affine = affine_of(recipe.parameters);
  Affine shift_only = affine;
  std::ranges::fill(shift_only.scale, DoubleDouble(1.0));
  return fold_with(recipe, affine, shift_only, recipe.weight_axis);
}

Constants beta_dropped(const FoldRecipe& recipe) {
  BatchNormParameters parameters = recipe.parameters;
  std::ranges::fill(parameters.beta, 0.0);
  return fold_with(recipe, parameters);
}

Constants mean_negated(const FoldRecipe& recipe) {
  BatchNormParameters parameters = recipe.parameters;
  for (double& mean : parameters.mean) mean = -mean;
  return fold_with(recipe, parameters);
}

Constants gamma_negated(const FoldRecipe& recipe) {
  BatchNormParameters parameters = recipe.parameters;
  for (double& gamma : parameters.gamma) gamma = -gamma;
  return fold_with(recipe, parameters);
}

Constants neighbours_scale(const FoldRecipe& recipe) {
  Affine affine = affine_of(recipe.parameters);
  std::rotate(affine.scale.begin(), affine.scale.begin() + 1, affine.scale.end());
  return fold_with(recipe, affine, affine, recipe.weight_axis);
}

Constants through_half(const FoldRecipe& recipe) {
  FoldedConstants folded = right_constants(recipe);
  for (double& value : folded.weight) value = half_to_double(double_to_half(value));
  return folded;
}

Constants folded_in_float(const FoldRecipe& recipe) {
  const auto values = to_doubles(recipe.weight);
  PLEAT_CHECK(values.has_value());
  const BatchNormParameters& p = recipe.parameters;
  const Shape& shape = recipe.weight.shape();
  const auto inner = static_cast<std::size_t>(shape.elements(recipe.weight_axis + 1, shape.rank()));
  const auto scale = [&](std::size_t c) {
    return static_cast<float>(p.gamma[c]) /
           std::sqrt(static_cast<float>(p.variance[c]) + static_cast<float>(p.epsilon));
  };
  FoldedConstants folded;
  for (std::size_t i = 0; i < values->size(); ++i)
    folded.weight.push_back(scale(i / inner % p.gamma.size()) * static_cast<float>((*values)[i]));
  for (std::size_t c = 0; c < recipe.bias.size(); ++c) {
    const float centred = static_cast<float>(recipe.bias[c]) - static_cast<float>(p.mean[c]);
    folded.bias.push_back(centred * scale(c) + static_cast<float>(p.beta[c]));
  }
  return folded;
}

std::size_t largest_weight(const FoldedConstants& folded) {
  const auto it = std::ranges::max_element(folded.weight, {}, [](double value) { return std::fabs(value); });
  return static_cast<std::size_t>(it - folded.weight.begin());
}

Constants one_ulp(const FoldRecipe& recipe) {
  FoldedConstants folded = right_constants(recipe);
  double& value = folded.weight[largest_weight(folded)];
  value = std::nextafter(static_cast<float>(value), HUGE_VALF);
  return folded;
}

Constants flipped_bit(const FoldRecipe& recipe) {
  FoldedConstants folded = right_constants(recipe);
  double& value = folded.weight[largest_weight(folded)];
  value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) ^ (1U << 12));
  return folded;
}

bool is_square(const FoldRecipe& recipe) {
  const Shape& shape = recipe.weight.shape();
  return shape[0] == shape[1] && shape[0] > 1;
}

Constants wrong_axis(const FoldRecipe& recipe) {
  if (!is_square(recipe)) return std::nullopt;
  const Affine affine = affine_of(recipe.parameters);
  return fold_with(recipe, affine, affine, 1 - recipe.weight_axis);
}

Constants transposed(const FoldRecipe& recipe) {
  if (!is_square(recipe)) return std::nullopt;
  const FoldedConstants right = right_constants(recipe);
  FoldedConstants folded = right;
  const auto n = static_cast<std::size_t>(recipe.weight.shape()[0]);
  const std::size_t inner = right.weight.size() / (n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < inner; ++k)
        folded.weight[(i * n + j) * inner + k] = right.weight[(j * n + i) * inner + k];
  return folded;
}

Constants swapped_bias(const FoldRecipe& recipe) {
  FoldedConstants folded = right_constants(recipe);
  if (folded.bias.size() < 2) return std::nullopt;
  std::swap(folded.bias[0], folded.bias[1]);
  return folded;
}

constexpr Mutation kMutations[] = {{"epsilon ignored", epsilon_ignored},
                                   {"epsilon 1e-10", epsilon_small},
                                   {"epsilon 1e-3", epsilon_large},
                                   {"layer bias not scaled", bias_not_scaled},
                                   {"beta dropped", beta_dropped},
                                   {"mean with wrong sign", mean_negated},
                                   {"scale of the next channel", neighbours_scale},
                                   {"gamma with wrong sign", gamma_negated},
                                   {"weights through float16", through_half},
                                   {"folded in float", folded_in_float},
                                   {"one weight off by one ulp", one_ulp},
                                   {"one bit flipped", flipped_bit},
                                   {"scaled along the wrong axis", wrong_axis},
                                   {"weights transposed", transposed},
                                   {"bias of two channels swapped", swapped_bias}};

}  // namespace

std::span<const Mutation> mutations() { return kMutations; }

FoldedConstants right_constants(const FoldRecipe& recipe) { return fold_with(recipe, recipe.parameters); }

std::optional<FoldRecipe> recipe_of(const Model& unfolded, const FoldEntry& entry) {
  if (!entry.folded || !entry.into.empty() || entry.steps.size() != 1) return std::nullopt;
  const auto layer = read_layer(unfolded, entry);
  if (!layer || layer->bias_rows != 1 || layer->weight.dtype() != DType::kFloat) return std::nullopt;
  const FoldContext context(unfolded, unfolded.graph);
  const auto values = [&](const std::string& name) {
    const auto tensor = constant(context, name, "parameter", "F17");
    const auto read = tensor ? to_doubles(*tensor) : Result<std::vector<double>>(std::vector<double>{});
    return read ? *read : std::vector<double>{};
  };
  const FoldStep& step = entry.steps[0];
  FoldRecipe recipe;
  recipe.parameters = {values(step.scale), values(step.bias), values(step.mean), values(step.variance), step.epsilon};
  recipe.weight = layer->weight;
  recipe.weight_axis = layer->weight_axis;
  for (const double b : layer->bias) recipe.bias.push_back(layer->bias_factor * b);
  recipe.new_weight = entry.new_weight;
  recipe.new_bias = entry.new_bias;
  if (recipe.parameters.gamma.size() != layer->channels()) return std::nullopt;
  return recipe;
}

}  // namespace pleat
