#include "models/layers/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pleat {
namespace {

/// Two samples of two channels by two positions. Channel 0 holds 1 2 3 6: mean 3, biased variance 3.5, unbiased 14/3.
/// Channel 1 holds 4 4 4 4.
Batch<double> hand_example() {
  Batch<double> x(2, {2, 2});
  x.at(0, 0) = 1, x.at(0, 1) = 2, x.at(1, 0) = 3, x.at(1, 1) = 6;
  x.at(0, 2) = x.at(0, 3) = x.at(1, 2) = x.at(1, 3) = 4;
  return x;
}

TEST(BatchNorm, TrainingNormalizesByTheBiasedAndKeepsTheUnbiasedVariance) {
  BatchNorm<double> layer(2, 1);
  const Batch<double> x = hand_example();
  Batch<double> y(2, {2, 2});
  ThreadPool pool;
  layer.forward(x, y, Mode::kTraining, pool);
  EXPECT_DOUBLE_EQ(y.at(1, 1), 3 / std::sqrt(3.5 + 1e-5));
  EXPECT_DOUBLE_EQ(y.at(0, 0), -2 / std::sqrt(3.5 + 1e-5));
  EXPECT_EQ(y.at(0, 2), 0);
  const auto statistics = layer.statistics();
  EXPECT_DOUBLE_EQ(statistics[0].value[0], 0.1 * 3);
  EXPECT_DOUBLE_EQ(statistics[0].value[1], 0.1 * 4);
  EXPECT_DOUBLE_EQ(statistics[1].value[0], 0.9 + 0.1 * 14 / 3);
  EXPECT_DOUBLE_EQ(statistics[1].value[1], 0.9);
  EXPECT_EQ(*layer.batches_tracked(), 1);

  layer.forward(x, y, Mode::kTraining, pool);
  EXPECT_DOUBLE_EQ(statistics[0].value[0], 0.9 * 0.3 + 0.1 * 3);
  EXPECT_EQ(*layer.batches_tracked(), 2);
}

TEST(BatchNorm, EvaluationUsesTheRunningStatisticsAndLeavesThem) {
  BatchNorm<double> layer(2, 1);
  layer.statistics()[0].value[0] = 2;
  layer.statistics()[1].value[0] = 16;
  const Batch<double> x = hand_example();
  Batch<double> y(2, {2, 2});
  ThreadPool pool;
  layer.forward(x, y, Mode::kEvaluation, pool);
  EXPECT_DOUBLE_EQ(y.at(1, 1), 4 / std::sqrt(16 + 1e-5));
  EXPECT_EQ(layer.statistics()[0].value[0], 2);
  EXPECT_EQ(*layer.batches_tracked(), 0);
}

TEST(BatchNorm, BothMomentumConventionsMeanTheSame) {
  EXPECT_EQ(Momentum::of_old(0.9).weight_of_new(), 0.1);
  EXPECT_EQ(Momentum::of_old(0.99).weight_of_new(), 0.01);
  EXPECT_EQ(Momentum::of_new(0.1).weight_of_new(), 0.1);
  const BatchNorm<float> layer(3, 2, {.eps = 1e-5, .momentum = Momentum::of_old(0.9)});
  EXPECT_EQ(layer.describe(), R"({"type":"BatchNorm2d","num_features":3,"eps":1e-05,"momentum":0.1})");
}

TEST(BatchNorm, RefusesOneValuePerChannelInTrainingOnly) {
  const BatchNorm<float> layer(3, 1);
  const auto status = layer.check({3}, 1, Mode::kTraining);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().text().find("more than one value per channel"), std::string::npos);
  EXPECT_TRUE(layer.check({3}, 1, Mode::kEvaluation));
  EXPECT_TRUE(layer.check({3}, 2, Mode::kTraining));
  EXPECT_TRUE(layer.check({3, 2}, 1, Mode::kTraining));
}

TEST(BatchNorm, RefusesShapesOfTheOtherRank) {
  EXPECT_FALSE(BatchNorm<float>(3, 1).output_shape({3, 4, 4}));
  EXPECT_FALSE(BatchNorm<float>(3, 2).output_shape({3}));
  EXPECT_FALSE(BatchNorm<float>(3, 2).output_shape({4, 2, 2}));
}

/// A large common offset must not eat the variance.
TEST(BatchNorm, VarianceSurvivesALargeMean) {
  Batch<float> x(256, {1, 4, 4});
  Random random(1);
  double sum = 0, squares = 0;
  for (int n = 0; n < 256; ++n) {
    for (int f = 0; f < 16; ++f) {
      x.at(n, f) = static_cast<float>(1000 + random.normal());
      sum += static_cast<double>(x.at(n, f));
    }
  }
  const double mean = sum / 4096;
  for (int n = 0; n < 256; ++n) {
    for (int f = 0; f < 16; ++f) squares += std::pow(static_cast<double>(x.at(n, f)) - mean, 2);
  }
  BatchNorm<float> layer(1, 2, {.momentum = Momentum::of_new(1)});
  Batch<float> y(256, {1, 4, 4});
  ThreadPool pool;
  layer.forward(x, y, Mode::kTraining, pool);
  EXPECT_NEAR(layer.statistics()[1].value[0], squares / 4095, 1e-4);
}

}  // namespace
}  // namespace pleat
