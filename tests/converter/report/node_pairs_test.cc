#include "converter/report/node_pairs.h"

#include <gtest/gtest.h>

#include "tests/support/model_builder.h"

namespace pleat {
namespace {

Graph graph_of(ModelBuilder& builder) { return builder.model().graph; }

TEST(NodePairs, MatchesByNameThenByInputThenByOutput) {
  ModelBuilder before;
  before.node("Conv", {"x", "w"}, {"c"}).node("BatchNormalization", {"c"}, {"b"}).node("Relu", {"b"}, {"y"});
  ModelBuilder after;
  after.node("Conv", {"x", "w2", "b2"}, {"b"}).node("Relu", {"b"}, {"y"}).node("Mul", {"y"}, {"z"});
  Graph old_graph = graph_of(before);
  Graph new_graph = graph_of(after);
  new_graph.nodes[0].name = "";
  const auto pairs = paired(old_graph, new_graph);
  ASSERT_EQ(pairs.size(), 4U);
  EXPECT_EQ(pairs[0].after, &new_graph.nodes[0]) << "the nameless one reads the same";
  EXPECT_FALSE(pairs[0].same());
  EXPECT_EQ(pairs[1].after, nullptr);
  EXPECT_TRUE(pairs[2].same());
  EXPECT_EQ(pairs[3].before, nullptr);
  EXPECT_EQ(pairs[3].after, &new_graph.nodes[2]);
}

TEST(NodePairs, NeverUsesANodeTwice) {
  ModelBuilder before;
  before.node("Relu", {"x"}, {"a"}).node("Relu", {"x"}, {"b"});
  ModelBuilder after;
  after.node("Relu", {"x"}, {"d"}).node("Relu", {"x"}, {"e"}).node("Relu", {"x"}, {"f"});
  const Graph old_graph = graph_of(before);
  const Graph new_graph = graph_of(after);
  const auto pairs = paired(old_graph, new_graph);
  ASSERT_EQ(pairs.size(), 3U);
  EXPECT_EQ(pairs[0].after, &new_graph.nodes[0]);
  EXPECT_EQ(pairs[1].after, &new_graph.nodes[1]);
  EXPECT_EQ(pairs[2].after, &new_graph.nodes[2]);
}

}  // namespace
}  // namespace pleat
