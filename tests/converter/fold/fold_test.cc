#include "converter/fold/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/graph/text.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

using ::testing::ElementsAre;

/// γ = 4, 6 · β = 5, 7 · μ = 1, 2 · σ² = 3, 8 · ε = 1: scales 2 and 2, shifts 3 and 3.
void add_plain_batch_norm(ModelBuilder& builder, const std::string& x, const std::string& y) {
  builder.constant("scale", Tensor::of<float>({2}, {4, 6}))
      .constant("bias", Tensor::of<float>({2}, {5, 7}))
      .constant("mean", Tensor::of<float>({2}, {1, 2}))
      .constant("var", Tensor::of<float>({2}, {3, 8}))
      .node("BatchNormalization", {x, "scale", "bias", "mean", "var"}, {y}, {Attribute::number("epsilon", 1)});
}

FoldResult folded(const Model& model) {
  auto result = fold(model);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().text());
  return std::move(*result);
}

std::vector<double> constant_of(const Model& model, const std::string& name) {
  const Initializer* initializer = model.graph.initializer(name);
  if (initializer == nullptr) return {};
  return to_doubles(initializer->tensor).value();
}

void expect_kept(const Model& model, const std::string& code) {
  const FoldResult result = folded(model);
  ASSERT_FALSE(result.map.entries.empty());
  EXPECT_FALSE(result.map.entries[0].folded);
  EXPECT_EQ(result.map.entries[0].code, code) << result.map.entries[0].reason;
  EXPECT_EQ(to_text(result.folded), to_text(model));
}

