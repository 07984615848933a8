#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/checkpoint/checkpoint.h"

namespace pleat {

enum class Severity {
  kNote,     ///< worth knowing
  kWarning,  ///< the network may do worse in service than in training
  kError,    ///< not fit to deploy
};

/// "note", "warning" or "error".
std::string_view severity_name(Severity severity);

/// One thing found in one layer.
struct HealthFinding {
  Severity severity;
  std::size_t layer;                   ///< position in the architecture
  std::vector<std::int64_t> channels;  ///< where not all channels are meant
  std::string what;
  std::string why;  ///< why it matters in service
  std::string remedy;
};

/// Of the finite values of a layer; NaN where there are none. The median of an even count is the upper one.
struct Spread {
  double min, median, max;
};

/// What batch normalization will do in service: y = scale*(x - mean) + bias, scale = weight / sqrt(var + eps).
struct BatchNormSummary {
  std::size_t layer;
  std::string name;  ///< "layer 1 (BatchNorm2d)"
  std::int64_t channels;
  double eps;
  std::optional<double> momentum;
  std::optional<std::int64_t> batches;  ///< num_batches_tracked; absent where the checkpoint lacks it
  Spread weight, bias, mean, var, scale;
};

struct HealthReport {
  std::vector<BatchNormSummary> layers;
  std::vector<HealthFinding> findings;  ///< in order of layers

  bool fit_to_deploy() const;  ///< no error among the findings
};

/// From here on a channel counts as amplifying, dead, or not settled.
inline constexpr double kLargeScale = 100;        ///< |weight| / sqrt(var + eps)
inline constexpr double kDeadWeight = 1e-4;       ///< |weight|
inline constexpr double kLeftoverOfStart = 0.01;  ///< share of the start values left in running averages

/// Looks at every batch normalization of a checkpoint, and at all its tensors for values that are not finite. Fails
/// only where the checkpoint has no readable architecture or a tensor lacks or has another type or shape.
Result<HealthReport> check_health(const Checkpoint& checkpoint);

}  // namespace pleat
