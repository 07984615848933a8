#pragma once

#include "models/layers/layer.h"
#include "models/layers/window.h"

namespace pleat {

/// The largest value of each window of [C,H,W]; padding never wins. The gradient goes to the first largest.
template <class T>
class MaxPool2d final : public Layer<T> {
 public:
  explicit MaxPool2d(Window2d window) : window_(window) {}

  std::string_view type() const override { return "MaxPool2d"; }
  std::string describe() const override;
  Result<Shape> output_shape(const Shape& input) const override;
  void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) override;
  void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) override;

 private:
  Window2d window_;
};

extern template class MaxPool2d<float>;
extern template class MaxPool2d<double>;

}  // namespace pleat