Node plain_node(const std::string& op_type, std::vector<std::string> inputs, std::vector<std::string> outputs) {
  Node made;
  made.op_type = op_type;
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

ModelBuilder conv_and_batch_norm(std::int64_t opset = 17) {
  ModelBuilder builder(opset);
  builder.input("x", {1, 1, 2, 2}).output("y");
  builder.constant("w", Tensor::of<float>({2, 1, 1, 1}, {2, 3})).constant("b", Tensor::of<float>({2}, {3, -1}));
  builder.node("Conv", {"x", "w", "b"}, {"c"});
  add_plain_batch_norm(builder, "c", "y");
  return builder;
}

Node& node(ModelBuilder& builder, std::size_t i) { return builder.model().graph.nodes[i]; }
Initializer& initializer(ModelBuilder& builder, const std::string& name) {
  for (Initializer& found : builder.model().graph.initializers)
    if (found.name == name) return found;
  throw std::runtime_error(name);
}

TEST(FoldConv, MatchesTheHandComputedExample) {
  const FoldResult result = folded(conv_and_batch_norm().model());
  ASSERT_EQ(result.folded.graph.nodes.size(), 1U);
  const Node& conv = result.folded.graph.nodes[0];
  EXPECT_EQ(conv.name, "c");
  EXPECT_THAT(conv.inputs, ElementsAre("x", "c.folded_weight", "c.folded_bias"));
  EXPECT_THAT(conv.outputs, ElementsAre("y"));
  EXPECT_THAT(constant_of(result.folded, "c.folded_weight"), ElementsAre(4, 6));
  EXPECT_THAT(constant_of(result.folded, "c.folded_bias"), ElementsAre(9, 1));
  EXPECT_EQ(result.folded.graph.initializers.size(), 2U);
  EXPECT_EQ(*result.folded.metadata("pleat.fold"), R"({"version":1,"folded":1})");
  const FoldEntry& entry = result.map.entries[0];
  EXPECT_EQ(entry.code, "F32");
  EXPECT_THAT(entry.targets, ElementsAre("c"));
  EXPECT_EQ(entry.facts.min_scale, 2);
}

TEST(FoldConv, MakesABiasWhereThereIsNone) {
  for (const bool empty_name : {false, true}) {
    ModelBuilder builder = conv_and_batch_norm();
    if (empty_name) node(builder, 0).inputs[2] = "";
    if (!empty_name) node(builder, 0).inputs.pop_back();
    const FoldResult result = folded(builder.model());
    EXPECT_EQ(result.map.entries[0].code, "F31");
    EXPECT_THAT(constant_of(result.folded, "c.folded_bias"), ElementsAre(3, 3));
  }
}

TEST(FoldConv, ScalesTheFirstAxisForAnyRankAndGroup) {
  for (const Shape& shape : {Shape{2, 3, 2}, Shape{2, 1, 2, 3}, Shape{2, 2, 1, 2, 2}}) {
    ModelBuilder builder = conv_and_batch_norm();
    const Tensor weight = random_tensor(shape, 3);
    initializer(builder, "w").tensor = weight;
    initializer(builder, "scale").tensor = Tensor::of<float>({2}, {4, -12});
    node(builder, 0).attributes = {Attribute::integer("group", 2)};
    const FoldResult result = folded(builder.model());
    const auto values = constant_of(result.folded, "c.folded_weight");
    ASSERT_EQ(values.size(), static_cast<std::size_t>(shape.elements()));
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(values[i], static_cast<double>(weight.data<float>()[i]) * (i < values.size() / 2 ? 2 : -4));
  }
}

TEST(FoldConv, ReadsConstantNodes) {
  ModelBuilder builder = conv_and_batch_norm();
  Model& model = builder.model();
  std::erase_if(model.graph.initializers, [](const Initializer& i) { return i.name == "w"; });
  Node constant;
  constant.op_type = "Constant";
  constant.outputs = {"w"};
  constant.attributes = {Attribute::tensor("value", Tensor::of<float>({2, 1, 1, 1}, {2, 3}))};
  model.graph.nodes.insert(model.graph.nodes.begin(), constant);
  const FoldResult result = folded(model);
  EXPECT_EQ(result.folded.graph.nodes.size(), 1U);
  EXPECT_THAT(constant_of(result.folded, "c.folded_weight"), ElementsAre(4, 6));
}

TEST(FoldConv, ComposesConsecutiveBatchNormalizations) {
  ModelBuilder builder = conv_and_batch_norm();
  builder.node("BatchNormalization", {"y", "scale", "bias", "mean", "var"}, {"z"}, {Attribute::number("epsilon", 1)});
  builder.model().graph.outputs[0].name = "z";
  const FoldResult result = folded(builder.model());
  EXPECT_EQ(result.map.folded(), 2);
  EXPECT_EQ(result.map.entries[0].code, "F60");
  EXPECT_EQ(result.map.entries[0].into, "z");
  EXPECT_THAT(constant_of(result.folded, "c.folded_weight"), ElementsAre(8, 12));
  EXPECT_THAT(constant_of(result.folded, "c.folded_bias"), ElementsAre(21, 5));
}

TEST(FoldConv, CopiesASharedWeight) {
  ModelBuilder builder = conv_and_batch_norm();
  builder.node("Conv", {"x", "w", "b"}, {"other"}).output("other");
  const FoldResult result = folded(builder.model());
  EXPECT_EQ(result.map.folded(), 1);
  EXPECT_THAT(constant_of(result.folded, "w"), ElementsAre(2, 3));
  EXPECT_THAT(constant_of(result.folded, "c.folded_weight"), ElementsAre(4, 6));
  EXPECT_THAT(constant_of(builder.model(), "w"), ElementsAre(2, 3));
}

TEST(FoldConv, AvoidsNamesThatAreTaken) {
  ModelBuilder builder = conv_and_batch_norm();
  builder.constant("c.folded_weight", Tensor::of<float>({1}, {1})).node("Relu", {"c.folded_weight"}, {"other"});
  const FoldResult result = folded(builder.model());
  EXPECT_THAT(result.map.entries[0].new_constants, ElementsAre("c.folded_bias", "c.folded_weight_1"));
}

TEST(FoldConv, FlushesSubnormalsAndSaysSo) {
  ModelBuilder builder = conv_and_batch_norm();
  initializer(builder, "w").tensor = Tensor::of<float>({2, 1, 1, 1}, {0x1p-130F, 3});
  const FoldResult result = folded(builder.model());
  EXPECT_THAT(constant_of(result.folded, "c.folded_weight"), ElementsAre(0, 6));
  EXPECT_EQ(result.map.entries[0].facts.flushed, 1);
  const auto kept = fold(builder.model(), {.flush_subnormals = false});
  EXPECT_THAT(constant_of(kept->folded, "c.folded_weight"), ElementsAre(0x1p-129, 6));
}

TEST(FoldConv, ReportsDeadAndAmplifyingChannels) {
  ModelBuilder builder = conv_and_batch_norm();
  initializer(builder, "scale").tensor = Tensor::of<float>({2}, {0, 6});
  initializer(builder, "var").tensor = Tensor::of<float>({2}, {3, 0});
  node(builder, 1).attributes = {Attribute::number("epsilon", 0.25F)};
  const FoldResult result = folded(builder.model());
  EXPECT_THAT(result.map.entries[0].facts.dead, ElementsAre(0));
  EXPECT_THAT(result.map.entries[0].facts.amplifying, ElementsAre(1));
  EXPECT_EQ(constant_of(result.folded, "c.folded_bias")[0], 5);
}

TEST(FoldConv, AHugeEpsilonDoesNotAmplify) {
  ModelBuilder builder = conv_and_batch_norm();
  node(builder, 1).attributes = {Attribute::number("epsilon", 1e30F)};
  EXPECT_THAT(folded(builder.model()).map.entries[0].facts.amplifying, ElementsAre());
}

ModelBuilder gemm_and_batch_norm(bool transposed, std::vector<Attribute> attributes = {}) {
  ModelBuilder builder;
  builder.input("x", {1, 3}).output("y");
  attributes.push_back(Attribute::integer("transB", transposed ? 1 : 0));
  const Shape shape = transposed ? Shape{2, 3} : Shape{3, 2};
  builder.constant("w", Tensor::of<float>(shape, {1, 2, 3, 4, 5, 6})).constant("b", Tensor::of<float>({2}, {3, -1}));
  builder.node("Gemm", {"x", "w", "b"}, {"c"}, attributes);
  add_plain_batch_norm(builder, "c", "y");
  initializer(builder, "scale").tensor = Tensor::of<float>({2}, {4, 12});  // scales 2, 4; shifts 3, -1
  return builder;
}

TEST(FoldGemm, ScalesRowsOrColumns) {
  EXPECT_THAT(constant_of(folded(gemm_and_batch_norm(true).model()).folded, "c.folded_weight"),
              ElementsAre(2, 4, 6, 16, 20, 24));
  EXPECT_THAT(constant_of(folded(gemm_and_batch_norm(false).model()).folded, "c.folded_weight"),
              ElementsAre(2, 8, 6, 16, 10, 24));
}

TEST(FoldGemm, KeepsAlphaAndFoldsBeta) {
  const FoldResult result =
      folded(gemm_and_batch_norm(true, {Attribute::number("alpha", 0.5F), Attribute::number("beta", 2)}).model());
  EXPECT_THAT(constant_of(result.folded, "c.folded_weight"), ElementsAre(2, 4, 6, 16, 20, 24));
  EXPECT_THAT(constant_of(result.folded, "c.folded_bias"), ElementsAre(15, -9));
  const Node& gemm = result.folded.graph.nodes[0];
  EXPECT_EQ(std::get<float>(gemm.attribute("alpha")->value), 0.5F);
  EXPECT_EQ(std::get<float>(gemm.attribute("beta")->value), 1.0F);
}

TEST(FoldGemm, TakesEveryFormOfC) {
  const auto bias_for = [](Tensor c) {
    ModelBuilder builder = gemm_and_batch_norm(true);
    initializer(builder, "b").tensor = std::move(c);
    const FoldResult result = folded(builder.model());
    return std::pair(result.folded.graph.initializer("c.folded_bias")->tensor.shape(),
                     constant_of(result.folded, "c.folded_bias"));
  };
  EXPECT_EQ(bias_for(Tensor::scalar(1.0F)), std::pair(Shape{2}, std::vector<double>{5, 3}));
  EXPECT_EQ(bias_for(Tensor::of<float>({1, 2}, {1, 2})), std::pair(Shape{2}, std::vector<double>{5, 7}));
  EXPECT_EQ(bias_for(Tensor::of<float>({2, 1}, {1, 2})), std::pair(Shape({2, 2}), std::vector<double>{5, 3, 7, 7}));
  ModelBuilder builder = gemm_and_batch_norm(true);
  node(builder, 0).inputs.pop_back();
  EXPECT_THAT(constant_of(folded(builder.model()).folded, "c.folded_bias"), ElementsAre(3, -1));
}

ModelBuilder matmul_and_batch_norm(std::vector<std::int64_t> input, bool with_add) {
  ModelBuilder builder;
  builder.input("x", std::move(input)).output("y");
  builder.constant("w", Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6})).constant("b", Tensor::of<float>({2}, {3, -1}));
  builder.node("MatMul", {"x", "w"}, {"c"});
  if (with_add) builder.node("Add", {"b", "c"}, {"d"});
  add_plain_batch_norm(builder, with_add ? "d" : "c", "y");
  return builder;
}

