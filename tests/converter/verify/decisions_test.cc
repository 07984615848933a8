#include "converter/verify/decisions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "converter/verify/end_to_end.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

Node node_of(const std::string& op, std::vector<Attribute> attributes = {}) {
  ModelBuilder builder;
  builder.node(op, {"x"}, {"y"}, std::move(attributes));
  return builder.model().graph.nodes[0];
}

DecisionCount count(const Node& node, const Tensor& unfolded, const Tensor& folded, std::vector<Tensor> inputs,
                    double tolerance, std::int64_t opset = 17) {
  return count_decisions({node, opset, node.outputs[0], unfolded, folded, std::move(inputs), tolerance});
}

Tensor doubles(Shape shape, const std::vector<double>& values) { return Tensor::of(std::move(shape), values); }

TEST(Decisions, FloorIsJudgedByTheDistanceToWholeNumbers) {
  const Tensor x = doubles({4}, {0.5, 2.999, 3.001, -1.25});
  const auto floor_of = [](std::vector<float> values) { return Tensor::of(Shape{4}, values); };
  const auto same = count(node_of("Floor"), floor_of({0, 2, 3, -2}), floor_of({0, 2, 3, -2}), {x}, 0.01);
  EXPECT_EQ(same.decisions, 4);
  EXPECT_EQ(same.flipped, 0);
  EXPECT_EQ(same.close, 2);
  EXPECT_NEAR(same.smallest_margin, 0.001, 1e-12);
  const auto close = count(node_of("Floor"), floor_of({0, 2, 3, -2}), floor_of({0, 3, 3, -2}), {x}, 0.01);
  EXPECT_EQ(close.flipped, 1);
  EXPECT_EQ(close.unexplained, 0);
  const auto wrong = count(node_of("Floor"), floor_of({0, 2, 3, -2}), floor_of({1, 2, 3, -2}), {x}, 0.01);
  EXPECT_EQ(wrong.unexplained, 1);
}

TEST(Decisions, EveryBorderLiesWhereTheOperatorJumps) {
  const auto margin = [](const Node& node, double x, const Tensor& made) {
    return count(node, made, made, {doubles({1}, {x})}, 0).smallest_margin;
  };
  const Tensor number = Tensor::of<float>({1}, {0}), whole = Tensor::of<std::int64_t>({1}, {0});
  const Node to_int = node_of("Cast", {Attribute::integer("to", static_cast<int>(DType::kInt64))});
  const Node to_bool = node_of("Cast", {Attribute::integer("to", static_cast<int>(DType::kBool))});
  EXPECT_DOUBLE_EQ(margin(node_of("Ceil"), 1.75, number), 0.25);
  EXPECT_DOUBLE_EQ(margin(node_of("Round"), 1.75, number), 0.25);
  EXPECT_DOUBLE_EQ(margin(node_of("Round"), -0.75, number), 0.25);
  EXPECT_DOUBLE_EQ(margin(node_of("Sign"), -0.125, number), 0.125);
  EXPECT_DOUBLE_EQ(margin(to_int, 0.25, whole), 0.75) << "truncation has no border at 0";
  EXPECT_DOUBLE_EQ(margin(to_int, -2.25, whole), 0.25);
  EXPECT_DOUBLE_EQ(margin(to_bool, 0.25, Tensor::of<bool>({1}, {true})), 0.25);
  EXPECT_DOUBLE_EQ(margin(node_of("ThresholdedRelu"), 0.5, number), 0.5);
  EXPECT_DOUBLE_EQ(margin(node_of("Shrink", {Attribute::number("lambd", 2)}), -1.5, number), 0.5);
}

TEST(Decisions, ComparisonsBroadcast) {
  const Tensor a = doubles({2, 2}, {1, 2, 3, 4}), b = doubles({2}, {1.5, 4.25});
  const Tensor less = Tensor::of<bool>({2, 2}, {true, true, false, true});
  const Tensor other = Tensor::of<bool>({2, 2}, {true, true, false, false});
  const auto one = count(node_of("Less"), less, other, {a, b}, 0.3);
  EXPECT_EQ(one.decisions, 4);
  EXPECT_EQ(one.flipped, 1);
  EXPECT_EQ(one.unexplained, 0);
  EXPECT_DOUBLE_EQ(one.smallest_margin, 0.25);
  EXPECT_EQ(count(node_of("Less"), less, other, {a, b}, 0.2).unexplained, 1);
}

