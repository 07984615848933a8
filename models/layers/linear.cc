#include "models/layers/linear.h"

#include <fmt/format.h>

namespace pleat {

template <class T>
Linear<T>::Linear(std::int64_t in_features, std::int64_t out_features)
    : weight_(Matrix<T>::Zero(in_features, out_features)),
      bias_(Matrix<T>::Zero(1, out_features)),
      weight_gradient_(weight_),
      bias_gradient_(bias_) {}

template <class T>
std::string Linear<T>::describe() const {
  return fmt::format(R"({{"type":"Linear","in_features":{},"out_features":{},"bias":true}})", weight_.rows(),
                     weight_.cols());
}

template <class T>
Result<Shape> Linear<T>::output_shape(const Shape& input) const {
  if (input != Shape{weight_.rows()}) {
    return fail(Error::invalid("wrong number of features")
                    .expect(fmt::format("[{}] per sample", weight_.rows()))
                    .saw(input.text())
                    .fix(input.rank() > 1 ? "put a Flatten before Linear" : ""));
  }
  return Shape{weight_.cols()};
}

template <class T>
void Linear<T>::forward(const Batch<T>& x, Batch<T>& y, Mode, ThreadPool& pool) {
  for_each_block(x, pool, [&](std::int64_t b) {
    auto y_block = y.block(b);
    y_block.noalias() = x.block(b) * weight_;
    y_block.rowwise() += bias_.row(0);
  });
}

template <class T>
void Linear<T>::backward(const Batch<T>& x, const Batch<T>&, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) {
  if (dx) for_each_block(x, pool, [&](std::int64_t b) { dx->block(b).noalias() = dy.block(b) * weight_.transpose(); });
  constexpr std::int64_t kOutputsAtOnce = 8;
  pool.parallel_for(weight_.cols(), kOutputsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t o = begin; o < end; o += kOutputsAtOnce) {
      const std::int64_t count = std::min(kOutputsAtOnce, end - o);
      auto weight_sum = weight_gradient_.middleCols(o, count);
      auto bias_sum = bias_gradient_.middleCols(o, count);
      weight_sum.setZero();
      bias_sum.setZero();
      for (std::int64_t b = 0; b < x.blocks(); ++b) {
        const auto dy_part = dy.block(b).middleCols(o, count);
        weight_sum.noalias() += x.block(b).transpose() * dy_part;
        bias_sum += dy_part.colwise().sum();
      }
    }
  });
}

template <class T>
void Linear<T>::initialize(Random& random) {
  const auto parameter = parameters();
  xavier_uniform(parameter[0].value, weight_.rows(), weight_.cols(), random);
  bias_uniform(parameter[1].value, weight_.rows(), random);
}

template <class T>
std::vector<Parameter<T>> Linear<T>::parameters() {
  return {{"weight",
           Shape{weight_.cols(), weight_.rows()},
           {weight_.data(), static_cast<std::size_t>(weight_.size())},
           {weight_gradient_.data(), static_cast<std::size_t>(weight_gradient_.size())}},
          {"bias",
           Shape{weight_.cols()},
           {bias_.data(), static_cast<std::size_t>(bias_.size())},
           {bias_gradient_.data(), static_cast<std::size_t>(bias_gradient_.size())}}};
}

template class Linear<float>;
template class Linear<double>;

}  // namespace pleat
