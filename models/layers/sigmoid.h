#pragma once

#include "models/layers/layer.h"

namespace pleat {

/// y = 1/(1 + exp(-x)), element by element; dx = dy·y·(1 - y).
template <class T>
class Sigmoid final : public Layer<T> {
 public:
  std::string_view type() const override { return "Sigmoid"; }
  void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) override;
  void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) override;
};

extern template class Sigmoid<float>;
extern template class Sigmoid<double>;

}  // namespace pleat
