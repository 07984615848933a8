#include "converter/verify/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "converter/report/report.h"
#include "converter/verify/same.h"
#include "converter/verify/self_test.h"
#include "runtime/onnx/reader.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

std::vector<SampleSet> samples_for(const Model& model) {
  auto sets = generated_samples(model);
  EXPECT_TRUE(sets.has_value()) << (sets ? "" : sets.error().text());
  return sets ? std::move(*sets) : std::vector<SampleSet>{};
}

void expect_verified(const Model& model, std::int64_t folds, const FoldOptions& fold_options = {}) {
  const auto result = fold_and_verify(model, fold_options, samples_for(model));
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_EQ(result->fold.map.folded(), folds) << to_text(result->fold.map);
  EXPECT_TRUE(result->verdict.passed) << to_text(result->verdict);
  for (const RungReport& rung : result->verdict.rungs) EXPECT_TRUE(rung.ran && rung.passed) << rung.text;
  EXPECT_GT(result->verdict.outputs.size(), 0U);
}

Initializer& initializer(Model& model, const std::string& name) {
  for (Initializer& found : model.graph.initializers)
    if (found.name == name) return found;
  throw std::runtime_error(name);
}

/// The new constants that one BatchNormalization's fold brought, by rank: [0] the bias, [1] the weight.
std::vector<std::string> constants_of(const FoldResult& fold, const std::string& batch_norm) {
  std::vector<std::string> names(2);
  for (const FoldEntry& entry : fold.map.entries)
    if (entry.batch_norm == batch_norm)
      for (const std::string& name : entry.new_constants)
        names[fold.folded.graph.initializer(name)->tensor.shape().rank() > 1 ? 1 : 0] = name;
  return names;
}

/// Adds `delta` to one element of a constant.
void nudge(Model& model, const std::string& name, std::size_t element, float delta) {
  Tensor& tensor = initializer(model, name).tensor;
  std::vector<float> values(tensor.data<float>().begin(), tensor.data<float>().end());
  values[element] += delta;
  tensor = Tensor::of(tensor.shape(), values);
}

Model in_type(Model model, DType dtype) {
  for (Initializer& constant : model.graph.initializers)
    constant.tensor = from_doubles(dtype, constant.tensor.shape(), to_doubles(constant.tensor).value()).value();
  model.graph.inputs[0].type.dtype = model.graph.outputs[0].type.dtype = dtype;
  return model;
}

TEST(Verify, PassesTheRightFold) { expect_verified(small_lenet(), 4); }

TEST(Verify, PassesWhereStatisticsAreExtreme) {
  expect_verified(small_lenet({.mean_low = 20, .mean_high = 40}), 4);
  expect_verified(small_lenet({.variance_low = 1e-9, .variance_high = 2e-9}), 4);
}

TEST(Verify, PassesAModelInDouble) { expect_verified(in_type(small_lenet(), DType::kDouble), 4); }

TEST(Verify, PassesModelsStoredInSixteenBits) {
  for (const DType half : {DType::kFloat16, DType::kBfloat16}) expect_verified(in_type(small_lenet(), half), 4);
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
}

TEST(Verify, TellsRungLayerAndChannelOfABrokenFold) {
  const Model model = small_lenet();
  auto folded = fold(model).value();
  nudge(folded.folded, constants_of(folded, "bn2")[0], 2, 0.01F);
  const auto verdict = verify_models(model, folded.folded, &folded.constants, samples_for(model));
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  EXPECT_FALSE(verdict->passed);
  for (const Rung rung : {Rung::kParameters, Rung::kRounding}) {
    const RungReport& report = verdict->rung(rung);
    EXPECT_FALSE(report.passed) << rung_name(rung);
    ASSERT_TRUE(report.first_failure.has_value());
    EXPECT_EQ(report.first_failure->batch_norm, "bn2");
    EXPECT_EQ(report.first_failure->node, "conv2");
    EXPECT_EQ(report.first_failure->channel, 2);
    EXPECT_GT(report.first_failure->ratio, 1);
  }
  EXPECT_TRUE(verdict->rung(Rung::kAlgebra).passed);  // which runs with the exact constants: they are right
  EXPECT_EQ(verdict->failure()->rung, Rung::kParameters);
  EXPECT_NE(to_text(*verdict).find("channel 2"), std::string::npos);
  EXPECT_NE(to_json(*verdict).find("pleat.verify/1"), std::string::npos);

  const auto foreign = verify_models(model, folded.folded, nullptr, samples_for(model));
  for (const Rung rung : {Rung::kAlgebra, Rung::kRounding}) {
    EXPECT_FALSE(foreign->rung(rung).passed) << rung_name(rung);
    EXPECT_EQ(foreign->rung(rung).first_failure->channel, 2);
  }
}

