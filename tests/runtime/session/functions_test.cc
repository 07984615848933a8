// Models with model-local functions run like the models that have the nodes in place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/session/session.h"
#include "tests/support/model_builder.h"

namespace pleat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Node node(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs) {
  Node made;
  made.op_type = std::move(op);
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

/// y = Half(Half(x)) with Half(a) = a * 0.5, the constant being an attribute of the call.
ModelBuilder halves() {
  Function half;
  half.name = "Half";
  half.domain = "local";
  half.inputs = {"a"};
  half.outputs = {"b"};
  half.attributes = {"factor"};
  half.opset_imports = {{"", 17}};
  Node constant = node("Constant", {}, {"f"});
  Attribute factor;
  factor.name = "value_float";
  factor.type = Attribute::Type::kFloat;
  factor.ref_attr_name = "factor";
  constant.attributes = {factor};
  half.nodes = {constant, node("Mul", {"a", "f"}, {"b"})};
  ModelBuilder builder;
  builder.input("x", {2}).output("y");
  builder.node("Half", {"x"}, {"h"}, {Attribute::number("factor", 0.5F)});
  builder.node("Half", {"h"}, {"y"}, {Attribute::number("factor", 0.25F)});
  for (Node& call : builder.model().graph.nodes) call.domain = "local";
  builder.model().functions = {half};
  return builder;
}

TEST(Functions, Run) {
  const auto outputs = evaluate(halves().share(), {{"x", Tensor::of<float>({2}, {8, -4})}});
  ASSERT_TRUE(outputs) << outputs.error().text();
  EXPECT_THAT(outputs->at("y").data<float>(), ElementsAre(1.0F, -0.5F));
}

TEST(Functions, AnInnerValueCanBeHandedOut) {
  PlanOptions options;
  options.also_output = {"y.f"};
  const auto outputs = evaluate(halves().share(), {{"x", Tensor::of<float>({2}, {8, -4})}}, options);
  ASSERT_TRUE(outputs) << outputs.error().text();
  EXPECT_THAT(outputs->at("y.f").data<float>(), ElementsAre(0.25F));
}

TEST(Functions, OfAnotherOpsetAreRefused) {
  ModelBuilder builder = halves();
  builder.model().functions[0].opset_imports = {{"", 7}};
  const auto plan = Plan::make(builder.share());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(plan.error().text(), HasSubstr("version 7"));
}

}  // namespace
}  // namespace pleat
