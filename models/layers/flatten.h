#pragma once

#include "models/layers/layer.h"

namespace pleat {

/// [C,H,W] → [C*H*W], row-major; the bytes stay as they are.
template <class T>
class Flatten final : public Layer<T> {
 public:
  std::string_view type() const override { return "Flatten"; }
  Result<Shape> output_shape(const Shape& input) const override { return Shape{input.elements()}; }
  void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) override;
  void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) override;
};

extern template class Flatten<float>;
extern template class Flatten<double>;

}  // namespace pleat