TEST(Verify, StructureSeesWhatNoFoldConcerns) {
  const Model model = small_lenet();
  const auto folded = fold(model).value();
  const auto failing_rung = [&](const Model& changed) {
    const auto verdict = verify_models(model, changed, &folded.constants, samples_for(model));
    return verdict && !verdict->passed && verdict->failure() != nullptr ? verdict->failure()->rung : Rung::kClasses;
  };
  Model constant = folded.folded;
  nudge(constant, "b5", 0, 1e-6F);
  EXPECT_EQ(failing_rung(constant), Rung::kStructure);
  Model attribute = folded.folded;
  attribute.graph.nodes[0].attributes = {Attribute::integers("pads", {0, 0, 2, 2})};
  EXPECT_NE(failing_rung(attribute), Rung::kClasses);
  Model node = folded.folded;
  node.graph.nodes[1].op_type = "Sigmoid";
  EXPECT_NE(failing_rung(node), Rung::kClasses);
  Model output = folded.folded;
  output.graph.outputs.push_back({"bn3", {}, "", "", ""});
  EXPECT_EQ(failing_rung(output), Rung::kStructure);
  Model documented = folded.folded;
  documented.graph.nodes[1].doc_string = "other";
  EXPECT_EQ(failing_rung(documented), Rung::kStructure);
  Model described = folded.folded;
  described.set_metadata("author", "nobody");
  EXPECT_EQ(failing_rung(described), Rung::kStructure);
  Model annotated = folded.folded;
  annotated.set_metadata("pleat.note", "ours");
  EXPECT_TRUE(verify_models(model, annotated, &folded.constants, samples_for(model))->passed);
  Model opset = folded.folded;
  opset.opset_imports[0].version = 16;
  EXPECT_EQ(failing_rung(opset), Rung::kStructure);
}

TEST(Verify, ConstantsThatCallersMayOverrideAreNoConstants) {
  const Model model = small_lenet();
  auto folded = fold(model).value();
  const std::string bias = constants_of(folded, "bn2")[0];
  ValueInfo input;
  input.name = bias;
  input.type.dtype = DType::kFloat;
  input.type.shape.emplace(1).front().value = 4;
  folded.folded.graph.inputs.push_back(input);
  const auto verdict = verify_models(model, folded.folded, &folded.constants, samples_for(model));
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  EXPECT_FALSE(verdict->passed);
  EXPECT_EQ(verdict->failure()->rung, Rung::kStructure);
}

TEST(Verify, AConstantWithoutARecipeDoesNotPass) {
  const Model model = small_lenet();
  auto folded = fold(model).value();
  folded.constants.erase(constants_of(folded, "bn2")[1]);
  const auto verdict = verify_models(model, folded.folded, &folded.constants, samples_for(model));
  EXPECT_FALSE(verdict->passed);
  EXPECT_EQ(verdict->failure()->rung, Rung::kParameters);
  EXPECT_TRUE(verdict->rung(Rung::kAlgebra).passed) << verdict->rung(Rung::kAlgebra).text;
}

TEST(Verify, WithoutSamplesNothingIsProven) {
  const Model model = small_lenet();
  const auto result = fold_and_verify(model, {}, {});
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_FALSE(result->verdict.passed);
  EXPECT_TRUE(result->verdict.rung(Rung::kRounding).passed);
}

TEST(Verify, ANetworkThatCannotBeRunNeedsNoSamples) {
  Model model = small_lenet();
  model.opset_imports = {{"", 6}};  // where BatchNormalization is in training mode unless it says is_test
  const auto result = fold_and_verify(model, {}, {});
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_EQ(result->fold.map.folded(), 0);
  EXPECT_TRUE(result->verdict.passed) << to_text(result->verdict);
  EXPECT_NE(result->verdict.rung(Rung::kEndToEnd).text.find("cannot be run here"), std::string::npos);
}

TEST(Verify, AssumedInferenceLeavesStatisticsThatAreRead) {
  Model model = small_lenet();
  Node& norm = *std::ranges::find_if(model.graph.nodes, [](const Node& node) { return node.is("BatchNormalization"); });
  norm.outputs = {norm.outputs[0], "mean", "var"};
  norm.attributes = {Attribute::integer("training_mode", 1)};
  model.opset_imports = {{"", 15}};
  ValueInfo mean = model.graph.outputs[0];
  mean.name = "mean";
  mean.type.shape.reset();
  model.graph.outputs.push_back(mean);
  const auto result = fold_and_verify(model, {.assume_inference = true}, samples_for(model));
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_EQ(result->fold.map.folded(), 3);
  EXPECT_TRUE(result->verdict.passed) << to_text(result->verdict);
}

