#include "runtime/graph/patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/graph/text.h"
#include "runtime/graph/uses.h"
#include "tests/runtime/graph/graph_fixture.h"

namespace pleat {
namespace {

using test::constant;
using test::conv_bn_relu;
using test::inner_graph;
using test::node;
using test::value;
using ::testing::ElementsAre;

Patch fold() {
  Patch patch;
  patch.reason = "fold b into c";
  patch.remove_nodes = {1, 0};
  patch.add_nodes = {node("Conv", {"x", "w_folded"}, {"b"})};
  patch.add_initializers = {constant("w_folded")};
  return patch;
}

/// Applies a patch that must fail and leave the graph as it was.
void expect_refused(const Patch& patch, Graph graph) {
  const std::string before = to_text(graph);
  const auto status = apply(patch, graph);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().where, ::testing::HasSubstr(patch.reason));
  EXPECT_EQ(to_text(graph), before);
}

TEST(Uses, CountsReadersAndCaptures) {
  Graph deepest;
  deepest.nodes = {node("Add", {"w", "local"}, {"d"})};
  deepest.outputs = {value("d")};
  Graph inner;
  inner.inputs = {value("local")};
  Node nested = node("If", {"local"}, {"e"});
  nested.attributes = {inner_graph("then_branch", deepest)};
  inner.nodes = {nested};
  inner.outputs = {value("c")};
  Graph graph = conv_bn_relu();
  Node loop = node("Loop", {"x"}, {"l"});
  loop.attributes = {inner_graph("body", inner)};
  graph.nodes.push_back(loop);
  EXPECT_THAT(captures(inner), ElementsAre("c", "w"));
  const Uses uses(graph);
  ASSERT_EQ(uses.readers("w").size(), 2U);
  EXPECT_EQ(uses.readers("w")[0].input, 1);
  EXPECT_EQ(uses.readers("w")[1].node, 3U);
  EXPECT_EQ(uses.readers("w")[1].input, -1);
  EXPECT_EQ(uses.readers("c").size(), 2U) << "an inner graph may hand out an outer value";
  EXPECT_TRUE(uses.readers("local").empty());
  EXPECT_EQ(uses.producer("b"), 1U);
  EXPECT_EQ(uses.producer("x"), std::nullopt);
  EXPECT_TRUE(uses.is_graph_output("y"));
  EXPECT_FALSE(uses.is_graph_output("b"));
}

TEST(Patch, ReplacesNodesAndDropsTheirConstants) {
  Graph graph = conv_bn_relu();
  graph.initializers.push_back(constant("unread"));
  graph.value_info = {value("c"), value("b")};
  ASSERT_TRUE(apply(fold(), graph));
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0].inputs[1], "w_folded");
  EXPECT_EQ(graph.nodes[1].op_type, "Relu");
  ASSERT_EQ(graph.initializers.size(), 2U) << "what was unread before stays";
  EXPECT_EQ(graph.initializers[0].name, "unread");
  ASSERT_EQ(graph.value_info.size(), 1U);
  EXPECT_EQ(graph.value_info[0].name, "b");
}

TEST(Patch, ReplacesANodeInItsPlace) {
  Graph graph = conv_bn_relu();
  graph.value_info = {value("c"), value("b"), value("x2")};
  Patch patch;
  patch.reason = "rename and rewire";
  patch.replace_nodes = {{2, node("Relu", {"b2"}, {"y"})}, {1, node("Mul", {"c", "s2"}, {"b2"})}};
  patch.add_initializers = {constant("s2")};
  ASSERT_TRUE(apply(patch, graph));
  ASSERT_EQ(graph.nodes.size(), 3U);
  EXPECT_EQ(graph.nodes[1].op_type, "Mul");
  EXPECT_EQ(graph.nodes[2].inputs[0], "b2");
  EXPECT_EQ(graph.initializer("s"), nullptr) << "read by the old node only";
  ASSERT_NE(graph.initializer("s2"), nullptr);
  ASSERT_EQ(graph.value_info.size(), 2U) << "that of the renamed output leaves";
  EXPECT_EQ(graph.value_info[0].name, "c");
}

TEST(Patch, PlacesAddedNodesByTheRemovedElseTheReplaced) {
  Graph graph = conv_bn_relu();
  Patch patch;
  patch.replace_nodes = {{1, node("BatchNormalization", {"n", "s"}, {"b"})}};
  patch.add_nodes = {node("Neg", {"c"}, {"n"})};
  ASSERT_TRUE(apply(patch, graph));
  ASSERT_EQ(graph.nodes.size(), 4U);
  EXPECT_EQ(graph.nodes[1].op_type, "Neg");
  graph = conv_bn_relu();
  patch = {};
  patch.replace_nodes = {{0, node("Conv", {"x", "w"}, {"c2"})}};
  patch.remove_nodes = {1};
  patch.add_nodes = {node("Neg", {"c2"}, {"b"})};
  ASSERT_TRUE(apply(patch, graph));
  ASSERT_EQ(graph.nodes.size(), 3U);
  EXPECT_EQ(graph.nodes[0].outputs[0], "c2");
  EXPECT_EQ(graph.nodes[1].op_type, "Neg");
}

