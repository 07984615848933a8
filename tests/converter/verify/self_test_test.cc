#include "converter/verify/self_test.h"

#include <gtest/gtest.h>

#include <set>

#include "converter/report/report.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

/// A layer of each kind that takes a fold, with bias where the kind has one, and square weights; last a
/// BatchNormalization that a padding Conv forbids to carry forward, and one that a Gemm behind it takes.
Model every_kind() {
  ModelBuilder builder;
  builder.input("x", {-1, 4, 6, 6}).output("y");
  builder.constant("w1", random_tensor({4, 4, 3, 3}, 1)).constant("b1", random_tensor({4}, 2));
  builder.node("Conv", {"x", "w1", "b1"}, {"conv"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  add_batch_norm(builder, "conv", "n1", 4, 10);
  builder.node("Relu", {"n1"}, {"r1"});
  builder.constant("w2", random_tensor({4, 4, 2, 2}, 3)).constant("b2", random_tensor({4}, 4));
  builder.node("ConvTranspose", {"r1", "w2", "b2"}, {"up"});
  add_batch_norm(builder, "up", "n2", 4, 20);
  builder.node("Sigmoid", {"n2"}, {"s"});
  add_batch_norm(builder, "s", "kept", 4, 30);
  builder.constant("w3", random_tensor({4, 4, 3, 3}, 5)).constant("b3", random_tensor({4}, 6));
  builder.node("Conv", {"kept", "w3", "b3"}, {"c3"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  builder.node("GlobalAveragePool", {"c3"}, {"g"}).node("Flatten", {"g"}, {"flat"});
  builder.constant("w4", random_tensor({4, 4}, 7)).constant("b4", random_tensor({4}, 8));
  builder.node("Gemm", {"flat", "w4", "b4"}, {"fc"}, {Attribute::number("beta", 2)});
  add_batch_norm(builder, "fc", "n4", 4, 40);
  builder.node("Tanh", {"n4"}, {"t"});
  builder.constant("w5", random_tensor({4, 4}, 9));
  builder.node("MatMul", {"t", "w5"}, {"m"});
  add_batch_norm(builder, "m", "n5", 4, 50);
  builder.node("Sigmoid", {"n5"}, {"u"});
  add_batch_norm(builder, "u", "n6", 4, 60);
  builder.constant("w6", random_tensor({4, 4}, 11)).constant("b6", random_tensor({4}, 12));
  builder.node("Gemm", {"n6", "w6", "b6"}, {"y"}, {Attribute::integer("transB", 1)});
  return builder.model();
}

GeneratedSamples few() {
  GeneratedSamples options;
  options.samples = 2;
  return options;
}

TEST(SelfTest, CatchesEveryMutationOfEveryKindOfLayer) {
  const Model model = every_kind();
  const auto folded = fold(model).value();
  const auto report = self_test(model, folded, generated_samples(model, few()).value());
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_TRUE(report->right_fold_passes) << to_text(folded.map);
  EXPECT_TRUE(report->passed) << to_text(*report);
  std::set<std::string> names;
  for (const MutationResult& result : report->mutations) {
    names.insert(result.name);
    EXPECT_TRUE(result.applicable) << result.name;
    EXPECT_TRUE(result.caught) << result.name;
  }
  for (const char* kind : {"Conv", "ConvTranspose", "Gemm", "MatMul", "Gemm behind it"})
    for (const char* mistake : {"one weight off by one ulp", "epsilon ignored", "gamma with wrong sign"})
      EXPECT_TRUE(names.contains(std::string(mistake) + " (" + kind + ")")) << mistake << " " << kind;
  EXPECT_TRUE(names.contains("layer bias not scaled (ConvTranspose)"));
  EXPECT_TRUE(names.contains("shift carried through padding (Conv)"));
}

TEST(SelfTest, Rung2IsBlindToWrongRecipesAndRung3IsNot) {
  const Model model = small_lenet();
  const auto folded = fold(model).value();
  const auto report = self_test(model, folded, generated_samples(model, few()).value());
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_TRUE(report->passed) << to_text(*report);
  std::size_t recipes = 0;
  for (const MutationResult& result : report->mutations) {
    if (!result.name.starts_with("epsilon") && !result.name.starts_with("beta") && !result.name.starts_with("mean"))
      continue;
    ++recipes;
    EXPECT_EQ(result.rung, Rung::kAlgebra) << result.name;
    EXPECT_LE(result.parameters_ratio, 1) << result.name;
    EXPECT_GT(result.algebra_ratio, 1) << result.name;
  }
  EXPECT_GE(recipes, 15U);
}

TEST(SelfTest, DoesNotClaimWhatChangesNothing) {
  ModelBuilder builder;
  builder.input("x", {-1, 1, 4, 4}).output("y").constant("w", random_tensor({2, 1, 3, 3}, 1));
  builder.node("Conv", {"x", "w"}, {"c"});
  add_batch_norm(builder, "c", "y", 2, 10);
  const auto folded = fold(builder.model()).value();
  const auto report = self_test(builder.model(), folded, generated_samples(builder.model()).value());
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_TRUE(report->passed) << to_text(*report);
  for (const MutationResult& result : report->mutations) {
    const bool neutral = result.name == "layer bias not scaled" || result.name == "weights transposed" ||
                         result.name == "scaled along the wrong axis" || result.name == "wrong value read" ||
                         result.name == "shift carried through padding";
    EXPECT_EQ(result.applicable, !neutral) << result.name;
    EXPECT_FALSE(neutral && result.caught);
  }
}

}  // namespace
}  // namespace pleat