TEST(Decisions, ArgMaxIsJudgedByTheLeadOfTheWinner) {
  const Tensor x = doubles({2, 3}, {1, 3, 2.5, 7, 7.001, 0});
  const Node node = node_of("ArgMax", {Attribute::integer("axis", 1)});
  const Tensor a = Tensor::of<std::int64_t>({2, 1}, {1, 1}), b = Tensor::of<std::int64_t>({2, 1}, {1, 0});
  const auto close = count(node, a, b, {x}, 0.01);
  EXPECT_EQ(close.decisions, 2);
  EXPECT_EQ(close.flipped, 1);
  EXPECT_EQ(close.close, 1);
  EXPECT_EQ(close.unexplained, 0);
  EXPECT_NEAR(close.smallest_margin, 0.001, 1e-12);
  EXPECT_DOUBLE_EQ(close.tolerance, 0.02) << "both the winner and the second may be off";
  EXPECT_EQ(count(node, a, b, {x}, 1e-4).unexplained, 1);
  const Node least = node_of("ArgMin", {Attribute::integer("axis", 1)});
  const Tensor c = Tensor::of<std::int64_t>({2, 1}, {0, 2});
  EXPECT_DOUBLE_EQ(count(least, c, c, {x}, 0).smallest_margin, 1.5);
}

TEST(Decisions, HardmaxBeforeOpset13SpansTheAxesBehind) {
  const Tensor x = doubles({1, 2, 2}, {1, 3, 2.5, 0});
  const Tensor hot = Tensor::of<float>({1, 2, 2}, {0, 1, 0, 0});
  const auto old = count(node_of("Hardmax"), hot, hot, {x}, 0, 11);
  EXPECT_EQ(old.decisions, 1);
  EXPECT_DOUBLE_EQ(old.smallest_margin, 0.5);
  const Tensor rows = Tensor::of<float>({1, 2, 2}, {0, 1, 1, 0});
  EXPECT_EQ(count(node_of("Hardmax"), rows, rows, {x}, 0, 13).decisions, 2);
}

TEST(Decisions, TopKIsJudgedPlaceByPlace) {
  const Tensor x = doubles({1, 4}, {5, 1, 4.9, 3});
  const Node node = node_of("TopK");
  const Tensor a = Tensor::of<std::int64_t>({1, 2}, {0, 2}), b = Tensor::of<std::int64_t>({1, 2}, {2, 0});
  const auto swapped = count(node, a, b, {x}, 0.06);
  EXPECT_EQ(swapped.decisions, 2);
  EXPECT_EQ(swapped.flipped, 2);
  EXPECT_EQ(swapped.unexplained, 0);
  EXPECT_EQ(count(node, a, b, {x}, 0.01).unexplained, 2);
}

TEST(Decisions, QuantizedValuesJumpHalfWayBetweenSteps) {
  const Node node = node_of("QuantizeLinear", {Attribute::integer("axis", 0)});
  const Tensor x = doubles({2, 2}, {0.4, 1000, 0.9, 0.1}), scale = doubles({2}, {1, 2});
  const Tensor zero = Tensor::of<std::int8_t>({2}, {0, 0});
  const Tensor y = Tensor::of<std::int8_t>({2, 2}, {0, 127, 0, 0});
  const auto steps = count(node, y, y, {x, scale, zero}, 0.15);
  EXPECT_EQ(steps.decisions, 4);
  EXPECT_EQ(steps.close, 2) << "0.4 is 0.1 from 0.5, and 0.9 of step 2 is 0.1 from 1; 1000 is saturated";
  EXPECT_NEAR(steps.smallest_margin, 0.1, 1e-12);
}

TEST(Decisions, AreFoundWhereDataDecidesAndBothNetworksHoldThem) {
  ModelBuilder builder;
  builder.input("x", {-1, 3}).output("y").constant("half", Tensor::of<float>({1}, {0.5F}));
  builder.node("Floor", {"half"}, {"of a constant"})
      .node("Shape", {"x"}, {"shape"})
      .node("Cast", {"shape"}, {"size"}, {Attribute::integer("to", static_cast<int>(DType::kInt32))})
      .node("Greater", {"x", "half"}, {"above"})
      .node("Cast", {"above"}, {"number"}, {Attribute::integer("to", static_cast<int>(DType::kFloat))})
      .node("Floor", {"number"}, {"y"});
  const Graph& graph = builder.model().graph;
  const auto found = find_decisions(graph, graph);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].outputs, std::vector<std::string>{"above"});
  EXPECT_EQ(found[0].unfolded_inputs, std::vector<std::string>{"x"});
  EXPECT_EQ(found[1].outputs, std::vector<std::string>{"y"});
  Graph other = graph;
  other.nodes[3].op_type = "Less";
  EXPECT_EQ(find_decisions(graph, other).size(), 1U);
}

