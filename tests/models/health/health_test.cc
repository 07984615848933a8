#include "models/health/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/checkpoint/small_checkpoint.h"

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor pair(float a, float b) { return Tensor::of<float>({2}, {a, b}); }

/// The finding of layer 1 whose text holds `what`; fails the test where there is none.
HealthFinding found_in(const Checkpoint& checkpoint, const std::string& what) {
  const auto report = check_health(checkpoint);
  EXPECT_TRUE(report) << report.error().text();
  if (report)
    for (const HealthFinding& finding : report->findings)
      if (finding.what.find(what) != std::string::npos) return finding;
  ADD_FAILURE() << "no finding: " << what;
  return {};
}

HealthFinding found_with(const std::string& tensor, Tensor value, const std::string& what) {
  Checkpoint checkpoint = small_checkpoint();
  replace(checkpoint, tensor, std::move(value));
  return found_in(checkpoint, what);
}

TEST(Health, OfASoundCheckpointHasNoFindings) {
  const auto report = check_health(small_checkpoint());
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_TRUE(report->findings.empty());
  EXPECT_TRUE(report->fit_to_deploy());
  ASSERT_EQ(report->layers.size(), 2U);
  EXPECT_EQ(report->layers[0].name, "layer 1 (BatchNorm2d)");
  EXPECT_EQ(report->layers[0].batches, 200);
  EXPECT_EQ(report->layers[1].channels, 3);
}

TEST(Health, SummarizesEachLayer) {
  Checkpoint checkpoint = small_checkpoint();
  replace(checkpoint, "7.weight", Tensor::of<float>({3}, {6, -2, 3}));
  replace(checkpoint, "7.running_var", Tensor::of<float>({3}, {4, 1, 9}));
  const auto layer = check_health(checkpoint)->layers[1];
  EXPECT_EQ(layer.weight.min, -2);
  EXPECT_EQ(layer.weight.median, 3);
  EXPECT_EQ(layer.weight.max, 6);
  EXPECT_NEAR(layer.scale.max, 3, 1e-5);
  EXPECT_NEAR(layer.scale.min, -2, 1e-4);
}

TEST(Health, FindsValuesThatAreNotFinite) {
  const HealthFinding bn = found_with("1.bias", pair(0, NAN), "bias is NaN");
  EXPECT_EQ(bn.severity, Severity::kError);
  EXPECT_THAT(bn.channels, ElementsAre(1));
  const HealthFinding linear = found_with("6.bias", Tensor::of<float>({3}, {0, INFINITY, 0}), "1 of 3 values of bias");
  EXPECT_EQ(linear.layer, 6U);
}

TEST(Health, FindsBadVariances) {
  EXPECT_EQ(found_with("1.running_var", pair(-1, 1), "negative").severity, Severity::kError);
  const HealthFinding zero = found_with("1.running_var", pair(1, 0), "running_var is 0");
  EXPECT_EQ(zero.severity, Severity::kWarning);
  EXPECT_THAT(zero.channels, ElementsAre(1));
  EXPECT_EQ(found_with("1.running_var", pair(1e-6F, 1), "below eps").severity, Severity::kWarning);
  Checkpoint no_eps = small_checkpoint();
  no_eps.metadata["architecture"] = replaced(small_architecture(), "\"eps\":1e-05", "\"eps\":0");
  replace(no_eps, "1.running_var", pair(0, 1));
  EXPECT_EQ(found_in(no_eps, "both 0").severity, Severity::kError);
}

TEST(Health, FindsAmplifyingAndDeadChannels) {
  EXPECT_THAT(found_with("1.weight", pair(-500, 1), "is above 100").channels, ElementsAre(0));
  EXPECT_EQ(found_with("1.weight", pair(1, 0), "these channels are dead").severity, Severity::kNote);
  EXPECT_EQ(found_with("1.weight", pair(0, -1e-5F), "the whole layer is dead").severity, Severity::kWarning);
}

TEST(Health, FindsStatisticsThatNeverSawTheData) {
  Checkpoint untrained = small_checkpoint();
  replace(untrained, "1.num_batches_tracked", Tensor::scalar<std::int64_t>(0));
  EXPECT_EQ(found_in(untrained, "num_batches_tracked is 0").severity, Severity::kError);
  EXPECT_FALSE(check_health(untrained)->fit_to_deploy());

  Checkpoint initial = small_checkpoint();
  replace(initial, "1.running_mean", pair(0, 0));
  replace(initial, "1.running_var", pair(1, 1));
  EXPECT_EQ(found_in(initial, "as at the start").severity, Severity::kError);

  Checkpoint few = small_checkpoint();
  replace(few, "1.num_batches_tracked", Tensor::scalar<std::int64_t>(10));
  EXPECT_THAT(found_in(few, "only 10 batches").what, HasSubstr("34.9 %"));

  Checkpoint average = small_checkpoint();
  replace(average, "7.num_batches_tracked", Tensor::scalar<std::int64_t>(1));
  EXPECT_TRUE(check_health(average)->findings.empty());
}

TEST(Health, RefusesCheckpointsItCannotJudge) {
  Checkpoint missing = small_checkpoint();
  replace(missing, "1.bias", Tensor::scalar<float>(1));
  EXPECT_FALSE(check_health(missing));
  missing.tensors.erase(missing.tensors.begin() + 2);
  EXPECT_FALSE(check_health(missing));
  missing.metadata.clear();
  EXPECT_FALSE(check_health(missing));
}

}  // namespace
}  // namespace pleat
