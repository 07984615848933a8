#pragma once

#include "models/layers/layer.h"

namespace pleat {

/// y = x Wᵀ + b over the features of a sample: x [in_features], W [out_features,in_features], b [out_features].
template <class T>
class Linear final : public Layer<T> {
 public:
  Linear(std::int64_t in_features, std::int64_t out_features);

  std::string_view type() const override { return "Linear"; }
  std::string describe() const override;
  Result<Shape> output_shape(const Shape& input) const override;
  void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) override;
  void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) override;
  void initialize(Random& random) override;
  std::vector<Parameter<T>> parameters() override;

 private:
  Matrix<T> weight_;  // Wᵀ [in_features, out_features], column-major: the bytes of W
  Matrix<T> bias_;    // [1, out_features]
  Matrix<T> weight_gradient_;
  Matrix<T> bias_gradient_;
};

extern template class Linear<float>;
extern template class Linear<double>;

}  // namespace pleat