TEST(Patch, RefusesAReplacementThatBreaksTheGraph) {
  Patch patch;
  patch.replace_nodes = {{7, node("Relu", {"b"}, {"y"})}};
  expect_refused(patch, conv_bn_relu());
  patch.replace_nodes = {{2, node("Relu", {"b"}, {"y"})}, {2, node("Neg", {"b"}, {"y"})}};
  expect_refused(patch, conv_bn_relu());
  patch.replace_nodes = {{2, node("Relu", {"b"}, {"y"})}};
  patch.remove_nodes = {2};
  expect_refused(patch, conv_bn_relu());
  patch.remove_nodes.clear();
  patch.replace_nodes = {{1, node("Mul", {"c", "s"}, {"renamed"})}};
  expect_refused(patch, conv_bn_relu());
  patch.replace_nodes = {{1, node("Mul", {"c", "s"}, {"w"})}};
  expect_refused(patch, conv_bn_relu());
  patch.replace_nodes = {{1, node("Mul", {"y", "s"}, {"b"})}};
  expect_refused(patch, conv_bn_relu());
}

TEST(Patch, KeepsConstantsThatAreReadElsewhere) {
  Graph graph = conv_bn_relu();
  graph.inputs.push_back(value("w"));
  Graph inner;
  inner.outputs = {value("s")};
  Node branch = node("If", {"x"}, {"i"});
  branch.attributes = {inner_graph("then_branch", inner)};
  graph.nodes.push_back(branch);
  ASSERT_TRUE(apply(fold(), graph));
  EXPECT_NE(graph.initializer("w"), nullptr) << "an input of the graph";
  EXPECT_NE(graph.initializer("s"), nullptr) << "captured by an inner graph";
}

TEST(Patch, MayTurnAValueIntoAConstant) {
  Graph graph = conv_bn_relu();
  Patch patch;
  patch.remove_nodes = {0};
  patch.add_initializers = {constant("c")};
  ASSERT_TRUE(apply(patch, graph));
  EXPECT_NE(graph.initializer("c"), nullptr);
  EXPECT_EQ(graph.initializer("w"), nullptr);
}

TEST(Patch, IsRefusedWhole) {
  Patch patch = fold();
  patch.remove_nodes = {0, 7};
  expect_refused(patch, conv_bn_relu());
  patch.remove_nodes = {0, 0};
  expect_refused(patch, conv_bn_relu());
  patch = fold();
  patch.add_initializers[0].name = "s";
  expect_refused(patch, conv_bn_relu());
  patch = fold();
  patch.add_nodes.push_back(node("Relu", {"b"}, {"y"}));
  expect_refused(patch, conv_bn_relu());
  patch = fold();
  patch.add_nodes[0].outputs = {"other"};
  expect_refused(patch, conv_bn_relu());
  patch = fold();
  patch.add_nodes[0].inputs[1] = "nothing";
  expect_refused(patch, conv_bn_relu());
  patch = fold();
  patch.remove_nodes = {2};
  patch.add_nodes.clear();
  expect_refused(patch, conv_bn_relu());
}

TEST(Patch, WorksInsideAnInnerGraphThatReadsOuterValues) {
  Graph inner;
  inner.nodes = {node("Neg", {"outer"}, {"n"}), node("Neg", {"n"}, {"m"})};
  inner.outputs = {value("m")};
  Patch patch;
  patch.remove_nodes = {0, 1};
  patch.add_nodes = {node("Identity", {"outer"}, {"m"})};
  ASSERT_TRUE(apply(patch, inner));
  EXPECT_EQ(inner.nodes.size(), 1U);
}

TEST(FreshName, AvoidsEveryName) {
  Graph graph = conv_bn_relu();
  graph.nodes[0].name = "b_1";
  EXPECT_EQ(fresh_name(graph, "q"), "q");
  EXPECT_EQ(fresh_name(graph, "b"), "b_2");
}

TEST(FreshName, AvoidsEveryNameOfAModel) {
  Model model;
  model.graph = conv_bn_relu();
  Graph inner;
  inner.nodes = {node("Neg", {"x"}, {"b_1"})};
  inner.outputs = {value("b_1")};
  model.graph.nodes[0].attributes = {inner_graph("body", inner)};
  Function function;
  function.name = "F";
  function.inputs = {"b_2"};
  function.outputs = {"b_3"};
  function.nodes = {node("Neg", {"b_2"}, {"b_3"})};
  function.nodes[0].name = "b_4";
  model.functions = {function};
  EXPECT_EQ(fresh_name(model, "b"), "b_5");
  EXPECT_EQ(fresh_name(model.graph, "b"), "b_2");
}

}  // namespace
}  // namespace pleat
