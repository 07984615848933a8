#pragma once

#include <span>

#include "models/checkpoint/architecture.h"
#include "models/health/health.h"

namespace pleat {

/// The tensors of one batch normalization, num_features values each.
struct BatchNormState {
  std::span<const float> weight, bias, mean, var;
  std::optional<std::int64_t> batches;
};

BatchNormSummary summarize(const BatchNormSpec& spec, const BatchNormState& state);

/// What is wrong or odd with it; HealthFinding::layer is left to the caller.
std::vector<HealthFinding> examine(const BatchNormSpec& spec, const BatchNormState& state);

}  // namespace pleat
