#pragma once

#include "models/layers/layer.h"
#include "models/layers/window.h"

namespace pleat {

/// y[o,i,j] = bias[o] + Σ_{c,u,v} weight[o,c,u,v] · x[c, i·stride+u-padding, j·stride+v-padding], zero outside x.
/// x is [in_channels,H,W] per sample, weight [out_channels,in_channels,kh,kw], bias [out_channels].
template <class T>
class Conv2d final : public Layer<T> {
 public:
  Conv2d(std::int64_t in_channels, std::int64_t out_channels, Window2d window);

  std::string_view type() const override { return "Conv2d"; }
  std::string describe() const override;
  Result<Shape> output_shape(const Shape& input) const override;
  void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) override;
  void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) override;
  void initialize(Random& random) override;
  std::vector<Parameter<T>> parameters() override;

 private:
  std::int64_t taps() const { return in_channels_ * window_.kernel_size[0] * window_.kernel_size[1]; }

  std::int64_t in_channels_;
  std::int64_t out_channels_;
  Window2d window_;
  Matrix<T> weight_;  // [taps, out_channels], column-major: the bytes of [out_channels, in_channels, kh, kw]
  Matrix<T> bias_;    // [1, out_channels]
  Matrix<T> weight_gradient_;
  Matrix<T> bias_gradient_;
};

extern template class Conv2d<float>;
extern template class Conv2d<double>;

}  // namespace pleat