TEST(FoldMatMul, BecomesMatMulAndAdd) {
  const FoldResult result = folded(matmul_and_batch_norm({1, 3}, false).model());
  ASSERT_EQ(result.folded.graph.nodes.size(), 2U);
  EXPECT_EQ(result.folded.graph.nodes[0].name, "c");
  EXPECT_NE(result.folded.graph.nodes[0].outputs[0], "c");
  EXPECT_THAT(result.folded.graph.nodes[1].outputs, ElementsAre("y"));
  EXPECT_THAT(constant_of(result.folded, "c.folded_weight"), ElementsAre(2, 4, 6, 8, 10, 12));
  EXPECT_THAT(constant_of(result.folded, "c.folded_bias"), ElementsAre(3, 3));
}

TEST(FoldMatMul, TakesAnAddBefore) {
  const FoldResult result = folded(matmul_and_batch_norm({1, 3}, true).model());
  ASSERT_EQ(result.folded.graph.nodes.size(), 2U);
  EXPECT_EQ(result.map.entries[0].code, "F74");
  EXPECT_EQ(result.folded.graph.nodes[1].name, "d");
  EXPECT_THAT(constant_of(result.folded, "c.folded_bias"), ElementsAre(9, 1));
}

TEST(FoldMatMul, RefusesWhatIsNotProvenToHaveTwoAxes) {
  expect_kept(matmul_and_batch_norm({1, 2, 3}, false).model(), "F71");
  ModelBuilder unknown = matmul_and_batch_norm({1, 3}, false);
  unknown.model().graph.inputs[0].type.shape.reset();
  expect_kept(unknown.model(), "F70");
  ModelBuilder left = matmul_and_batch_norm({1, 3}, false);
  node(left, 0).inputs = {"w", "x"};
  expect_kept(left.model(), "F69");
}

