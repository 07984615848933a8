#pragma once

#include <string>
#include <vector>

#include "converter/fold/double_double.h"
#include "converter/fold/fold_map.h"
#include "runtime/graph/model.h"

namespace pleat {

/// One absorbed node's parameters per channel: y = scale·(x − mean) + bias.
struct LayerStep {
  std::vector<DoubleDouble> scale;  ///< γ/√(σ²+ε)
  std::vector<double> mean;
  std::vector<double> bias;
};

/// One folded layer as the verifier knows it: read from the unfolded model alone, by the operator's own rules, so that
/// it shares no decision with the folder but the names in the map. All computed values are double-double.
struct CheckedLayer {
  std::string batch_norm;  ///< for reports
  std::string target;
  std::string target_op;
  std::string input;
  std::string output;
  std::string new_weight;
  std::string new_bias;

  std::size_t node = 0;           ///< position of the unfolded layer
  std::vector<std::string> gone;  ///< outputs of the unfolded nodes that the fold replaces, layer first
  Tensor weight;
  int weight_axis = 0;              ///< which axis of the weight is the output channel
  std::int64_t terms = 0;           ///< products per output element
  int extra_roundings = 0;          ///< Gemm: alpha·, beta·, and their sum
  std::int64_t bias_rows = 1;       ///< more than 1 for a Gemm whose C has several rows
  std::vector<double> bias;         ///< [bias_rows, channels], zeros where there is none
  double bias_factor = 1;           ///< Gemm's beta
  std::vector<LayerStep> steps;     ///< in the order of data
  std::vector<DoubleDouble> scale;  ///< product of the steps' scales
  std::vector<DoubleDouble> moved;  ///< [bias_rows, channels]: the bias after all steps, exact to about 2⁻⁹⁸
  std::vector<double> moved_terms;  ///< the same sum with every term's absolute value

  std::size_t channels() const { return scale.size(); }
};

/// kInvalid where the map names what the model does not hold, or holds in a form no fold may have used.
Result<CheckedLayer> read_layer(const Model& unfolded, const FoldEntry& entry);

/// Every layer of the map, in the map's order; entries folded together with a later one count with that one.
Result<std::vector<CheckedLayer>> read_layers(const Model& unfolded, const FoldMap& map);

}  // namespace pleat
