#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "converter/verify/confusion.h"
#include "converter/verify/decisions.h"
#include "converter/verify/end_to_end.h"
#include "converter/verify/last_layer.h"
#include "converter/verify/noise.h"
#include "converter/verify/value_figures.h"

namespace pleat {

/// The inside of EndToEnd.
class EndToEnd::Comparison {
 public:
  Comparison(const Model& unfolded, const Model& folded, int threads, const EndToEndOptions& options);

  const std::set<std::string>& wanted() const { return wanted_; }
  Status compare(const NamedTensors& inputs, const SampleSet& samples, std::int64_t batch, const NamedTensors* own);
  std::vector<RungReport> reports() const { return {end_to_end_report(), classes_report()}; }
  void fill(Verdict& verdict) const;

 private:
  /// A value compared in both networks: an output, or what a decision reads.
  struct Checkpoint {
    std::string unfolded;
    std::string folded;  ///< its name in the folded network
    bool output = false;
    int roundings = 1;  ///< that the noise does not know of
    std::optional<LastLayer> last;
  };

  /// One batch of one set in both networks.
  struct Batch {
    const SampleSet& samples;
    std::int64_t number = 0;
    const NamedTensors& inputs;
    NamedTensors pinned;                 ///< the inputs, and what the unfolded network decided
    NamedTensors own;                    ///< `wanted_` of the unfolded network
    NamedTensors folded;                 ///< `folded_wanted_` of the folded one, from `pinned`
    NamedTensors truth;                  ///< `truths_` in double, from `pinned`
    std::vector<ValueFigures>& figures;  ///< parallel to checkpoints_
  };

  void choose_checkpoints();
  void add_checkpoint(const std::string& unfolded, const std::string& folded, bool output);

  Status run(Batch& batch, const NamedTensors* own);
  Status measure(Batch& batch);
  Status measure_noise(Batch& batch, bool everywhere);
  Status measure_noise(Batch& batch, const Noise& noise, const Evaluator& network, const std::set<std::string>& names,
                       int runs, const NamedTensors& still, std::string Checkpoint::*side);
  Result<bool> decide(const Batch& batch);
  Result<DecisionCount> decide(const Batch& batch, const Decision& decision) const;
  Result<NamedTensors> decided(const Evaluator& network, const Batch& batch, const Decision& decision,
                               const std::vector<std::string>& names) const;
  std::vector<Tensor> inputs_in_double(const Batch& batch, const Node& node) const;
  double tolerance_of(const Batch& batch, const Decision& decision) const;
  Status differ(Batch& batch, bool flipped);
  void compare_stored(const Batch& batch);

  void judge_figures(RungReport& report) const;
  void judge_margins(RungReport& report) const;
  void judge_plainly(RungReport& report) const;
  RungReport end_to_end_report() const;
  RungReport classes_report() const;

  const Model& unfolded_;
  const Model& folded_;
  Uses folded_uses_;
  int threads_;
  EndToEndOptions options_;
  Evaluator unfolded_own_, folded_own_, unfolded_double_, folded_double_;
  Noise noise_, folded_noise_;
  std::vector<Decision> decisions_;
  std::vector<DecisionMargin> margins_;  ///< parallel to decisions_
  std::vector<Checkpoint> checkpoints_;
  std::set<std::string> wanted_, truths_, folded_wanted_, folded_truths_, folded_outputs_;
  std::map<std::string, std::int64_t> products_;  ///< of the folded network's linear layers, by their output
  std::int64_t macs_ = 0;                         ///< of one batch, once the folded network has run
  std::vector<std::string> sets_;                 ///< in the order they were met
  std::map<std::string, std::vector<ValueFigures>> figures_;  ///< by sample set, parallel to checkpoints_
  ConfusionCounter confusions_;
  std::vector<StoredOutput> stored_;
};

}  // namespace pleat
