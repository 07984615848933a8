#include "runtime/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/model_builder.h"

namespace pleat {
namespace {

using testing::HasSubstr;
using Kind = Plan::Place::Kind;

std::shared_ptr<const Plan> planned(const ModelBuilder& builder, const PlanOptions& options = {}) {
  auto plan = Plan::make(builder.share(), options);
  EXPECT_TRUE(plan.has_value()) << plan.error().text();
  return plan ? *plan : nullptr;
}

void expect_refused(const ModelBuilder& builder, const PlanOptions& options, ErrorCode code, const std::string& part) {
  const auto plan = Plan::make(builder.share(), options);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().code, code) << plan.error().text();
  EXPECT_THAT(plan.error().text(), HasSubstr(part));
}

ModelBuilder doubled() {
  ModelBuilder builder;
  builder.input("x", {-1, 3}).output("y").node("Add", {"x", "x"}, {"y"});
  return builder;
}

TEST(Plan, BindsShapes) {
  EXPECT_EQ(planned(doubled())->inputs()[0].shape, (Shape{1, 3}));
  PlanOptions batch;
  batch.open_size = 5;
  EXPECT_EQ(planned(doubled(), batch)->outputs()[0].shape, (Shape{5, 3}));
  PlanOptions given;
  given.input_shapes["x"] = {2, 3};
  EXPECT_EQ(planned(doubled(), given)->outputs()[0].shape, (Shape{2, 3}));
}

TEST(Plan, ANamedSizeIsOneSize) {
  ModelBuilder builder;
  builder.input("a", {-1, 1}).input("b", {-1, 1}).output("y").node("Add", {"a", "b"}, {"y"});
  for (ValueInfo& input : builder.model().graph.inputs) (*input.type.shape)[0].param = "N";
  PlanOptions one;
  one.input_shapes["a"] = {4, 1};
  EXPECT_EQ(planned(builder, one)->inputs()[1].shape, (Shape{4, 1}));
  PlanOptions two = one;
  two.input_shapes["b"] = {5, 1};
  expect_refused(builder, two, ErrorCode::kInvalid, "'N' has two values");
}

TEST(Plan, RefusesShapesThatDoNotFit) {
  PlanOptions options;
  options.input_shapes["x"] = {2, 4};
  expect_refused(doubled(), options, ErrorCode::kInvalid, "[?,3]");
  options.input_shapes["x"] = {3};
  expect_refused(doubled(), options, ErrorCode::kInvalid, "input 'x'");
  options.input_shapes["x"] = {-1, 3};
  expect_refused(doubled(), options, ErrorCode::kUsage, "negative");
  options.input_shapes = {{"z", {1, 3}}};
  expect_refused(doubled(), options, ErrorCode::kUsage, "'x'");
  ModelBuilder unknown_rank = doubled();
  unknown_rank.model().graph.inputs[0].type.shape.reset();
  expect_refused(unknown_rank, {}, ErrorCode::kUsage, "does not declare the shape");
}

TEST(Plan, RefusesOptionsThatMakeNoSense) {
  PlanOptions options;
  options.threads = 0;
  expect_refused(doubled(), options, ErrorCode::kUsage, "threads");
  options = {};
  options.open_size = -1;
  expect_refused(doubled(), options, ErrorCode::kUsage, "negative");
  options = {};
  options.also_output = {"yy"};
  expect_refused(doubled(), options, ErrorCode::kUsage, "'y'");
  const auto nothing = Plan::make(nullptr);
  ASSERT_FALSE(nothing.has_value());
  EXPECT_EQ(nothing.error().code, ErrorCode::kUsage);
}

TEST(Plan, AnInputWithAnInitializerIsNotAskedFor) {
  for (std::int64_t ir_version : {3, 8}) {
    ModelBuilder builder;
    builder.input("x", {2}).input("w", {2}).constant("w", Tensor::of<float>({2}, {1, 2})).output("y");
    builder.node("Add", {"x", "w"}, {"y"}).model().ir_version = ir_version;
    EXPECT_EQ(planned(builder)->inputs().size(), 1u);
    PlanOptions ask;
    ask.input_shapes["w"] = {2};
    EXPECT_EQ(planned(builder, ask)->inputs().size(), 2u);
  }
}

TEST(Plan, ComputesConstantsAndDropsWhatNobodyReads) {
  ModelBuilder builder;
  builder.input("x", {2}).output("y").constant("a", Tensor::of<float>({2}, {1, 2}));
  builder.node("Add", {"a", "a"}, {"b"}).node("Mul", {"b", "a"}, {"c"}).node("Add", {"x", "c"}, {"y"});
  builder.node("NoSuchOperator", {"x"}, {"unread"});
  const auto plan = planned(builder);
  ASSERT_EQ(plan->steps().size(), 1u);
  ASSERT_EQ(plan->constants().size(), 1u);
  EXPECT_EQ(plan->constants()[0].data<float>()[1], 8.0f);
}

TEST(Plan, ViewsAndInPlaceStepsTakeNoMemory) {
  ModelBuilder builder;
  builder.input("x", {1, 64}).output("y").constant("one", Tensor::scalar(1.0f));
  builder.node("Add", {"x", "one"}, {"a"}).node("Flatten", {"a"}, {"b"}).node("Mul", {"b", "one"}, {"c"});
  builder.node("Add", {"c", "one"}, {"y"});
  const auto plan = planned(builder);
  EXPECT_EQ(plan->steps().size(), 3u);
  EXPECT_EQ(plan->arena_bytes(), 512u);
  EXPECT_EQ(plan->live_peak_bytes(), 512u);
  PlanOptions apart;
  apart.share_memory = false;
  const auto wide = planned(builder, apart);
  EXPECT_EQ(wide->steps().size(), 4u);
  EXPECT_EQ(wide->arena_bytes(), 5 * 256u);
}

TEST(Plan, AValueStillReadIsNotOverwritten) {
  ModelBuilder builder;
  builder.input("x", {64}).output("y").constant("one", Tensor::scalar(1.0f));
  builder.node("Add", {"x", "one"}, {"a"}).node("Add", {"a", "one"}, {"b"}).node("Mul", {"a", "b"}, {"y"});
  const auto plan = planned(builder);
  const auto offset = [&](std::size_t step) { return plan->places()[plan->steps()[step].outputs[0]].offset; };
  EXPECT_NE(offset(0), offset(1));
}

TEST(Plan, AnOutputIsNeverAnInputsMemory) {
  ModelBuilder builder;
  builder.input("x", {2}).output("x").output("y").output("z").node("Identity", {"x"}, {"y"});
  builder.node("Identity", {"y"}, {"z"});
  const auto plan = planned(builder);
  ASSERT_EQ(plan->outputs().size(), 3u);
  const std::size_t input = plan->places()[plan->input_places()[0]].offset;
  for (std::size_t place : plan->output_places()) EXPECT_NE(plan->places()[place].offset, input);
}

TEST(Plan, HandsOutInnerValuesAndConstants) {
  ModelBuilder builder;
  builder.input("x", {2}).output("y").constant("c", Tensor::of<float>({2}, {1, 2}));
  builder.node("Add", {"x", "c"}, {"inner"}).node("Add", {"inner", "c"}, {"y"});
  PlanOptions options;
  options.also_output = {"inner", "c", "y"};
  const auto plan = planned(builder, options);
  ASSERT_EQ(plan->outputs().size(), 3u);
  EXPECT_EQ(plan->outputs()[1].name, "inner");
  EXPECT_EQ(plan->places()[plan->output_places()[2]].kind, Kind::kConstant);
}

TEST(Plan, ErrorsNameNodeAndValues) {
  ModelBuilder builder;
  builder.input("x", {2}).input("z", {3}).output("y").node("Add", {"x", "z"}, {"y"});
  expect_refused(builder, {}, ErrorCode::kInvalid, "node 'y' (Add)");
  expect_refused(builder, {}, ErrorCode::kInvalid, "'z' float[3]");
  ModelBuilder unknown;
  unknown.input("x", {2}).output("y").node("NoSuchOperator", {"x"}, {"y"});
  expect_refused(unknown, {}, ErrorCode::kUnsupported, "NoSuchOperator");
  ModelBuilder foreign = doubled();
  foreign.model().graph.nodes[0].domain = "com.example";
  expect_refused(foreign, {}, ErrorCode::kUnsupported, "com.example");
  ModelBuilder two = doubled();
  two.model().graph.nodes[0].outputs = {"y", "more"};
  two.output("more");
  expect_refused(two, {}, ErrorCode::kInvalid, "output number 2");
  ModelBuilder wrong_type = doubled();
  wrong_type.model().graph.outputs[0].type.dtype = DType::kInt64;
  expect_refused(wrong_type, {}, ErrorCode::kInvalid, "declared type");
}

TEST(Plan, RefusesTypesThatDoNotRun) {
  ModelBuilder strings;
  strings.input("x", {2}, DType::kString).output("y", DType::kString).node("Identity", {"x"}, {"y"});
  expect_refused(strings, {}, ErrorCode::kUnsupported, "input 'x'");
  ModelBuilder constants;
  constants.input("x", {2}).constant("s", Tensor{}).output("y").node("Add", {"x", "s"}, {"y"});
  expect_refused(constants, {}, ErrorCode::kUnsupported, "initializer 's'");
}

TEST(Plan, SizesBeyondMemoryAreResourceErrors) {
  for (std::int64_t size : {std::int64_t{1} << 40, std::int64_t{1} << 59, INT64_MAX / 2, INT64_MAX}) {
    PlanOptions options;
    options.input_shapes["x"] = {size, 3};
    const auto plan = Plan::make(doubled().share(), options);
    ASSERT_FALSE(plan.has_value()) << size;
    EXPECT_EQ(plan.error().code, ErrorCode::kResource) << plan.error().text();
  }
}

}  // namespace
}  // namespace pleat
