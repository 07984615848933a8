#include "models/layers/sigmoid.h"

namespace pleat {

template <class T>
void Sigmoid<T>::forward(const Batch<T>& x, Batch<T>& y, Mode, ThreadPool& pool) {
  for_each_block(x, pool, [&](std::int64_t b) { y.block(b) = x.block(b).array().logistic(); });
}

template <class T>
void Sigmoid<T>::backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) {
  if (!dx) return;
  for_each_block(x, pool, [&](std::int64_t b) {
    const auto y_block = y.block(b).array();
    dx->block(b) = dy.block(b).array() * y_block * (1 - y_block);
  });
}

template class Sigmoid<float>;
template class Sigmoid<double>;

}  // namespace pleat
