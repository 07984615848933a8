#pragma once

#include <memory>

#include "converter/verify/layer.h"
#include "converter/verify/runner.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// Rung 5: the unfolded network in double is the truth y; each network's error is its largest distance from it over a
/// sample set, e = max|ŷ − y|. The folded one passes where e_F <= 4·e_U + T, T being what rounding may do in the last
/// linear layer before the output (both layers' γ_{K+8}·(A+|b|); the operators allowed after it do not enlarge a
/// difference). NaN and infinity must stand in the same places.
class EndToEnd {
 public:
  static Result<std::unique_ptr<EndToEnd>> create(const Model& unfolded, const Model& folded, int threads);

  /// `unfolded` holds the last run's outputs of the unfolded network on `inputs`.
  Status compare(const NamedTensors& inputs, const Runner& unfolded, const std::string& samples, std::int64_t batch);

  RungReport report() const;
  const std::vector<OutputFigures>& outputs() const { return figures_; }

 private:
  /// The last linear layer before an output, run on absolute values.
  struct LastLayer {
    std::string input;
    std::string output;
    std::int64_t roundings = 0;
    double largest_bias = 0;
    std::unique_ptr<Runner> magnitude;
  };
  EndToEnd() = default;
  OutputFigures& figures_for(const std::string& output, const std::string& samples);
  Status compare_output(std::size_t index, const TensorView& unfolded, const std::string& samples, std::int64_t batch);
  Result<double> last_bound(std::size_t index);

  std::vector<std::string> output_names_;
  std::vector<LastLayer> last_layers_;  ///< one per output; without `magnitude` where there is none to be found
  std::unique_ptr<Runner> folded_, truth_;
  std::vector<OutputFigures> figures_;
  std::vector<Finding> worst_;  ///< parallel to figures_: where e_F was met
  double unit_roundoff_ = 0;
};

}  // namespace pleat
