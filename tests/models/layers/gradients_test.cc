#include <cmath>

#include "models/layers/avg_pool2d.h"
#include "models/layers/batch_norm.h"
#include "models/layers/conv2d.h"
#include "models/layers/flatten.h"
#include "models/layers/linear.h"
#include "models/layers/max_pool2d.h"
#include "models/layers/relu.h"
#include "models/layers/sequential.h"
#include "models/layers/sigmoid.h"
#include "models/layers/softmax_cross_entropy.h"
#include "tests/models/layers/gradient_check.h"

namespace pleat {
namespace {

using testing::check_gradients;
using testing::expect_derivative;
using testing::random_batch;

TEST(Gradients, Conv2d) {
  Conv2d<double> layer(2, 3, Window2d{.kernel_size = {3, 2}});
  check_gradients(layer, {2, 5, 4});
}

TEST(Gradients, Conv2dWithStrideAndPadding) {
  Conv2d<double> layer(2, 3, Window2d{.kernel_size = {3, 3}, .stride = {2, 3}, .padding = {1, 2}});
  check_gradients(layer, {2, 5, 4});
}

TEST(Gradients, Conv2dPaddedAtStrideOne) {
  Conv2d<double> layer(1, 2, Window2d{.kernel_size = {3, 5}, .padding = {1, 2}});
  check_gradients(layer, {1, 4, 3});
}

TEST(Gradients, Linear) {
  Linear<double> layer(5, 11);
  check_gradients(layer, {5});
}

TEST(Gradients, BatchNorm) {
  BatchNorm<double> flat(4, 1), sequence(3, 1), image(2, 2);
  check_gradients(flat, {4});
  check_gradients(sequence, {3, 5});
  check_gradients(image, {2, 3, 4});
}

TEST(Gradients, BatchNormInEvaluation) {
  BatchNorm<double> layer(2, 2);
  for (auto& s : layer.statistics()) s.value[0] = 0.7, s.value[1] = 1.9;
  check_gradients(layer, {2, 2, 3}, Mode::kEvaluation);
}

TEST(Gradients, Elementwise) {
  Sigmoid<double> sigmoid;
  ReLU<double> relu;
  Flatten<double> flatten;
  check_gradients(sigmoid, {2, 3, 2});
  check_gradients(relu, {2, 3, 2});
  check_gradients(flatten, {2, 3, 2});
}

TEST(Gradients, Pools) {
  for (const Window2d& window : {Window2d{.kernel_size = {2, 2}, .stride = {2, 2}},
                                 Window2d{.kernel_size = {3, 2}, .stride = {2, 1}, .padding = {1, 1}}}) {
    AvgPool2d<double> average(window);
    MaxPool2d<double> largest(window);
    check_gradients(average, {2, 5, 4});
    check_gradients(largest, {2, 5, 4});
  }
}

TEST(Gradients, SoftmaxCrossEntropy) {
  Random random(3);
  ThreadPool pool(2);
  Batch<double> logits = random_batch(35, {4}, random);
  std::vector<std::uint8_t> labels;
  for (int n = 0; n < 35; ++n) labels.push_back(static_cast<std::uint8_t>(random.below(4)));
  Batch<double> dlogits;
  softmax_cross_entropy(logits, labels, &dlogits, pool);
  const auto loss = [&] { return softmax_cross_entropy<double>(logits, labels, nullptr, pool).loss; };
  for (int n = 0; n < 35; ++n) {
    for (int f = 0; f < 4; ++f) expect_derivative(logits.at(n, f), dlogits.at(n, f), loss, "logit");
  }
}

TEST(SoftmaxCrossEntropy, StandsLargeLogitsAndCountsHits) {
  Batch<float> logits(2, {2});
  logits.at(0, 0) = 1000, logits.at(0, 1) = -1000;
  logits.at(1, 0) = 5, logits.at(1, 1) = 5;
  ThreadPool pool;
  const std::vector<std::uint8_t> labels = {0, 1};
  const LossReport report = softmax_cross_entropy<float>(logits, labels, nullptr, pool);
  EXPECT_NEAR(report.loss, std::log(2.0) / 2, 1e-7);
  EXPECT_EQ(report.correct, 1);  // of two equal logits the first is the guess
}

/// A whole network: every layer's part of the chain rule, in order.
TEST(Gradients, Sequential) {
  std::vector<std::unique_ptr<Layer<double>>> layers;
  layers.push_back(std::make_unique<Conv2d<double>>(1, 2, Window2d{.kernel_size = {2, 2}}));
  layers.push_back(std::make_unique<BatchNorm<double>>(2, 2));
  layers.push_back(std::make_unique<Sigmoid<double>>());
  layers.push_back(std::make_unique<AvgPool2d<double>>(Window2d{.kernel_size = {2, 2}, .stride = {2, 2}}));
  layers.push_back(std::make_unique<Flatten<double>>());
  layers.push_back(std::make_unique<Linear<double>>(8, 3));
  auto network = Sequential<double>::create({1, 5, 5}, std::move(layers)).value();
  Random random(5);
  network.initialize(random);
  ThreadPool pool(2);
  Batch<double> x = random_batch(34, {1, 5, 5}, random);
  const std::vector<std::uint8_t> labels(34, 1);
  const auto loss = [&] {
    return softmax_cross_entropy<double>(**network.forward(x, Mode::kTraining, pool), labels, nullptr, pool).loss;
  };
  Batch<double> dlogits, dx;
  softmax_cross_entropy(**network.forward(x, Mode::kTraining, pool), labels, &dlogits, pool);
  network.backward(dlogits, pool, &dx);
  for (std::int64_t f = 0; f < 25; ++f) expect_derivative(x.at(33, f), dx.at(33, f), loss, "x");
  for (std::size_t i = 0; i < network.size(); ++i) {
    for (const auto& p : network.layer(i).parameters()) {
      const std::vector<double> analytic(p.gradient.begin(), p.gradient.end());
      for (std::size_t j = 0; j < analytic.size(); ++j) {
        expect_derivative(p.value[j], analytic[j], loss, fmt::format("{}.{}[{}]", i, p.name, j));
      }
    }
  }
}

/// Ioffe and Szegedy 2015, section 3: the chain rule written out through the mean and the variance.
TEST(Gradients, BatchNormEqualsTheClosedForm) {
  constexpr std::int64_t kSamples = 40;
  Random random(11);
  ThreadPool pool(2);
  BatchNorm<double> layer(1, 1);
  const double gamma = layer.parameters()[0].value[0] = 1.7;
  const Batch<double> x = random_batch(kSamples, {1}, random), dy = random_batch(kSamples, {1}, random);
  Batch<double> y(kSamples, {1}), dx(kSamples, {1});
  layer.forward(x, y, Mode::kTraining, pool);
  layer.backward(x, y, dy, &dx, pool);

  double mean = 0, variance = 0;
  for (int n = 0; n < kSamples; ++n) mean += x.at(n, 0) / kSamples;
  for (int n = 0; n < kSamples; ++n) variance += std::pow(x.at(n, 0) - mean, 2) / kSamples;
  const double deviation = std::sqrt(variance + 1e-5);
  double dvariance = 0, dmean = 0, dgamma = 0, dbeta = 0;
  for (int n = 0; n < kSamples; ++n) {
    const double dxhat = dy.at(n, 0) * gamma;
    dvariance += dxhat * (x.at(n, 0) - mean) * -0.5 / (deviation * deviation * deviation);
    dmean += -dxhat / deviation;
    dgamma += dy.at(n, 0) * (x.at(n, 0) - mean) / deviation;
    dbeta += dy.at(n, 0);
  }
  for (int n = 0; n < kSamples; ++n) {
    const double closed =
        dy.at(n, 0) * gamma / deviation + dvariance * 2 * (x.at(n, 0) - mean) / kSamples + dmean / kSamples;
    EXPECT_NEAR(dx.at(n, 0), closed, 1e-13);
  }
  EXPECT_NEAR(layer.parameters()[0].gradient[0], dgamma, 1e-12);
  EXPECT_NEAR(layer.parameters()[1].gradient[0], dbeta, 1e-12);
}

}  // namespace
}  // namespace pleat
