#include <gtest/gtest.h>

#include <cmath>

#include "converter/report/report.h"
#include "converter/verify/bound.h"
#include "converter/verify/region_check.h"
#include "converter/verify/region_inputs.h"
#include "converter/verify/verify.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

std::vector<SampleSet> few_samples(const Model& model) {
  GeneratedSamples options;
  options.samples = 3;
  return generated_samples(model, options).value();
}

/// Folds, expects so many folds and a whole proof.
void expect_proven(const ModelBuilder& builder, std::int64_t folds) {
  const Model model = *builder.share();
  const auto result = fold_and_verify(model, {}, few_samples(model));
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_EQ(result->fold.map.folded(), folds) << to_text(result->fold.map);
  EXPECT_TRUE(result->verdict.passed) << to_text(result->verdict);
  const auto foreign = verify_models(model, result->fold.folded, nullptr, few_samples(model));
  ASSERT_TRUE(foreign.has_value()) << foreign.error().text();
  EXPECT_TRUE(foreign->passed) << to_text(*foreign);
  EXPECT_TRUE(foreign->layers_checked);
}

TEST(Proofs, ReachEveryKindOfRegion) {
  ModelBuilder joined;
  joined.input("x", {-1, 3, 8, 7}).output("y");
  joined.constant("w1", random_tensor({4, 3, 3, 3}, 1)).constant("w2", random_tensor({4, 3, 1, 1}, 2));
  joined.node("Conv", {"x", "w1"}, {"a"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  joined.node("Conv", {"x", "w2"}, {"b"}).node("Add", {"a", "b"}, {"s"});
  add_batch_norm(joined, "s", "n", 4, 10);
  joined.node("Relu", {"n"}, {"y"});
  expect_proven(joined, 1);

  ModelBuilder pooled;
  pooled.input("x", {-1, 3, 8, 8}).output("y").constant("w", random_tensor({4, 3, 3, 3}, 1));
  pooled.node("Conv", {"x", "w"}, {"c"});
  pooled.node("AveragePool", {"c"}, {"p"}, {Attribute::integers("kernel_shape", {2, 2})});
  add_batch_norm(pooled, "p", "y", 4, 10);
  expect_proven(pooled, 1);

  ModelBuilder chained;
  chained.input("x", {-1, 3, 8, 8}).output("y").constant("w", random_tensor({4, 3, 3, 3}, 1));
  chained.constant("m", random_tensor({4, 1, 1}, 2)).constant("d", random_tensor({1, 4, 1, 1}, 3, 1, 2));
  chained.node("Conv", {"x", "w"}, {"c"}).node("Sub", {"m", "c"}, {"e"}).node("Div", {"e", "d"}, {"f"});
  add_batch_norm(chained, "f", "y", 4, 10);
  expect_proven(chained, 1);

  ModelBuilder transposed;
  transposed.input("x", {-1, 4, 5, 6}).output("y").constant("w", random_tensor({4, 3, 3, 2}, 1));
  transposed.node("ConvTranspose", {"x", "w"}, {"c"},
                  {Attribute::integer("group", 2), Attribute::integers("strides", {2, 3})});
  add_batch_norm(transposed, "c", "y", 6, 10);
  expect_proven(transposed, 1);

  ModelBuilder concatenated;
  concatenated.input("x", {-1, 3, 8, 8}).output("y");
  concatenated.constant("w1", random_tensor({2, 3, 1, 1}, 1)).constant("w2", random_tensor({3, 3, 1, 1}, 2));
  concatenated.node("Conv", {"x", "w1"}, {"a"}).node("Conv", {"x", "w2"}, {"b"});
  concatenated.node("Concat", {"a", "b"}, {"c"}, {Attribute::integer("axis", 1)});
  add_batch_norm(concatenated, "c", "y", 5, 10);
  expect_proven(concatenated, 1);
}

Model sigmoid_behind(const std::string& last) {
  ModelBuilder builder;
  builder.input("x", {-1, 3, 8, 8}).output("y").constant("w", random_tensor({4, 3, 3, 3}, 1));
  builder.node("Conv", {"x", "w"}, {"c"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  add_batch_norm(builder, "c", "n", 4, 10);
  builder.node(last, {"n"}, {"y"});
  return builder.model();
}

TEST(Proofs, DoWithoutRunningTheWholeNetwork) {
  const Model model = sigmoid_behind("NobodyKnowsThis");
  const auto given = sample_set(model, "given", random_tensor({3, 3, 8, 8}, 5)).value();
  const auto result = fold_and_verify(model, {}, {given});
  ASSERT_TRUE(result.has_value()) << result.error().text();
  EXPECT_EQ(result->fold.map.folded(), 1);
  EXPECT_TRUE(result->verdict.passed) << to_text(result->verdict);
  for (const Rung rung : {Rung::kEndToEnd, Rung::kClasses}) {
    EXPECT_TRUE(result->verdict.rung(rung).excused);
    EXPECT_NE(result->verdict.rung(rung).text.find("NobodyKnowsThis"), std::string::npos);
  }
  EXPECT_NE(result->verdict.rung(Rung::kAlgebra).text.find("own activations"), std::string::npos);
  EXPECT_FALSE(result->verdict.coverage.empty());

  Model unreachable = model;  // the operator stands before the region, whose sizes must then be deduced
  unreachable.graph.nodes[0].inputs[0] = "z";
  Node first;
  first.op_type = "NobodyKnowsThis";
  first.inputs = {"x"};
  first.outputs = {"z"};
  unreachable.graph.nodes.insert(unreachable.graph.nodes.begin(), first);
  const auto deduced = fold_and_verify(unreachable, {}, {});
  ASSERT_TRUE(deduced.has_value()) << deduced.error().text();
  EXPECT_TRUE(deduced->verdict.passed) << to_text(deduced->verdict);
  EXPECT_NE(deduced->verdict.rung(Rung::kAlgebra).text.find("generated inputs alone"), std::string::npos);
}

TEST(Proofs, ReachIntoInnerGraphs) {
  const Model inner = sigmoid_behind("Relu");
  Model model;
  model.opset_imports = inner.opset_imports;
  model.graph.inputs = inner.graph.inputs;
  ValueInfo condition;
  condition.name = "condition";
  condition.type.dtype = DType::kBool;
  condition.type.shape.emplace();
  model.graph.inputs.push_back(condition);
  model.graph.outputs = inner.graph.outputs;
  model.graph.outputs[0].name = "out";
  Node node;
  node.name = "if1";
  node.op_type = "If";
  node.inputs = {"condition"};
  node.outputs = {"out"};
  for (const char* name : {"then_branch", "else_branch"}) {
    auto body = std::make_shared<Graph>(inner.graph);
    body->inputs.clear();
    const std::string prefix = std::string(name) + ".";
    for (Initializer& constant : body->initializers) constant.name = prefix + constant.name;
    for (Node& part : body->nodes) {
      part.name = prefix + part.name;
      for (auto* names : {&part.inputs, &part.outputs})
        for (std::string& value : *names)
          if (value != "x") value = prefix + value;
    }
    body->outputs[0].name = prefix + body->outputs[0].name;
    Attribute attribute;
    attribute.name = name;
    attribute.type = Attribute::Type::kGraph;
    attribute.value = std::move(body);
    node.attributes.push_back(std::move(attribute));
  }
  model.graph.nodes.push_back(std::move(node));
  const auto result = fold(model);
  ASSERT_TRUE(result.has_value()) << result.error().text();
  ASSERT_EQ(result->map.folded(), 2) << to_text(result->map);
  const ModelDifference changes = difference(model, result->folded, {true, false});
  ASSERT_EQ(changes.regions.size(), 2U);
  EXPECT_EQ(changes.regions[0].graph, result->map.entries[0].graph);
  const auto verdict = verify_models(model, result->folded, &result->constants, {});
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  EXPECT_TRUE(verdict->passed) << to_text(*verdict);
}

TEST(Proofs, SeeWhatOnlyBordersShow) {
  ModelBuilder builder;
  builder.input("x", {-1, 2, 9, 8}).output("y").constant("w", random_tensor({2, 2, 3, 3}, 1));
  add_batch_norm(builder, "x", "n", 2, 10);
  builder.node("Conv", {"n", "w"}, {"y"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  const Model unfolded = builder.model();
  ModelBuilder wrong;  // as if the shift passed through padding
  wrong.input("x", {-1, 2, 9, 8}).output("y");
  std::vector<float> weight, bias(2, 0);
  const auto number = [&](const char* name, std::size_t i) {
    return to_doubles(unfolded.graph.initializer(name)->tensor).value()[i];
  };
  for (std::size_t i = 0; i < 36; ++i) {
    const std::size_t c = i / 9 % 2;
    const double scale = number("n.scale", c) / std::sqrt(number("n.var", c) + 1e-5F);
    weight.push_back(static_cast<float>(number("w", i) * scale));
    bias[i / 18] += static_cast<float>((number("n.bias", c) - number("n.mean", c) * scale) * number("w", i));
  }
  wrong.constant("w2", Tensor::of(Shape{2, 2, 3, 3}, weight)).constant("b2", Tensor::of(Shape{2}, bias));
  wrong.node("Conv", {"x", "w2", "b2"}, {"y"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  const ModelDifference changes = difference(unfolded, wrong.model());
  ASSERT_EQ(changes.regions.size(), 1U);
  EXPECT_EQ(changes.regions[0].batch_norms, std::vector<std::string>{"n"});
  EXPECT_EQ(changes.regions[0].new_constants, (std::vector<std::string>{"w2", "b2"}));
  RegionCheck check(changes.regions[0], nullptr, 1);
  ASSERT_FALSE(check.objection()) << *check.objection();
  const auto sets = generated_inputs(changes.regions[0], nullptr, 7, 1).value();
  for (const GeneratedInputs& set : sets) ASSERT_TRUE(check.compare(set.inputs, nullptr, set.name, 0).has_value());
  EXPECT_TRUE(check.algebra_failure().has_value());
  EXPECT_TRUE(check.rounding_failure().has_value());
  EXPECT_TRUE(check.golden().has_value());
  EXPECT_LT(check.algebra().failed, check.algebra().compared / 2);  // borders only
}

TEST(Proofs, RefuseOperatorsWithoutABound) {
  const Model unfolded = sigmoid_behind("Sigmoid");
  Model other = unfolded;
  other.graph.nodes[1].outputs[0] = "elsewhere";
  other.graph.nodes[2].inputs[0] = "elsewhere";
  const ModelDifference changes = difference(unfolded, other);
  ASSERT_EQ(changes.regions.size(), 1U);
  const RegionCheck check(changes.regions[0], nullptr, 1);
  ASSERT_TRUE(check.objection().has_value());
  EXPECT_NE(check.objection()->find("Sigmoid"), std::string::npos);
  const ExactConstants none;
  const auto verdict = verify_models(unfolded, other, &none, few_samples(unfolded));
  ASSERT_TRUE(verdict.has_value()) << verdict.error().text();
  EXPECT_FALSE(verdict->passed);
  EXPECT_EQ(verdict->failure()->rung, Rung::kAlgebra);
}

TEST(Proofs, HoldForOldModelsAndForWhatTheOwnerAllows) {
  Model old = sigmoid_behind("Relu");
  old.ir_version = 3;
  for (const Initializer& constant : old.graph.initializers) {
    ValueInfo input;
    input.name = constant.name;
    input.type.dtype = constant.tensor.dtype();
    input.type.shape.emplace();
    for (const std::int64_t size : constant.tensor.shape()) input.type.shape->emplace_back().value = size;
    old.graph.inputs.push_back(std::move(input));
  }
  const auto sample = sample_set(old, "given", random_tensor({3, 3, 8, 8}, 5)).value();
  Model overridable = old;
  overridable.ir_version = 8;
  Model training = sigmoid_behind("Relu");
  training.graph.nodes[1].attributes.push_back(Attribute::integer("training_mode", 1));
  training.graph.nodes[1].outputs = {"n", "mean", "variance"};
  const auto expect_folded = [&](const Model& model, const FoldOptions& options, bool folded) {
    const auto result = fold_and_verify(model, options, {sample});
    ASSERT_TRUE(result.has_value()) << result.error().text();
    EXPECT_EQ(result->fold.map.folded(), folded ? 1 : 0) << to_text(result->fold.map);
    EXPECT_TRUE(result->verdict.passed || !folded) << to_text(result->verdict);
    if (!folded) {
      EXPECT_EQ(result->verdict.rung(Rung::kStructure).text, "the models are the same");
    }
  };
  expect_folded(old, {}, true);
  FoldOptions options;
  options.keep_ir = true;
  expect_folded(old, options, true);
  expect_folded(overridable, {}, false);
  options = {};
  options.freeze_inputs = true;
  expect_folded(overridable, options, true);
  options = {};
  options.assume_inference = true;
  expect_folded(training, options, true);
}

TEST(Bound, CountsRoundingsAsDerived) {
  const Model model = small_lenet();
  const auto folded = fold(model).value();
  const ModelDifference changes = difference(model, folded.folded, {true, false});
  ASSERT_EQ(changes.regions.size(), 4U);
  const Region& region = changes.regions[1];  // conv2: 4·3·3 products, no bias
  EXPECT_EQ(region.label(), "bn2 into conv2");
  const std::set<std::string> fresh(region.new_constants.begin(), region.new_constants.end());
  const Shapes shapes = {{"pool1", {2, 4, 8, 8}}, {"conv2", {2, 4, 6, 6}}, {"bn2", {2, 4, 6, 6}}};
  const auto before = BoundedPart::create(region.unfolded, {}, nullptr, 1);
  const auto after = BoundedPart::create(region.folded, fresh, &folded.constants, 1);
  ASSERT_TRUE(before.has_value() && after.has_value());
  const RoundingCount a = before->count(shapes, {{"pool1", 1}}).value().at("bn2");
  const RoundingCount b = after->count(shapes, {{"pool1", 1}}).value().at("bn2");
  EXPECT_EQ(a.roundings, 44);
  EXPECT_EQ(a.stored, 0);
  EXPECT_EQ(b.roundings, 36);
  EXPECT_EQ(b.stored, 1);
  EXPECT_EQ(b.lost, 0);
  EXPECT_EQ(before->macs(shapes).value(), 2 * 4 * 36 * 36);
  const double u = 0x1p-24;
  const OutputBound bound = output_bound(a, b, kFloatArithmetic, kFloatArithmetic);
  EXPECT_NEAR(bound.per_magnitude, gamma(44, u) + gamma(36, u) + gamma(1, u), 1e-5 * u * 81);
}

TEST(Bound, MagnitudesAreTheSumOfAllTerms) {
  ModelBuilder builder;
  builder.input("x", {1, 1, 1, 2}).output("y");
  builder.constant("w", Tensor::of<float>({1, 1, 1, 2}, {2, -3})).constant("b", Tensor::of<float>({1}, {-5}));
  builder.constant("s", Tensor::of<float>({1}, {-2})).constant("beta", Tensor::of<float>({1}, {-7}));
  builder.constant("m", Tensor::of<float>({1}, {11})).constant("v", Tensor::of<float>({1}, {0.25}));
  builder.node("Conv", {"x", "w", "b"}, {"c"});
  builder.node("BatchNormalization", {"c", "s", "beta", "m", "v"}, {"n"}, {Attribute::number("epsilon", 0)});
  builder.node("Sub", {"beta", "n"}, {"d"}).node("Relu", {"d"}, {"y"});
  const auto part = BoundedPart::create(builder.model(), {}, nullptr, 1);
  ASSERT_TRUE(part.has_value()) << part.error().text();
  double peak = 0;
  const NamedTensors inputs = {{"x", Tensor::of<float>({1, 1, 1, 2}, {-1, 10})}};
  const auto magnitude = part->magnitudes(inputs, {"y"}, HUGE_VAL, peak);
  ASSERT_TRUE(magnitude.has_value()) << magnitude.error().text();
  const double expected = 4 * (2 * 1 + 3 * 10 + 5 + 11) + 7 + 7;  // |γ|/√σ² = 4
  EXPECT_EQ(magnitude->at("y").data<double>()[0], expected);
  EXPECT_EQ(peak, expected);
  const auto beyond = part->magnitudes(inputs, {"y"}, 30, peak);
  EXPECT_EQ(beyond->at("y").data<double>()[0], HUGE_VAL);
}

}  // namespace
}  // namespace pleat
