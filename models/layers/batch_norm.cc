#include "models/layers/batch_norm.h"

#include <fmt/format.h>

#include <cmath>

namespace pleat {
namespace {

using DoubleRow = Eigen::Array<double, 1, Eigen::Dynamic>;

/// The columns of channel c in a block: [samples, positions].
template <class Block>
auto channel(Block&& block, std::int64_t c, std::int64_t positions) {
  return block.middleCols(c * positions, positions).array();
}

/// Number, mean and sum of squared distances from the mean, per channel.
struct Moments {
  double count = 0;
  DoubleRow mean;
  DoubleRow squares;

  /// The moments of both parts together (Chan, Golub and LeVeque 1983).
  void merge(const Moments& other) {
    const double total = count + other.count;
    const DoubleRow delta = other.mean - mean;
    mean += delta * (other.count / total);
    squares += other.squares + delta.square() * (count * other.count / total);
    count = total;
  }
};

template <class Block>
Moments moments_of(const Block& block, std::int64_t channels) {
  using T = typename Block::Scalar;
  const std::int64_t positions = block.cols() / channels;
  const std::int64_t count = block.size() / channels;
  Moments moments{static_cast<double>(count), DoubleRow(channels), DoubleRow(channels)};
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto x = channel(block, c, positions);
    double sum = 0;
    for (std::int64_t p = 0; p < positions; ++p) sum += static_cast<double>(x.col(p).sum());
    const T mean = static_cast<T>(sum / moments.count);
    double squares = 0;
    for (std::int64_t p = 0; p < positions; ++p) squares += static_cast<double>((x.col(p) - mean).square().sum());
    const double rest = sum / moments.count - static_cast<double>(mean);  // what rounding the mean to T left behind
    moments.mean(c) = sum / moments.count;
    moments.squares(c) = squares - moments.count * rest * rest;
  }
  return moments;
}

}  // namespace

Momentum Momentum::of_old(double weight) {
  constexpr double kDecimals = 1e15;  // 1 - 0.9 is to be the double nearest 0.1
  return Momentum(std::round((1 - weight) * kDecimals) / kDecimals);
}

template <class T>
BatchNorm<T>::BatchNorm(std::int64_t num_features, int spatial_axes, BatchNormOptions options)
    : num_features_(num_features),
      spatial_axes_(spatial_axes),
      options_(options),
      gamma_(Row::Ones(num_features)),
      beta_(Row::Zero(num_features)),
      gamma_gradient_(Row::Zero(num_features)),
      beta_gradient_(Row::Zero(num_features)),
      running_mean_(Row::Zero(num_features)),
      running_var_(Row::Ones(num_features)),
      mean_(Row::Zero(num_features)),
      inv_std_(Row::Ones(num_features)) {}

template <class T>
std::string BatchNorm<T>::describe() const {
  return fmt::format(R"({{"type":"{}","num_features":{},"eps":{},"momentum":{}}})", type(), num_features_, options_.eps,
                     options_.momentum.weight_of_new());
}

template <class T>
Result<Shape> BatchNorm<T>::output_shape(const Shape& input) const {
  const bool fits = spatial_axes_ == 2 ? input.rank() == 3 : input.rank() == 1 || input.rank() == 2;
  if (!fits || input[0] != num_features_) {
    const std::string_view axes = spatial_axes_ == 2 ? "[{0},H,W]" : "[{0}] or [{0},L]";
    return fail(Error::invalid("wrong shape for this batch normalization")
                    .expect(fmt::format(fmt::runtime(axes), num_features_) + " per sample")
                    .saw(input.text()));
  }
  return input;
}

template <class T>
Status BatchNorm<T>::check(const Shape& input, std::int64_t samples, Mode mode) const {
  const std::int64_t values = samples * input.elements() / num_features_;
  if (mode == Mode::kEvaluation || values > 1) return {};
  return fail(Error::usage("batch normalization in training needs more than one value per channel")
                  .expect("2 or more values, counted over samples and positions")
                  .saw(fmt::format("{} sample of shape {}", samples, input.text()))
                  .fix("use larger minibatches, or evaluation mode"));
}

