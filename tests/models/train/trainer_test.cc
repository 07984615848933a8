#include "models/train/trainer.h"

#include <gmock/gmock.h>

#include <limits>

#include "models/layers/random.h"
#include "models/zoo/zoo.h"

namespace pleat {
namespace {

using ::testing::HasSubstr;

/// Noise with a bright bar whose place is the label: separable, but not by one pixel.
LabelledImages bars(std::size_t count, std::uint64_t seed) {
  LabelledImages images{28, 28, std::vector<std::uint8_t>(count * 784), std::vector<std::uint8_t>(count)};
  Random random(seed);
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = random.below(10);
    images.labels[i] = static_cast<std::uint8_t>(label);
    for (std::size_t p = 0; p < 784; ++p) {
      const bool bar = p / 28 >= 2 * label + 4 && p / 28 < 2 * label + 6;
      images.pixels[i * 784 + p] = static_cast<std::uint8_t>(random.below(128) + (bar ? 90 : 0));
    }
  }
  return images;
}

Result<TrainingRun> run(const TrainOptions& options, std::string_view model = "lenet_bn", std::size_t count = 480) {
  auto network = make_model<float>(model, {.seed = options.seed}).value();
  return train(network, bars(count, 1), bars(100, 2), options);
}

bool same_bits(const Checkpoint& a, const Checkpoint& b) {
  if (a.tensors.size() != b.tensors.size()) return false;
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    if (!std::ranges::equal(a.tensors[i].tensor.bytes(), b.tensors[i].tensor.bytes())) return false;
  }
  return true;
}

TEST(Trainer, LearnsWhatCanBeLearned) {
  for (const std::string_view model : {"lenet_bn", "mlp_bn"}) {
    const auto result = run({.epochs = 6, .batch_size = 32, .learning_rate = 0.3}, model, 1200);
    ASSERT_TRUE(result) << result.error().text();
    ASSERT_EQ(result->history.size(), 6u);
    EXPECT_LT(result->history.back().train_loss, 0.5 * result->history.front().train_loss) << model;
    EXPECT_GT(result->history.back().train_accuracy, 0.95) << model;
    EXPECT_GT(result->history.back().test_accuracy, 0.9) << model;
  }
}

TEST(Trainer, ThreadsDoNotChangeABitAndSeedsDo) {
  const auto one = run({.epochs = 1, .batch_size = 100, .seed = 4, .threads = 1});
  const auto two = run({.epochs = 1, .batch_size = 100, .seed = 4, .threads = 2});
  const auto three = run({.epochs = 1, .batch_size = 100, .seed = 4, .threads = 3});
  const auto other = run({.epochs = 1, .batch_size = 100, .seed = 5, .threads = 1});
  ASSERT_TRUE(one && two && three && other);
  EXPECT_TRUE(same_bits(one->checkpoint, two->checkpoint));
  EXPECT_TRUE(same_bits(one->checkpoint, three->checkpoint));
  EXPECT_EQ(one->history[0].test_loss, two->history[0].test_loss);
  EXPECT_FALSE(same_bits(one->checkpoint, other->checkpoint));
}

TEST(Trainer, ReportsEveryStepAndUsesTheRest) {
  std::vector<int> steps;
  TrainOptions options{.epochs = 2, .batch_size = 128};
  options.on_step = [&](const StepReport& report) {
    EXPECT_EQ(report.steps, 4);
    EXPECT_EQ(report.epochs, 2);
    steps.push_back(report.step);
    return true;
  };
  const auto result = run(options);
  ASSERT_TRUE(result);
  EXPECT_THAT(steps, ::testing::ElementsAre(1, 2, 3, 4, 1, 2, 3, 4));
  EXPECT_EQ(result->checkpoint.find("1.num_batches_tracked")->data<std::int64_t>()[0], 8);
  EXPECT_THAT(result->checkpoint.metadata.at("pleat.train"), HasSubstr(R"("epochs":2,"batch_size":128)"));
}

TEST(Trainer, StopsWhenACallbackSaysSo) {
  TrainOptions options{.epochs = 3};
  options.on_step = [](const StepReport& report) { return report.epoch < 2; };
  const auto by_step = run(options);
  ASSERT_TRUE(by_step);
  EXPECT_TRUE(by_step->cancelled);
  EXPECT_EQ(by_step->history.size(), 1u);
  options.on_step = nullptr;
  options.on_epoch = [](const EpochReport& report) { return report.epoch < 2; };
  const auto by_epoch = run(options);
  ASSERT_TRUE(by_epoch);
  EXPECT_TRUE(by_epoch->cancelled);
  EXPECT_EQ(by_epoch->history.size(), 2u);
}

TEST(Trainer, TellsWhereItDiverged) {
  const auto result = run({.epochs = 3, .learning_rate = 1e38});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCheckFailed);
  EXPECT_THAT(result.error().text(), HasSubstr("epoch 1, step 2"));
}

TEST(Trainer, RefusesALastMinibatchOfOne) {
  const auto result = run({.epochs = 1, .batch_size = 479});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().text(), HasSubstr("last minibatch"));
  EXPECT_THAT(result.error().text(), HasSubstr("layer 10 (BatchNorm1d)"));
}

TEST(Trainer, RefusesSenselessOptions) {
  for (const TrainOptions& options :
       {TrainOptions{.epochs = 0}, TrainOptions{.batch_size = 0}, TrainOptions{.threads = -1},
        TrainOptions{.learning_rate = 0}, TrainOptions{.learning_rate = std::numeric_limits<double>::quiet_NaN()}}) {
    const auto result = run(options);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kUsage);
  }
}

TEST(Trainer, RefusesImagesThatDoNotFit) {
  auto network = make_model<float>("mlp_bn").value();
  const LabelledImages good = bars(10, 1);
  LabelledImages large = good;
  large.rows = 14, large.cols = 56;
  LabelledImages mislabelled = good;
  mislabelled.labels[3] = 10;
  LabelledImages short_of_pixels = good;
  short_of_pixels.pixels.pop_back();
  for (const LabelledImages& bad : {large, mislabelled, short_of_pixels, LabelledImages{28, 28, {}, {}}}) {
    const auto result = train(network, bad, good, {.epochs = 1});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalid);
    EXPECT_FALSE(train(network, good, bad, {.epochs = 1}));
  }
}

}  // namespace
}  // namespace pleat
