#include "models/layers/relu.h"

namespace pleat {

template <class T>
void ReLU<T>::forward(const Batch<T>& x, Batch<T>& y, Mode, ThreadPool& pool) {
  for_each_block(x, pool, [&](std::int64_t b) { y.block(b) = x.block(b).array().max(T(0)); });
}

template <class T>
void ReLU<T>::backward(const Batch<T>& x, const Batch<T>&, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) {
  if (!dx) return;
  for_each_block(x, pool,
                 [&](std::int64_t b) { dx->block(b) = (x.block(b).array() > T(0)).select(dy.block(b).array(), T(0)); });
}

template class ReLU<float>;
template class ReLU<double>;

}  // namespace pleat
