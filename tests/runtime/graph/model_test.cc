#include "runtime/graph/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/graph/attributes.h"
#include "runtime/graph/text.h"
#include "tests/runtime/graph/graph_fixture.h"

namespace pleat {
namespace {

using test::constant;
using test::conv_bn_relu;
using test::inner_graph;
using test::node;
using test::value;
using ::testing::HasSubstr;

Model model_of(Graph graph) {
  Model model;
  model.opset_imports.push_back({"", 17});
  model.graph = std::move(graph);
  return model;
}

Error error_of(Graph graph) {
  auto status = check(model_of(std::move(graph)));
  EXPECT_FALSE(status);
  return status ? Error::internal("sound") : std::move(status).error();
}

TEST(Model, CheckAcceptsASoundGraph) {
  EXPECT_TRUE(check(model_of(conv_bn_relu())));
  Graph with_default = conv_bn_relu();
  with_default.inputs.push_back(value("w"));
  EXPECT_TRUE(check(model_of(with_default))) << "an initializer may be an input too";
}

TEST(Model, CheckNamesTheNode) {
  Graph graph = conv_bn_relu();
  std::swap(graph.nodes[0], graph.nodes[1]);
  EXPECT_THAT(error_of(graph).text(), HasSubstr("node 'b' (BatchNormalization)"));
  graph = conv_bn_relu();
  graph.nodes[2].outputs = {"c"};
  EXPECT_THAT(error_of(graph).text(), HasSubstr("node 'c' (Relu)"));
  graph = conv_bn_relu();
  graph.nodes[0].attributes = {Attribute::integer("group", 1), Attribute::integer("group", 2)};
  EXPECT_THAT(error_of(graph).text(), HasSubstr("'group' stands twice"));
}

TEST(Model, CheckRefusesDuplicatesAndMissingOutputs) {
  Graph graph = conv_bn_relu();
  graph.inputs.push_back(value("x"));
  EXPECT_THAT(error_of(graph).what, HasSubstr("two graph inputs"));
  graph = conv_bn_relu();
  graph.initializers.push_back(constant("w"));
  EXPECT_THAT(error_of(graph).what, HasSubstr("two initializers"));
  graph = conv_bn_relu();
  graph.outputs.push_back(value("z"));
  EXPECT_THAT(error_of(graph).what, HasSubstr("'z'"));
  Model model = model_of(conv_bn_relu());
  model.opset_imports.push_back({"ai.onnx", 13});
  EXPECT_FALSE(check(model));
}

TEST(Model, InnerGraphsSeeOuterNames) {
  Graph inner;
  inner.nodes = {node("Neg", {"c"}, {"n"})};
  inner.outputs = {value("n")};
  Graph graph = conv_bn_relu();
  Node branch = node("If", {"x"}, {"i"});
  branch.attributes = {inner_graph("then_branch", inner), inner_graph("else_branch", inner)};
  graph.nodes.push_back(branch);
  EXPECT_TRUE(check(model_of(graph)));
  std::rotate(graph.nodes.begin(), graph.nodes.end() - 1, graph.nodes.end());
  const std::string text = error_of(graph).text();
  EXPECT_THAT(text, HasSubstr("node 'i' (If): graph 'then_branch': node 'n' (Neg)")) << "c is not made yet";
}

TEST(Model, LooksUpOpsetsAndMetadata) {
  Model model = model_of({});
  EXPECT_EQ(model.opset(), 17);
  EXPECT_EQ(model.opset("ai.onnx"), 17);
  EXPECT_EQ(model.opset("ai.onnx.ml"), 0);
  Model old;
  old.ir_version = 2;
  EXPECT_EQ(old.opset(), 1) << "files before IR version 3 import nothing and mean opset 1";
  model.set_metadata("k", "a");
  model.set_metadata("k", "b");
  ASSERT_NE(model.metadata("k"), nullptr);
  EXPECT_EQ(*model.metadata("k"), "b");
  EXPECT_EQ(model.metadata_props.size(), 1U);
}

TEST(Attributes, ReadsTypesAndTellsWhatIsWrong) {
  Node conv = node("Conv", {"x"}, {"y"});
  conv.attributes = {Attribute::integer("group", 2), Attribute::integers("pads", {1, 2}),
                     Attribute::number("alpha", 0.5F), Attribute::text("auto_pad", "SAME")};
  AttributeReader reader(conv);
  EXPECT_EQ(reader.integer("group", 1), 2);
  EXPECT_EQ(reader.integers("pads"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(reader.number("alpha", 0), 0.5F);
  EXPECT_EQ(reader.number("beta", 3), 3.0F);
  EXPECT_FALSE(reader.tensor("value").present());
  EXPECT_THAT(reader.finish().error().text(), HasSubstr("'auto_pad'"));
  EXPECT_EQ(reader.text("auto_pad", ""), "SAME");
  EXPECT_TRUE(reader.finish());
  EXPECT_EQ(reader.integer("alpha", 9), 9);
  EXPECT_THAT(reader.finish().error().text(), HasSubstr("the attribute 'alpha'"));
  EXPECT_EQ(reader.finish().error().expected, "an int");
  EXPECT_EQ(reader.finish().error().got, "a float");
}

TEST(Text, IsStable) {
  Graph graph = conv_bn_relu();
  graph.nodes[0].name = "conv1";
  graph.nodes[0].attributes = {Attribute::integers("kernel_shape", {5, 5}), Attribute::integer("group", 1)};
  graph.nodes[2].outputs.push_back("");
  graph.inputs[0].type.dtype = DType::kFloat;
  Dim open;
  open.param = "N";
  graph.inputs[0].type.shape = {open, Dim{28, {}, {}, {}}};
  EXPECT_EQ(to_text(model_of(graph)),
            "ir_version 8, opset 17\n"
            "graph g {\n"
            "  input %x: float[N,28]\n"
            "  initializer %w: float[1]\n"
            "  initializer %s: float[1]\n"
            "  %c = Conv(%x, %w) {group=1, kernel_shape=[5,5]}  # conv1\n"
            "  %b = BatchNormalization(%c, %s)\n"
            "  %y, _ = Relu(%b)\n"
            "  output %y: ?\n"
            "}\n");
}

}  // namespace
}  // namespace pleat
