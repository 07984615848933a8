#include <gtest/gtest.h>

#include <cmath>

#include "converter/report/report.h"
#include "converter/verify/bound.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

/// One sample whose values are all `value`.
SampleSet constant_sample(const Model& model, float value) {
  const std::vector<float> values(256, value);
  return sample_set(model, "constant", Tensor::of(Shape{1, 1, 16, 16}, values)).value();
}

TEST(Verify, ComparesNanAndInfinityByClass) {
  const Model model = small_lenet();
  for (const float value : {NAN, INFINITY, -INFINITY}) {
    const auto result = fold_and_verify(model, {}, {constant_sample(model, value)});
    ASSERT_TRUE(result.has_value()) << result.error().text();
    EXPECT_TRUE(result->verdict.passed) << value << "\n" << to_text(result->verdict);
  }
}

TEST(Verify, TellsOverflowInAnotherOrderFromADifference) {
  ModelBuilder builder;
  builder.input("x", {-1, 1, 16, 16}).output("y").constant("w", random_tensor({2, 1, 3, 3}, 1, 0.5, 1));
  builder.node("Conv", {"x", "w"}, {"c"});
  add_batch_norm(builder, "c", "y", 2, 10);
  for (Initializer& constant : builder.model().graph.initializers)
    if (constant.name == "y.var") constant.tensor = Tensor::of<float>({2}, {1e10F, 1e10F});
  const auto result = fold_and_verify(builder.model(), {}, {constant_sample(builder.model(), 3e38F)});
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_GT(result->verdict.rung(Rung::kRounding).layers[0].overflow_order, 0);
  EXPECT_TRUE(result->verdict.passed) << to_text(result->verdict);
}

TEST(GeneratedSamples, AreTheSameForTheSameSeed) {
  const Model model = small_lenet();
  const auto a = generated_samples(model).value();
  const auto b = generated_samples(model).value();
  const auto c = generated_samples(model, {.seed = 1}).value();
  ASSERT_EQ(a.size(), 5U);
  const auto values = [](const SampleSet& set) {
    const auto batch = set.batch(0).value();
    const auto data = batch.at("x").data<float>();
    return std::vector<float>(data.begin(), data.end());
  };
  EXPECT_EQ(values(a[0]), values(b[0]));
  EXPECT_NE(values(a[0]), values(c[0]));
}

}  // namespace
}  // namespace pleat