TEST(Verify, EqualModelsPass) {
  const Model model = small_lenet();
  const ExactConstants none;
  const auto verdict = verify_models(model, model, &none, samples_for(model));
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  EXPECT_TRUE(verdict->passed) << to_text(*verdict);
  EXPECT_EQ(verdict->folds, 0);
}

TEST(Verify, ModelsAreEqualInTheirBits) {
  const auto with_epsilon = [](float epsilon) {
    Model model = small_lenet();
    for (Node& node : model.graph.nodes)
      if (node.is("BatchNormalization")) node.attributes = {Attribute::number("epsilon", epsilon)};
    return model;
  };
  const ExactConstants none;
  const Model broken = with_epsilon(NAN);
  const auto same = verify_models(broken, broken, &none, samples_for(broken));
  ASSERT_TRUE(same.has_value()) << same.error().text();
  EXPECT_TRUE(same->passed) << to_text(*same);
  EXPECT_FALSE(same_graph(with_epsilon(0.0F).graph, with_epsilon(-0.0F).graph));
}

TEST(VerifyModels, FindsTheFoldsByThemselves) {
  const Model model = small_lenet();
  const auto folded = fold(model).value();
  const auto verdict = verify_models(model, folded.folded, nullptr, samples_for(model));
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  EXPECT_TRUE(verdict->passed) << to_text(*verdict);
  EXPECT_TRUE(verdict->layers_checked);
  EXPECT_EQ(verdict->folds, 4);
  EXPECT_TRUE(verdict->rung(Rung::kParameters).excused);
}

Model renamed(Model model, const std::string& from, const std::string& to) {
  for (Node& node : model.graph.nodes)
    for (auto* names : {&node.inputs, &node.outputs})
      for (std::string& name : *names)
        if (name == from) name = to;
  return model;
}

TEST(VerifyModels, CutsWhereOtherMakersLeaveNames) {
  const Model model = small_lenet();
  const auto fold_result = fold(model).value();
  Model other = renamed(fold_result.folded, "bn1", "renamed");
  const auto same = verify_models(model, other, nullptr, samples_for(model));
  ASSERT_TRUE(same.has_value()) << same.error().text();
  EXPECT_TRUE(same->passed) << to_text(*same);
  EXPECT_TRUE(same->layers_checked);
  nudge(other, constants_of(fold_result, "bn1")[0], 0, 0.1F);
  const auto different = verify_models(model, other, nullptr, samples_for(model));
  EXPECT_FALSE(different->passed);
  EXPECT_EQ(different->failure()->rung, Rung::kAlgebra);
  // Layers that keep the name of what they made before: "conv1" now is what "bn1" was.
  const Model reused = renamed(fold_result.folded, "bn1", "conv1");
  const auto kept = verify_models(model, reused, nullptr, samples_for(model));
  ASSERT_TRUE(kept.has_value()) << kept.error().text();
  EXPECT_TRUE(kept->passed) << to_text(*kept);
  EXPECT_TRUE(kept->layers_checked);
}

TEST(VerifyModels, ComparesEndToEndWhatDoesNotMap) {
  const Model model = small_lenet();
  const auto fold_result = fold(model).value();
  Model other = fold_result.folded;
  other.opset_imports[0].version = 16;
  const auto same = verify_models(model, other, nullptr, samples_for(model));
  ASSERT_TRUE(same.has_value()) << same.error().text();
  EXPECT_TRUE(same->passed) << to_text(*same);
  EXPECT_FALSE(same->layers_checked);
  nudge(other, constants_of(fold_result, "bn1")[0], 0, 0.1F);
  const auto different = verify_models(model, other, nullptr, samples_for(model));
  EXPECT_FALSE(different->passed);
  EXPECT_EQ(different->failure()->rung, Rung::kEndToEnd);
}

TEST(Verify, WritesTheSmallestCaseOfAFailure) {
  const Model model = small_lenet();
  auto folded = fold(model).value();
  nudge(folded.folded, constants_of(folded, "bn2")[1], 5, 0.01F);
  const auto folder = std::filesystem::path(testing::TempDir()) / "pleat_reproducer";
  std::filesystem::remove_all(folder);
  VerifyOptions options;
  options.reproducer = folder.string();
  const auto verdict = verify_models(model, folded.folded, &folded.constants, samples_for(model), options);
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  for (const char* file :
       {"unfolded.onnx", "folded.onnx", "test_data_set_0/input_0.pb", "test_data_set_0/output_0.pb", "README.txt"})
    EXPECT_TRUE(std::filesystem::exists(folder / file)) << file;
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace pleat
