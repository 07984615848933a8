#pragma once

#include "models/layers/layer.h"

namespace pleat {

/// How far one minibatch moves the running statistics. Two conventions carry the same name in the field; say which:
/// PyTorch's momentum weighs the new value (0.1), that of textbooks, Keras and ONNX the old one (0.9).
class Momentum {
 public:
  /// running = (1 - weight)·running + weight·new.
  static Momentum of_new(double weight) { return Momentum(weight); }
  /// running = weight·running + (1 - weight)·new. of_old(0.9) and of_new(0.1) are the same to the last bit.
  static Momentum of_old(double weight);

  /// In PyTorch's convention, the one of every checkpoint.
  double weight_of_new() const { return weight_of_new_; }

 private:
  explicit Momentum(double weight_of_new) : weight_of_new_(weight_of_new) {}
  double weight_of_new_;
};

struct BatchNormOptions {
  double eps = 1e-5;
  Momentum momentum = Momentum::of_new(0.1);
};

/// Batch normalization (Ioffe and Szegedy 2015) of channel c over samples and positions,
/// y = gamma[c]·(x - mean[c])/sqrt(variance[c] + eps) + beta[c], of [C], [C,L] (BatchNorm1d) or [C,H,W] (BatchNorm2d).
///
/// Training uses the minibatch's own mean and biased variance (divided by m = samples·positions) and moves
/// running_mean and running_var, the latter towards the unbiased variance (divided by m - 1). Evaluation uses those.
/// Gradients follow the mode of the latest forward; in evaluation the statistics are constants.
/// Sums go by feature over a block in T, beyond that in double.
template <class T>
class BatchNorm final : public Layer<T> {
 public:
  /// spatial_axes: 1 for BatchNorm1d, 2 for BatchNorm2d.
  BatchNorm(std::int64_t num_features, int spatial_axes, BatchNormOptions options = {});

  std::string_view type() const override { return spatial_axes_ == 2 ? "BatchNorm2d" : "BatchNorm1d"; }
  std::string describe() const override;
  Result<Shape> output_shape(const Shape& input) const override;
  Status check(const Shape& input, std::int64_t samples, Mode mode) const override;
  void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) override;
  void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) override;
  std::vector<Parameter<T>> parameters() override;
  std::vector<Statistic<T>> statistics() override;
  std::int64_t* batches_tracked() override { return &num_batches_tracked_; }

 private:
  using Row = Eigen::Array<T, 1, Eigen::Dynamic>;

  void measure(const Batch<T>& x, ThreadPool& pool);

  std::int64_t num_features_;
  int spatial_axes_;
  BatchNormOptions options_;
  Row gamma_;
  Row beta_;
  Row gamma_gradient_;
  Row beta_gradient_;
  Row running_mean_;
  Row running_var_;
  std::int64_t num_batches_tracked_ = 0;

  Mode mode_ = Mode::kEvaluation;
  Row mean_;     // of the latest forward
  Row inv_std_;  // likewise, 1/sqrt(variance + eps)
};

extern template class BatchNorm<float>;
extern template class BatchNorm<double>;

}  // namespace pleat
