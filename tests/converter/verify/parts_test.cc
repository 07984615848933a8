#include <gtest/gtest.h>

#include <cmath>

#include "converter/verify/bound.h"
#include "converter/verify/extract.h"
#include "converter/verify/report.h"
#include "converter/verify/to_double.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

TEST(Extract, TakesOnlyWhatTheOutputNeeds) {
  const Model model = small_lenet();
  const auto part = extract(model, {{"pool1"}}, {{"bn2"}});
  ASSERT_TRUE(part.has_value()) << part.error().text();
  ASSERT_EQ(part->graph.nodes.size(), 2U);
  EXPECT_EQ(part->graph.nodes[0].name, "conv2");
  EXPECT_EQ(part->graph.initializers.size(), 5U);
  EXPECT_FALSE(extract(model, {{"pool2"}}, {{"bn2"}}).has_value());
}

TEST(ToDouble, WidensExactlyAndKeepsIntegers) {
  ModelBuilder builder;
  builder.input("x", {2}).output("y").constant("shape", Tensor::of<std::int64_t>({1}, {2}));
  builder.constant("w", Tensor::of<float>({2}, {0.1F, 0x1p-149F}));
  builder.node("Constant", {}, {"c"}, {Attribute::number("value_float", 0.3F)});
  const auto wide = to_double(builder.model());
  ASSERT_TRUE(wide.has_value());
  EXPECT_EQ(wide->graph.initializer("shape")->tensor.dtype(), DType::kInt64);
  EXPECT_EQ(wide->graph.initializer("w")->tensor.data<double>()[0], static_cast<double>(0.1F));
  EXPECT_EQ(wide->graph.initializer("w")->tensor.data<double>()[1], 0x1p-149);
  EXPECT_EQ(wide->graph.inputs[0].type.dtype, DType::kDouble);
  EXPECT_EQ(std::get<Tensor>(wide->graph.nodes[0].attributes[0].value).data<double>()[0], static_cast<double>(0.3F));
  EXPECT_EQ(builder.model().graph.inputs[0].type.dtype, DType::kFloat);
}

TEST(Bound, CountsRoundingsAsDerived) {
  const Model model = small_lenet();
  const auto folded = fold(model).value();
  const auto layer = read_layer(model, folded.map.entries[1]);  // conv2: 4·3·3 products, no bias
  ASSERT_TRUE(layer.has_value()) << layer.error().text();
  EXPECT_EQ(layer->terms, 36);
  const double u = 0x1p-24;
  const auto bounds = channel_bounds(*layer, kFloatArithmetic);
  for (std::size_t c = 0; c < bounds.size(); ++c) {
    const double scale = std::fabs(layer->scale[c].hi);
    EXPECT_NEAR(bounds[c].per_magnitude, (gamma(44, u) + gamma(38, u)) * scale, 1e-7 * scale * u * 82);
    const double fixed = gamma(7, u) * scale * std::fabs(layer->steps[0].mean[c]) +
                         gamma(2, u) * std::fabs(layer->steps[0].bias[c]) +
                         gamma(38, u) * std::fabs(layer->moved[c].hi);
    EXPECT_NEAR(bounds[c].fixed, fixed, 1e-7 * fixed);
    EXPECT_EQ(bounds[c].per_input, 0);
  }
}

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
