#pragma once

#include <memory>

#include "converter/verify/bound.h"
#include "converter/verify/layer.h"
#include "converter/verify/runner.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// Rungs 3 and 4 for one layer: folded and unfolded on the same input, which is the unfolded network's own activation.
///   rung 3, in double: the exact folded parameters must agree within the bound T of double arithmetic, and the stored
///           ones within T plus their one rounding;
///   rung 4, in float: both layers as they will run, within the bound T of float arithmetic.
/// A = Σ|w||x| comes from running the layer once more on absolute values, in double.
class LayerCheck {
 public:
  static Result<std::unique_ptr<LayerCheck>> create(const Model& unfolded, const Model& folded, CheckedLayer layer,
                                                    int threads);

  /// `input` and `output` of the unfolded layer in one run of the unfolded network.
  Status compare(const TensorView& input, const TensorView& output, const std::string& samples, std::int64_t batch);

  const CheckedLayer& layer() const { return layer_; }
  const LayerFigures& algebra() const { return algebra_; }
  const LayerFigures& rounding() const { return rounding_; }
  const std::optional<Finding>& algebra_failure() const { return algebra_failure_; }
  const std::optional<Finding>& rounding_failure() const { return rounding_failure_; }

 private:
  struct Sides;
  explicit LayerCheck(CheckedLayer layer) : layer_(std::move(layer)) {}
  void compare_elements(const Sides& sides, LayerFigures& figures, std::optional<Finding>& failure);

  CheckedLayer layer_;
  std::unique_ptr<Runner> unfolded_double_, exact_double_, stored_double_, folded_own_, magnitude_;
  std::vector<ChannelBound> own_bounds_, double_bounds_, parameter_bounds_;
  Precision own_ = kFloatArithmetic;
  LayerFigures algebra_, rounding_;
  std::optional<Finding> algebra_failure_, rounding_failure_;
};

/// The one node of `layer` on absolute values, in double: its output is A. Input and output keep their names.
Result<Model> magnitude_model(const Model& model, std::size_t node, const Tensor& weight);

}  // namespace pleat
