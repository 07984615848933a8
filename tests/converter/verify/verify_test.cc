#include "converter/verify/verify.h"

#include <gtest/gtest.h>

#include "converter/verify/report.h"
#include "converter/verify/self_test.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

std::vector<SampleSet> samples_for(const Model& model) {
  auto sets = generated_samples(model);
  EXPECT_TRUE(sets.has_value()) << (sets ? "" : sets.error().text());
  return sets ? std::move(*sets) : std::vector<SampleSet>{};
}

void expect_verified(const Model& model, std::int64_t folds) {
  const auto result = fold_and_verify(model, {}, samples_for(model));
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_EQ(result->fold.map.folded(), folds) << to_text(result->fold.map);
  EXPECT_TRUE(result->verdict.passed) << to_text(result->verdict);
  for (const RungReport& rung : result->verdict.rungs) EXPECT_TRUE(rung.ran && rung.passed);
  EXPECT_GT(result->verdict.outputs.size(), 0U);
}

Initializer& initializer(Model& model, const std::string& name) {
  for (Initializer& found : model.graph.initializers)
    if (found.name == name) return found;
  throw std::runtime_error(name);
}

/// Adds `delta` to one element of a constant.
void nudge(Model& model, const std::string& name, std::size_t element, float delta) {
  Tensor& tensor = initializer(model, name).tensor;
  std::vector<float> values(tensor.data<float>().begin(), tensor.data<float>().end());
  values[element] += delta;
  tensor = Tensor::of(tensor.shape(), values);
}

TEST(Verify, PassesTheRightFold) { expect_verified(small_lenet(), 4); }

TEST(Verify, PassesWhereStatisticsAreExtreme) {
  expect_verified(small_lenet({.mean_low = 20, .mean_high = 40}), 4);
  expect_verified(small_lenet({.variance_low = 1e-9, .variance_high = 2e-9}), 4);
}

TEST(Verify, PassesAModelInDouble) {
  Model model = small_lenet();
  for (Initializer& constant : model.graph.initializers)
    constant.tensor =
        from_doubles(DType::kDouble, constant.tensor.shape(), to_doubles(constant.tensor).value()).value();
  model.graph.inputs[0].type.dtype = model.graph.outputs[0].type.dtype = DType::kDouble;
  expect_verified(model, 4);
}

TEST(Verify, PassesGroupsBiasFormsAndChains) {
  ModelBuilder builder;
  builder.input("x", {-1, 4, 7, 5}).output("y");
  builder.constant("w1", random_tensor({6, 2, 3, 3}, 1));
  builder.node("Conv", {"x", "w1"}, {"c1"}, {Attribute::integer("group", 2)});
  add_batch_norm(builder, "c1", "n1", 6, 10);
  add_batch_norm(builder, "n1", "n2", 6, 20);
  builder.constant("w2", random_tensor({6, 1, 2, 2}, 2)).constant("b2", random_tensor({6}, 3));
  builder.node("Conv", {"n2", "w2", "b2"}, {"c2"}, {Attribute::integer("group", 6)});
  add_batch_norm(builder, "c2", "n3", 6, 30);
  builder.node("Flatten", {"n3"}, {"flat"});
  builder.constant("w3", random_tensor({48, 5}, 4)).constant("b3", random_tensor({1, 5}, 5));
  builder.node("Gemm", {"flat", "w3", "b3"}, {"g"}, {Attribute::number("alpha", 0.75F), Attribute::number("beta", 3)});
  add_batch_norm(builder, "g", "n4", 5, 40);
  builder.constant("w4", random_tensor({5, 3}, 6)).constant("b4", random_tensor({3}, 7));
  builder.node("MatMul", {"n4", "w4"}, {"m"}).node("Add", {"m", "b4"}, {"a"});
  add_batch_norm(builder, "a", "y", 3, 50);
  expect_verified(builder.model(), 5);
}

TEST(Verify, PassesOneSampleAtATime) {
  Model model = small_lenet();
  model.graph.inputs[0].type.shape->front().value = 1;
  expect_verified(model, 4);
  const auto set = sample_set(model, "given", random_tensor({5, 1, 16, 16}, 9));
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->batches, 5);
}

TEST(Verify, CutsGivenSamplesIntoBatches) {
  const Model model = small_lenet();
  const Tensor all = random_tensor({5, 1, 16, 16}, 9);
  const auto set = sample_set(model, "given", all, 2);
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->batches, 3);
  const auto last = set->batch(2);
  EXPECT_EQ(last->at("x").shape(), (Shape{1, 1, 16, 16}));
  EXPECT_EQ(last->at("x").data<float>()[0], all.data<float>()[4 * 256]);
}

