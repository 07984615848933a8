#pragma once

#include <optional>

#include "converter/verify/bound.h"
#include "converter/verify/regions.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// Inputs of a region and what the unfolded part gives for them in double: enough to see a failure again.
struct GoldenData {
  NamedTensors inputs;
  NamedTensors outputs;
};

/// Rungs 3 and 4 for one region: both sides on the same inputs, which are the unfolded network's own activations or
/// generated.
///   rung 3, in double: the unfolded part against the folded one, whose new constants have their exact values. Where
///           the exact values are not known it has the stored ones, and their rounding is part of the bound.
///   rung 4, in the network's own arithmetic: both parts as they will run.
/// The bounds are those of bound.h. Integers must be equal.
class RegionCheck {
 public:
  /// `region` and `exact` (may be null) must outlive the check.
  RegionCheck(const Region& region, const ExactConstants* exact, int threads);

  const Region& region() const { return region_; }
  /// Why nothing can be proven, if so: an operator for which no bound is known. Then `compare` must not be called.
  const std::optional<std::string>& objection() const { return objection_; }
  /// Whether all new constants have exact values.
  bool exact() const { return exact_; }

  /// `own`: the unfolded part's outputs in its own arithmetic where a run has just given them.
  Status compare(const NamedTensors& inputs, const NamedTensors* own, const std::string& samples, std::int64_t batch);

  std::int64_t comparisons() const { return comparisons_; }
  /// Multiply-accumulates of one side in the last comparison.
  double macs() const { return macs_; }
  const LayerFigures& algebra() const { return algebra_; }
  const LayerFigures& rounding() const { return rounding_; }
  const std::optional<Finding>& algebra_failure() const { return algebra_failure_; }
  const std::optional<Finding>& rounding_failure() const { return rounding_failure_; }
  /// Of the first comparison that failed.
  const std::optional<GoldenData>& golden() const { return golden_; }
  Result<GoldenData> golden_for(const NamedTensors& inputs) const;

 private:
  struct Truth;
  struct Sides;
  Status prepare();
  Status compare_now(const NamedTensors& inputs, const NamedTensors* own, const std::string& samples,
                     std::int64_t batch);
  Result<Truth> truth(const NamedTensors& inputs);
  Result<NamedTensors> folded_in_double(const NamedTensors& inputs, Shapes& shapes) const;
  Status check_algebra(Truth& truth, const NamedTensors& inputs, const std::string& samples, std::int64_t batch);
  Status check_rounding(Truth& truth, const NamedTensors& inputs, const NamedTensors* own, const std::string& samples,
                        std::int64_t batch);
  Status does_not_run(const Error& error, const std::string& samples, std::int64_t batch, LayerFigures& figures,
                      std::optional<Finding>& failure);
  void compare_output(const Sides& sides, LayerFigures& figures, std::optional<Finding>& failure) const;

  const Region& region_;
  const ExactConstants* recipes_;
  int threads_;
  std::set<std::string> outputs_, fresh_;
  std::optional<std::string> objection_;
  std::optional<BoundedPart> unfolded_, folded_;
  Precision storage_ = kDoubleArithmetic;  ///< coarsest type of the new constants
  bool exact_ = true;
  std::int64_t comparisons_ = 0;
  double macs_ = 0;
  LayerFigures algebra_, rounding_;
  std::optional<Finding> algebra_failure_, rounding_failure_;
  std::optional<GoldenData> golden_;
};

}  // namespace pleat
