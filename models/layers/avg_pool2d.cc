#include "models/layers/avg_pool2d.h"

#include "models/layers/pooling.h"

namespace pleat {

template <class T>
std::string AvgPool2d<T>::describe() const {
  return R"({"type":"AvgPool2d",)" + window_.describe() + "}";
}

template <class T>
Result<Shape> AvgPool2d<T>::output_shape(const Shape& input) const {
  return pooled_shape(window_, input);
}

template <class T>
void AvgPool2d<T>::forward(const Batch<T>& x, Batch<T>& y, Mode, ThreadPool& pool) {
  const T share = T(1) / static_cast<T>(window_.kernel_size[0] * window_.kernel_size[1]);
  for_each_block(x, pool, [&](std::int64_t b) {
    const auto x_block = x.block(b);
    auto y_block = y.block(b);
    for_each_window(
        window_, x.sample_shape(), y.sample_shape(), [&](std::int64_t o) { y_block.col(o).setZero(); },
        [&](std::int64_t o, std::int64_t i) { y_block.col(o) += x_block.col(i); });
    y_block *= share;
  });
}

template <class T>
void AvgPool2d<T>::backward(const Batch<T>& x, const Batch<T>&, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) {
  if (!dx) return;
  const T share = T(1) / static_cast<T>(window_.kernel_size[0] * window_.kernel_size[1]);
  for_each_block(x, pool, [&](std::int64_t b) {
    const auto dy_block = dy.block(b);
    auto dx_block = dx->block(b);
    dx_block.setZero();
    for_each_window(
        window_, x.sample_shape(), dy.sample_shape(), [](std::int64_t) {},
        [&](std::int64_t o, std::int64_t i) { dx_block.col(i) += dy_block.col(o) * share; });
  });
}

template class AvgPool2d<float>;
template class AvgPool2d<double>;

}  // namespace pleat
