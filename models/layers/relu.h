#pragma once

#include "models/layers/layer.h"

namespace pleat {

/// y = max(x, 0), element by element; dx = dy where x > 0, else 0.
template <class T>
class ReLU final : public Layer<T> {
 public:
  std::string_view type() const override { return "ReLU"; }
  void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) override;
  void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) override;
};

extern template class ReLU<float>;
extern template class ReLU<double>;

}  // namespace pleat
