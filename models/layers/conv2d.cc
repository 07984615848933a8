#include "models/layers/conv2d.h"

#include <fmt/format.h>

#include "models/layers/patches.h"

namespace pleat {
namespace {

/// Row `row` of every channel of a block [samples, O*H*W] as a matrix [W*samples, O].
template <class T>
auto output_row(T* block, const Shape& shape, std::int64_t row, std::int64_t samples) {
  using Rows = Eigen::Map<std::conditional_t<std::is_const_v<T>, const Matrix<std::remove_const_t<T>>, Matrix<T>>, 0,
                          Eigen::OuterStride<>>;
  const std::int64_t run = shape[2] * samples;
  return Rows(block + row * run, run, shape[0], Eigen::OuterStride<>(shape[1] * run));
}

}  // namespace

template <class T>
Conv2d<T>::Conv2d(std::int64_t in_channels, std::int64_t out_channels, Window2d window)
    : in_channels_(in_channels),
      out_channels_(out_channels),
      window_(window),
      weight_(Matrix<T>::Zero(taps(), out_channels)),
      bias_(Matrix<T>::Zero(1, out_channels)),
      weight_gradient_(weight_),
      bias_gradient_(bias_) {}

template <class T>
std::string Conv2d<T>::describe() const {
  return fmt::format(R"({{"type":"Conv2d","in_channels":{},"out_channels":{},{},"bias":true}})", in_channels_,
                     out_channels_, window_.describe());
}

template <class T>
Result<Shape> Conv2d<T>::output_shape(const Shape& input) const {
  if (input.rank() == 3 && input[0] != in_channels_) {
    return fail(Error::invalid("wrong number of channels").expect(fmt::format("{}", in_channels_)).saw(input.text()));
  }
  return window_.output_shape(input, out_channels_);
}

template <class T>
void Conv2d<T>::forward(const Batch<T>& x, Batch<T>& y, Mode, ThreadPool& pool) {
  const Shape& out = y.sample_shape();
  for_each_block(x, pool, [&](std::int64_t b) {
    const std::int64_t samples = x.block_samples(b);
    RowPatches<T> patches(window_, x.sample_shape(), out, samples);
    for (std::int64_t row = 0; row < out[1]; ++row) {
      patches.gather(x.block_data(b), row);
      auto y_row = output_row(y.block_data(b), out, row, samples);
      y_row.noalias() = patches.matrix() * weight_;
      y_row.rowwise() += bias_.row(0);
    }
  });
}

template <class T>
void Conv2d<T>::backward(const Batch<T>& x, const Batch<T>&, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) {
  const Shape& out = dy.sample_shape();
  std::vector<Matrix<T>> weight_sums(static_cast<std::size_t>(x.blocks()));
  std::vector<Matrix<T>> bias_sums(weight_sums.size());
  for_each_block(x, pool, [&](std::int64_t b) {
    const std::int64_t samples = x.block_samples(b);
    Matrix<T>& weight_sum = weight_sums[static_cast<std::size_t>(b)];
    Matrix<T>& bias_sum = bias_sums[static_cast<std::size_t>(b)];
    weight_sum.setZero(taps(), out_channels_);
    bias_sum.setZero(1, out_channels_);
    if (dx) dx->block(b).setZero();
    RowPatches<T> patches(window_, x.sample_shape(), out, samples);
    for (std::int64_t row = 0; row < out[1]; ++row) {
      const auto dy_row = output_row(dy.block_data(b), out, row, samples);
      patches.gather(x.block_data(b), row);
      weight_sum.noalias() += patches.matrix().transpose() * dy_row;
      bias_sum += dy_row.colwise().sum();
      if (!dx) continue;
      patches.matrix().noalias() = dy_row * weight_.transpose();
      patches.scatter_add(dx->block_data(b), row);
    }
  });
  weight_gradient_.setZero();
  bias_gradient_.setZero();
  for (const Matrix<T>& sum : weight_sums) weight_gradient_ += sum;
  for (const Matrix<T>& sum : bias_sums) bias_gradient_ += sum;
}

template <class T>
void Conv2d<T>::initialize(Random& random) {
  const std::int64_t area = window_.kernel_size[0] * window_.kernel_size[1];
  const auto parameter = parameters();
  xavier_uniform(parameter[0].value, in_channels_ * area, out_channels_ * area, random);
  bias_uniform(parameter[1].value, in_channels_ * area, random);
}

template <class T>
std::vector<Parameter<T>> Conv2d<T>::parameters() {
  return {{"weight",
           Shape{out_channels_, in_channels_, window_.kernel_size[0], window_.kernel_size[1]},
           {weight_.data(), static_cast<std::size_t>(weight_.size())},
           {weight_gradient_.data(), static_cast<std::size_t>(weight_gradient_.size())}},
          {"bias",
           Shape{out_channels_},
           {bias_.data(), static_cast<std::size_t>(bias_.size())},
           {bias_gradient_.data(), static_cast<std::size_t>(bias_gradient_.size())}}};
}

template class Conv2d<float>;
template class Conv2d<double>;

}  // namespace pleat
