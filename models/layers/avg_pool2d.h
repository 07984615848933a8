#pragma once

#include "models/layers/layer.h"
#include "models/layers/window.h"

namespace pleat {

/// The mean of each window of [C,H,W]. Padding counts as zeros, also in the divisor kh·kw (PyTorch's default).
template <class T>
class AvgPool2d final : public Layer<T> {
 public:
  explicit AvgPool2d(Window2d window) : window_(window) {}

  std::string_view type() const override { return "AvgPool2d"; }
  std::string describe() const override;
  Result<Shape> output_shape(const Shape& input) const override;
  void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) override;
  void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) override;

 private:
  Window2d window_;
};

extern template class AvgPool2d<float>;
extern template class AvgPool2d<double>;

}  // namespace pleat
