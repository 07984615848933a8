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

}  // namespace
}  // namespace pleat