/// y = (floor(x·w·1000))·v: whether the folded w is a little off decides some floors.
Model steps(float w) {
  ModelBuilder builder;
  builder.input("x", {-1, 1}).output("y").output("steps").constant("w", Tensor::of<float>({1, 1}, {w}));
  builder.constant("v", Tensor::of<float>({1, 1}, {0.3F}));
  builder.node("MatMul", {"x", "w"}, {"z"}).node("Floor", {"z"}, {"steps"}).node("MatMul", {"steps", "v"}, {"y"});
  return builder.model();
}

Verdict compared(const Model& unfolded, const Model& folded, const Tensor& x) {
  const NamedTensors inputs{{"x", x}};
  SampleSet set;
  set.name = "given";
  set.batches = set.samples = 1;
  Verdict verdict;
  auto rungs = EndToEnd::create(unfolded, folded, 1).value();
  const Status done = rungs->compare(inputs, set, 0);
  EXPECT_TRUE(done.has_value()) << done.error().text();
  verdict.rungs = rungs->reports();
  rungs->fill(verdict);
  return verdict;
}

TEST(DecisionMargins, CloseFlipsAreReportedAndWhatFollowsIsStillChecked) {
  // 3·(1/3) rounds to 1 in float; the next smaller weight stays below 1.
  const float third = 1.0F / 3;
  const Tensor x = Tensor::of<float>({3, 1}, {3, 1.6F, -5});
  const Model model = steps(third), folded = steps(std::nextafter(third, 0.0F));
  const Verdict verdict = compared(model, folded, x);
  EXPECT_TRUE(verdict.rungs[0].passed) << verdict.rungs[0].text;
  EXPECT_TRUE(verdict.rungs[1].passed) << verdict.rungs[1].text;
  ASSERT_EQ(verdict.margins.size(), 1U);
  const DecisionMargin& margin = verdict.margins[0];
  EXPECT_EQ(margin.node, "steps");
  EXPECT_EQ(margin.decisions, 3);
  EXPECT_EQ(margin.flipped, 1);
  EXPECT_EQ(margin.unexplained, 0);
  EXPECT_LT(margin.smallest_margin, margin.tolerance);
  EXPECT_NEAR(verdict.outputs[0].max_abs_difference, 0.3, 1e-6) << "the difference is shown as it is";
  EXPECT_LT(verdict.outputs[0].folded_error, 1e-6) << "but judged from the same decision on";

  Model wrong_behind = folded;
  wrong_behind.graph.initializers[1].tensor = Tensor::of<float>({1, 1}, {0.31F});
  EXPECT_FALSE(compared(model, wrong_behind, x).rungs[0].passed);
}

TEST(DecisionMargins, WrongDecisionsFail) {
  const Tensor x = Tensor::of<float>({3, 1}, {3, 1.6F, -5});
  const Verdict verdict = compared(steps(1), steps(1.5F), x);
  EXPECT_FALSE(verdict.rungs[0].passed);
  EXPECT_GT(verdict.margins[0].unexplained, 0);
}

TEST(DecisionMargins, TheSameInputMustBeDecidedAlike) {
  // Greater against another constant: on one input both nodes differ, though no value before them does.
  const auto above = [](float border) {
    ModelBuilder builder;
    builder.input("x", {-1, 1}).output("y", DType::kBool).constant("w", Tensor::of<float>({1, 1}, {2}));
    builder.constant("border", Tensor::of<float>({1}, {border}));
    builder.node("MatMul", {"x", "w"}, {"z"}).node("Greater", {"z", "border"}, {"y"});
    return builder.model();
  };
  const Tensor x = Tensor::of<float>({2, 1}, {0.5F, 4});
  EXPECT_TRUE(compared(above(1), above(1), x).rungs[0].passed);
  const Verdict verdict = compared(above(1), above(std::nextafter(1.0F, 0.0F)), x);
  EXPECT_FALSE(verdict.rungs[0].passed);
  EXPECT_EQ(verdict.margins[0].unexplained, 1);
}

}  // namespace
}  // namespace pleat