TEST(Verify, TellsRungLayerAndChannelOfABrokenFold) {
  const Model model = small_lenet();
  auto folded = fold(model).value();
  nudge(folded.folded, "conv2.folded_bias", 2, 0.01F);
  const auto verdict = verify_fold(model, folded.folded, folded.map, samples_for(model));
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  EXPECT_FALSE(verdict->passed);
  for (const Rung rung : {Rung::kParameters, Rung::kAlgebra, Rung::kRounding}) {
    const RungReport& report = verdict->rung(rung);
    EXPECT_FALSE(report.passed) << rung_name(rung);
    ASSERT_TRUE(report.first_failure.has_value());
    EXPECT_EQ(report.first_failure->batch_norm, "bn2");
    EXPECT_EQ(report.first_failure->node, "conv2");
    EXPECT_EQ(report.first_failure->channel, 2);
    EXPECT_GT(report.first_failure->ratio, 1);
  }
  EXPECT_EQ(verdict->failure()->rung, Rung::kParameters);
  EXPECT_NE(to_text(*verdict).find("channel 2"), std::string::npos);
  EXPECT_NE(to_json(*verdict).find("pleat.verify/1"), std::string::npos);
}

TEST(Verify, StructureSeesWhatNoFoldConcerns) {
  const Model model = small_lenet();
  const auto folded = fold(model).value();
  const auto failing_rung = [&](const Model& changed) {
    const auto verdict = verify_fold(model, changed, folded.map, samples_for(model));
    return verdict && !verdict->passed && verdict->failure() != nullptr ? verdict->failure()->rung : Rung::kEndToEnd;
  };
  Model constant = folded.folded;
  nudge(constant, "b5", 0, 1e-6F);
  EXPECT_EQ(failing_rung(constant), Rung::kStructure);
  Model node = folded.folded;
  node.graph.nodes[1].op_type = "Sigmoid";
  EXPECT_EQ(failing_rung(node), Rung::kStructure);
  Model attribute = folded.folded;
  attribute.graph.nodes[0].attributes = {Attribute::integers("pads", {0, 0, 2, 2})};
  EXPECT_EQ(failing_rung(attribute), Rung::kStructure);
  Model output = folded.folded;
  output.graph.outputs.push_back({"bn3", {}, "", "", ""});
  EXPECT_EQ(failing_rung(output), Rung::kStructure);
}

TEST(Verify, WithoutSamplesNothingIsProven) {
  const Model model = small_lenet();
  const auto result = fold_and_verify(model, {}, {});
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_FALSE(result->verdict.passed);
}

TEST(VerifyModels, FindsTheFoldsByThemselves) {
  const Model model = small_lenet();
  const auto folded = fold(model).value();
  const auto verdict = verify_models(model, folded.folded, samples_for(model));
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  EXPECT_TRUE(verdict->passed) << to_text(*verdict);
  EXPECT_TRUE(verdict->layers_checked);
  EXPECT_EQ(verdict->folds, 4);
}

TEST(VerifyModels, ComparesEndToEndWhatDoesNotMap) {
  const Model model = small_lenet();
  Model other = fold(model).value().folded;
  for (Node& node : other.graph.nodes)
    for (auto* names : {&node.inputs, &node.outputs})
      for (std::string& name : *names)
        if (name == "bn1") name = "renamed";
  const auto same = verify_models(model, other, samples_for(model));
  ASSERT_TRUE(same.has_value()) << same.error().text();
  EXPECT_TRUE(same->passed) << to_text(*same);
  EXPECT_FALSE(same->layers_checked);
  nudge(other, "conv1.folded_bias", 0, 0.1F);
  const auto different = verify_models(model, other, samples_for(model));
  EXPECT_FALSE(different->passed);
  EXPECT_EQ(different->failure()->rung, Rung::kEndToEnd);
}

TEST(SelfTest, CatchesEveryMutation) {
  const Model model = small_lenet();
  const auto folded = fold(model).value();
  const auto report = self_test(model, folded, samples_for(model));
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_TRUE(report->passed) << to_text(*report);
  EXPECT_EQ(report->mutations.size(), 15U);
  for (const MutationResult& result : report->mutations) {
    EXPECT_TRUE(result.applicable) << result.name;
    EXPECT_TRUE(result.caught) << result.name;
    EXPECT_GT(result.parameters_ratio, 1) << result.name;
  }
}

TEST(SelfTest, DoesNotClaimWhatChangesNothing) {
  ModelBuilder builder;
  builder.input("x", {-1, 1, 4, 4}).output("y").constant("w", random_tensor({2, 1, 3, 3}, 1));
  builder.node("Conv", {"x", "w"}, {"c"});
  add_batch_norm(builder, "c", "y", 2, 10);
  const auto folded = fold(builder.model()).value();
  const auto report = self_test(builder.model(), folded, samples_for(builder.model()));
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_TRUE(report->passed);
  for (const MutationResult& result : report->mutations) {
    const bool neutral = result.name == "layer bias not scaled" || result.name == "weights transposed" ||
                         result.name == "scaled along the wrong axis";
    EXPECT_EQ(result.applicable, !neutral) << result.name;
    EXPECT_FALSE(neutral && result.caught);
  }
}

}  // namespace
}  // namespace pleat