TEST(FoldRefuses, TrainingModeUnderEveryOpset) {
  ModelBuilder old = conv_and_batch_norm(6);
  expect_kept(old.model(), "F01");
  node(old, 1).attributes.push_back(Attribute::integer("is_test", 1));
  EXPECT_EQ(folded(old.model()).map.folded(), 1);
  ModelBuilder middle = conv_and_batch_norm(9);
  node(middle, 1).outputs = {"y", "m", "v", "sm", "sv"};
  expect_kept(middle.model(), "F04");
  node(middle, 1).outputs = {"y", "", "", "", ""};
  EXPECT_EQ(folded(middle.model()).map.folded(), 1);
  ModelBuilder recent = conv_and_batch_norm(15);
  node(recent, 1).attributes.push_back(Attribute::integer("training_mode", 1));
  expect_kept(recent.model(), "F05");
  EXPECT_FALSE(folded(recent.model()).map.entries[0].remedy.empty());
}

TEST(FoldRefuses, ValuesThatOthersSee) {
  ModelBuilder read = conv_and_batch_norm();
  read.node("Relu", {"c"}, {"other"}).output("other");
  expect_kept(read.model(), "F39");
  ModelBuilder output = conv_and_batch_norm();
  output.output("c");
  expect_kept(output.model(), "F41");
  ModelBuilder captured = conv_and_batch_norm();
  auto inner = std::make_shared<Graph>();
  inner->nodes.push_back(plain_node("Relu", {"c"}, {"r"}));
  inner->outputs.push_back({"r", {}, "", "", ""});
  captured.input("flag", {}, DType::kBool);
  Attribute branch;
  branch.name = "then_branch";
  branch.type = Attribute::Type::kGraph;
  branch.value = inner;
  captured.node("If", {"flag"}, {"other"}, {branch}).output("other");
  expect_kept(captured.model(), "F43");
}

TEST(FoldRefuses, AnythingButALayerBefore) {
  ModelBuilder relu = conv_and_batch_norm();
  auto& nodes = relu.model().graph.nodes;
  nodes.insert(nodes.begin() + 1, plain_node("Relu", {"c"}, {"r"}));
  nodes[2].inputs[0] = "r";
  expect_kept(relu.model(), "F87");
  ModelBuilder alone = conv_and_batch_norm();
  node(alone, 1).inputs[0] = "x";
  alone.output("c");
  expect_kept(alone.model(), "F115");
}

