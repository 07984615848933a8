#include "models/layers/flatten.h"

namespace pleat {

template <class T>
void Flatten<T>::forward(const Batch<T>& x, Batch<T>& y, Mode, ThreadPool& pool) {
  for_each_block(x, pool, [&](std::int64_t b) { y.block(b) = x.block(b); });
}

template <class T>
void Flatten<T>::backward(const Batch<T>& x, const Batch<T>&, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) {
  if (!dx) return;
  for_each_block(x, pool, [&](std::int64_t b) { dx->block(b) = dy.block(b); });
}

template class Flatten<float>;
template class Flatten<double>;

}  // namespace pleat
