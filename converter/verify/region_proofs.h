#pragma once

#include <memory>

#include "converter/verify/coverage.h"
#include "converter/verify/region_check.h"
#include "converter/verify/region_inputs.h"
#include "converter/verify/verify.h"

namespace pleat {

/// Rungs 3 and 4 of all regions: on the unfolded network's own activations as far as it runs, and always on generated
/// inputs. Large regions (more than 50 million multiply-accumulates) see one batch of each sample set.
class RegionProofs {
 public:
  /// `model` and `regions` must outlive the proofs.
  RegionProofs(const Model& model, const std::vector<Region>& regions, const ExactConstants* exact,
               const VerifyOptions& options);
  ~RegionProofs();

  /// One run of the unfolded network in its own arithmetic, every region that it passes being compared on the way;
  /// gives `wanted`, of which nothing is left out but what the runtime has no operator for (`whole` tells).
  Result<NamedTensors> run(const NamedTensors& inputs, const std::set<std::string>& wanted, const SampleSet& samples,
                           std::int64_t batch);
  /// Why the network cannot be run from end to end; empty where it can.
  const std::string& obstacle() const { return obstacle_; }

  Status run_generated();

  /// Rung 3 and rung 4.
  std::vector<RungReport> reports() const;
  std::vector<Coverage> take_coverage() { return coverage_.take(); }
  std::vector<SampleRecord> generated() const;
  /// Whether some region is beyond what can be proven.
  const std::string* objection() const;
  /// The first failing region (of rung 3 or 4, else one that holds `constant`) with inputs that show it, or nothing.
  Result<std::optional<std::pair<const Region*, GoldenData>>> golden(const std::string& constant);

 private:
  struct Watched;
  Status see(Watched& watched, const NamedTensors& values, const SampleSet& samples, std::int64_t batch);
  Status generate(Watched& watched);
  RungReport report(Rung rung, const LayerFigures& (RegionCheck::*figures)() const,
                    const std::optional<Finding>& (RegionCheck::*failure)() const, const std::string& good,
                    const std::string& bad) const;
  std::string where_compared() const;

  const Model& model_;
  const VerifyOptions& options_;
  std::string obstacle_;
  std::set<std::string> reachable_;  ///< values of the outermost graph that the runtime can compute
  std::vector<std::unique_ptr<Watched>> watched_;
  CoverageCounter coverage_;
};

}  // namespace pleat