TEST(FoldRefuses, ParametersThatAreNotConstant) {
  ModelBuilder computed = conv_and_batch_norm();
  auto& nodes = computed.model().graph.nodes;
  computed.input("shift", {2});
  nodes.insert(nodes.begin(), plain_node("Add", {"mean", "shift"}, {"mean2"}));
  nodes[2].inputs[3] = "mean2";
  expect_kept(computed.model(), "F17");
  ModelBuilder overridable = conv_and_batch_norm();
  overridable.input("w", {2, 1, 1, 1});
  expect_kept(overridable.model(), "F56");
  ModelBuilder missing = conv_and_batch_norm();
  node(missing, 1).inputs[4] = "";
  expect_kept(missing.model(), "F18");
  ModelBuilder bias = conv_and_batch_norm();
  bias.input("given", {2});
  node(bias, 0).inputs[2] = "given";
  expect_kept(bias.model(), "F34");
}

TEST(FoldRefuses, ParametersThatAreBroken) {
  const auto with = [](const std::string& name, Tensor tensor) {
    ModelBuilder builder = conv_and_batch_norm();
    initializer(builder, name).tensor = std::move(tensor);
    return builder.model();
  };
  expect_kept(with("mean", Tensor::of<float>({2}, {1, NAN})), "F24");
  expect_kept(with("w", Tensor::of<float>({2, 1, 1, 1}, {1, INFINITY})), "F24");
  expect_kept(with("var", Tensor::of<float>({2}, {3, -2})), "F21");
  expect_kept(with("var", Tensor::of<float>({2}, {3, -1})), "F23");
  expect_kept(with("mean", Tensor::of<float>({1}, {1})), "F19");
  expect_kept(with("w", Tensor::of<float>({3, 1, 1, 1}, {1, 2, 3})), "F19");
  expect_kept(with("w", Tensor::of<float>({2, 1, 1, 1}, {3e38F, 1})), "F28");
}

TEST(Fold, OldModelsLoseTheirConstantInputs) {
  ModelBuilder builder = conv_and_batch_norm();
  builder.model().ir_version = 3;
  for (const char* name : {"w", "b", "scale", "bias", "mean", "var"}) builder.input(name, {2});
  const FoldResult result = folded(builder.model());
  EXPECT_EQ(result.map.folded(), 1);
  EXPECT_EQ(result.folded.ir_version, 4);
  ASSERT_EQ(result.folded.graph.inputs.size(), 1U);
}

TEST(Fold, TwiceIsOnceAndAlwaysTheSame) {
  const Model model = small_lenet();
  const FoldResult first = folded(model);
  EXPECT_EQ(first.map.folded(), 4);
  const FoldResult again = folded(model);
  EXPECT_EQ(to_text(first.folded), to_text(again.folded));
  const FoldResult second = folded(first.folded);
  EXPECT_EQ(second.map.entries.size(), 0U);
  EXPECT_EQ(to_text(second.folded), to_text(first.folded));
}

TEST(Fold, FoldsInnerGraphsOverTheConstantsAround) {
  ModelBuilder builder = conv_and_batch_norm();
  auto inner = std::make_shared<Graph>(builder.model().graph);
  inner->inputs.clear();
  for (Node& part : inner->nodes) part.outputs[0] += "_inner";
  inner->nodes[1].inputs[0] += "_inner";
  inner->outputs[0].name = "y_inner";
  inner->initializers.clear();
  Attribute branch;
  branch.name = "then_branch";
  branch.type = Attribute::Type::kGraph;
  branch.value = inner;
  builder.input("flag", {}, DType::kBool).node("If", {"flag"}, {"other"}, {branch}).output("other");
  const FoldResult result = folded(builder.model());
  ASSERT_EQ(result.map.entries.size(), 2U);
  EXPECT_TRUE(result.map.entries[1].folded) << result.map.entries[1].reason;
  EXPECT_EQ(result.map.entries[1].graph, "other.then_branch");
  const Attribute* body = result.folded.graph.nodes.back().attribute("then_branch");
  const Graph& after = *std::get<std::shared_ptr<Graph>>(body->value);
  EXPECT_EQ(after.nodes.size(), 1U);
  EXPECT_EQ(after.initializers.size(), 2U);
  EXPECT_EQ(inner->nodes.size(), 2U);
  const Attribute* before = result.source.graph.nodes.back().attribute("then_branch");
  EXPECT_EQ(std::get<std::shared_ptr<Graph>>(before->value)->nodes.size(), 2U);
}

}  // namespace
}  // namespace pleat
