#include "models/layers/max_pool2d.h"

#include <limits>

#include "models/layers/pooling.h"

namespace pleat {

template <class T>
std::string MaxPool2d<T>::describe() const {
  return R"({"type":"MaxPool2d",)" + window_.describe() + "}";
}

template <class T>
Result<Shape> MaxPool2d<T>::output_shape(const Shape& input) const {
  return pooled_shape(window_, input);
}

template <class T>
void MaxPool2d<T>::forward(const Batch<T>& x, Batch<T>& y, Mode, ThreadPool& pool) {
  for_each_block(x, pool, [&](std::int64_t b) {
    const auto x_block = x.block(b);
    auto y_block = y.block(b);
    for_each_window(
        window_, x.sample_shape(), y.sample_shape(),
        [&](std::int64_t o) { y_block.col(o).setConstant(-std::numeric_limits<T>::infinity()); },
        [&](std::int64_t o, std::int64_t i) { y_block.col(o) = y_block.col(o).cwiseMax(x_block.col(i)); });
  });
}

template <class T>
void MaxPool2d<T>::backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) {
  if (!dx) return;
  for_each_block(x, pool, [&](std::int64_t b) {
    const auto x_block = x.block(b).array();
    const auto y_block = y.block(b).array();
    auto dx_block = dx->block(b).array();
    dx_block.setZero();
    Eigen::Array<T, Eigen::Dynamic, 1> rest(x_block.rows());  // what of dy has not found its largest element yet
    for_each_window(
        window_, x.sample_shape(), y.sample_shape(), [&](std::int64_t o) { rest = dy.block(b).col(o).array(); },
        [&](std::int64_t o, std::int64_t i) {
          const auto largest = x_block.col(i) == y_block.col(o);
          dx_block.col(i) += largest.select(rest, T(0));
          rest = largest.select(T(0), rest);
        });
  });
}

template class MaxPool2d<float>;
template class MaxPool2d<double>;

}  // namespace pleat