template <class T>
void BatchNorm<T>::measure(const Batch<T>& x, ThreadPool& pool) {
  std::vector<Moments> parts(static_cast<std::size_t>(x.blocks()));
  for_each_block(x, pool,
                 [&](std::int64_t b) { parts[static_cast<std::size_t>(b)] = moments_of(x.block(b), num_features_); });
  Moments all = parts[0];
  for (std::size_t b = 1; b < parts.size(); ++b) all.merge(parts[b]);

  mean_ = all.mean.cast<T>();
  inv_std_ = (all.squares / all.count + options_.eps).rsqrt().cast<T>();
  const double weight = options_.momentum.weight_of_new();
  const DoubleRow unbiased = all.squares / (all.count - 1);
  running_mean_ = ((1 - weight) * running_mean_.template cast<double>() + weight * all.mean).template cast<T>();
  running_var_ = ((1 - weight) * running_var_.template cast<double>() + weight * unbiased).template cast<T>();
  ++num_batches_tracked_;
}

template <class T>
void BatchNorm<T>::forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) {
  mode_ = mode;
  if (mode == Mode::kTraining) {
    measure(x, pool);
  } else {
    mean_ = running_mean_;
    inv_std_ = (running_var_.template cast<double>() + options_.eps).rsqrt().template cast<T>();
  }
  const std::int64_t positions = x.features() / num_features_;
  for_each_block(x, pool, [&](std::int64_t b) {
    auto y_block = y.block(b);
    for (std::int64_t c = 0; c < num_features_; ++c) {
      channel(y_block, c, positions) =
          (channel(x.block(b), c, positions) - mean_(c)) * (gamma_(c) * inv_std_(c)) + beta_(c);
    }
  });
}

/// With x̂ = (x - mean)·inv_std: dbeta = Σ dy, dgamma = Σ dy·x̂, and as mean and variance depend on every x,
/// dx = gamma·inv_std·(dy - dbeta/m - x̂·dgamma/m).
template <class T>
void BatchNorm<T>::backward(const Batch<T>& x, const Batch<T>&, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) {
  const std::int64_t positions = x.features() / num_features_;
  using Sums = Eigen::Array<double, 2, Eigen::Dynamic>;  // row 0: Σ dy, row 1: Σ dy·x̂
  std::vector<Sums> parts(static_cast<std::size_t>(x.blocks()));
  for_each_block(x, pool, [&](std::int64_t b) {
    Sums& sums = parts[static_cast<std::size_t>(b)];
    sums.setZero(2, num_features_);
    const auto x_block = x.block(b);
    const auto dy_block = dy.block(b);
    for (std::int64_t f = 0; f < x.features(); ++f) {
      const std::int64_t c = f / positions;
      const auto dy_column = dy_block.col(f).array();
      sums(0, c) += static_cast<double>(dy_column.sum());
      sums(1, c) += static_cast<double>((dy_column * (x_block.col(f).array() - mean_(c))).sum());
    }
    sums.row(1) *= inv_std_.template cast<double>();
  });
  Sums all = parts[0];
  for (std::size_t b = 1; b < parts.size(); ++b) all += parts[b];
  beta_gradient_ = all.row(0).cast<T>();
  gamma_gradient_ = all.row(1).cast<T>();
  if (!dx) return;

  const double m = static_cast<double>(x.samples() * positions);
  const bool constants = mode_ == Mode::kEvaluation;
  const Row mean_dy = constants ? Row::Zero(num_features_).eval() : (all.row(0) / m).cast<T>().eval();
  const Row mean_dy_xhat = constants ? Row::Zero(num_features_).eval() : (all.row(1) / m).cast<T>().eval();
  for_each_block(x, pool, [&](std::int64_t b) {
    auto dx_block = dx->block(b);
    for (std::int64_t c = 0; c < num_features_; ++c) {
      channel(dx_block, c, positions) = (gamma_(c) * inv_std_(c)) * ((channel(dy.block(b), c, positions) - mean_dy(c)) -
                                                                     (channel(x.block(b), c, positions) - mean_(c)) *
                                                                         (inv_std_(c) * mean_dy_xhat(c)));
    }
  });
}

template <class T>
std::vector<Parameter<T>> BatchNorm<T>::parameters() {
  const auto span = [](Row& row) { return std::span<T>(row.data(), static_cast<std::size_t>(row.size())); };
  return {{"weight", Shape{num_features_}, span(gamma_), span(gamma_gradient_)},
          {"bias", Shape{num_features_}, span(beta_), span(beta_gradient_)}};
}

template <class T>
std::vector<Statistic<T>> BatchNorm<T>::statistics() {
  const auto span = [](Row& row) { return std::span<T>(row.data(), static_cast<std::size_t>(row.size())); };
  return {{"running_mean", Shape{num_features_}, span(running_mean_)},
          {"running_var", Shape{num_features_}, span(running_var_)}};
}

template class BatchNorm<float>;
template class BatchNorm<double>;

}  // namespace pleat
