#include "runtime/session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/support/model_builder.h"

namespace pleat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<float> floats(const TensorView& view) {
  const float* data = view.as<float>();
  return {data, data + view.elements()};
}

/// y = (x + 1) * x, reshaped to a column.
ModelBuilder polynomial() {
  ModelBuilder builder;
  builder.input("x", {-1, 2}).output("y");
  builder.constant("one", Tensor::scalar(1.0f)).constant("column", Tensor::of<std::int64_t>({2}, {-1, 1}));
  builder.node("Add", {"x", "one"}, {"sum"}).node("Mul", {"sum", "x"}, {"product"});
  builder.node("Reshape", {"product", "column"}, {"y"});
  return builder;
}

std::unique_ptr<Session> session_of(const std::shared_ptr<const Model>& model, const PlanOptions& options = {}) {
  auto plan = Plan::make(model, options);
  EXPECT_TRUE(plan.has_value()) << plan.error().text();
  if (!plan) return nullptr;
  auto session = Session::create(*plan, {options.threads});
  EXPECT_TRUE(session.has_value()) << session.error().text();
  return session ? std::move(*session) : nullptr;
}

TEST(Session, RunsAndKeepsInputs) {
  const auto session = session_of(polynomial().share());
  ASSERT_NE(session, nullptr);
  const Tensor x = Tensor::of<float>({1, 2}, {2, 3});
  ASSERT_TRUE(session->set_input("x", x.view()).has_value());
  for (int run = 0; run < 3; ++run) {
    session->run();
    EXPECT_EQ(*session->output(0).shape, (Shape{2, 1}));
    EXPECT_THAT(floats(session->output(0)), ElementsAre(6, 12));
  }
  EXPECT_THAT(floats(session->input(0)), ElementsAre(2, 3));
}

TEST(Session, RefusesValuesThatDoNotFit) {
  const auto session = session_of(polynomial().share());
  ASSERT_NE(session, nullptr);
  const auto refusal = [&](std::string_view name, const Tensor& value) {
    const Status status = session->set_input(name, value.view());
    return status ? std::string("accepted") : status.error().text();
  };
  EXPECT_THAT(refusal("x", Tensor::of<float>({2, 1}, {2, 3})), HasSubstr("float[1,2]"));
  EXPECT_THAT(refusal("x", Tensor::of<double>({1, 2}, {2, 3})), HasSubstr("double[1,2]"));
  EXPECT_THAT(refusal("nobody", Tensor::scalar(1.0f)), HasSubstr("'x'"));
  EXPECT_THAT(refusal("x", Tensor{}), HasSubstr("no value"));
}

TEST(Session, RefusesMoreThreadsThanPlanned) {
  const auto plan = Plan::make(polynomial().share());
  ASSERT_TRUE(plan.has_value());
  for (int threads : {2, 0, -1}) {
    const auto session = Session::create(*plan, {threads});
    ASSERT_FALSE(session.has_value());
    EXPECT_EQ(session.error().code, ErrorCode::kUsage);
  }
  EXPECT_FALSE(Session::create(nullptr).has_value());
}

TEST(Session, ProfilesEveryStep) {
  const auto session = session_of(polynomial().share());
  ASSERT_NE(session, nullptr);
  std::vector<std::int64_t> nanoseconds(session->plan().steps().size(), -1);
  session->run_profiled(nanoseconds);
  EXPECT_THAT(nanoseconds, testing::Each(testing::Ge(0)));
}

TEST(Session, SessionsOfOnePlanRunSideBySide) {
  PlanOptions options;
  options.threads = 2;
  options.input_shapes["x"] = {30000, 2};
  const auto plan = Plan::make(polynomial().share(), options);
  ASSERT_TRUE(plan.has_value());
  const auto work = [&](float value, bool& right) {
    auto session = Session::create(*plan, {2});
    if (!session) return;
    const auto count = static_cast<std::size_t>((*session)->input(0).elements());
    std::fill_n((*session)->input(0).as<float>(), count, value);
    right = true;
    for (int run = 0; run < 20; ++run) {
      (*session)->run();
      for (float y : floats((*session)->output(0))) right = right && y == (value + 1) * value;
    }
  };
  bool first = false, second = false;
  std::thread other([&] { work(2, second); });
  work(3, first);
  other.join();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
}

TEST(Evaluate, GivesAllOutputsByName) {
  PlanOptions options;
  options.also_output = {"sum"};
  const auto outputs = evaluate(polynomial().share(), {{"x", Tensor::of<float>({1, 2}, {2, 3})}}, options);
  ASSERT_TRUE(outputs.has_value()) << outputs.error().text();
  EXPECT_THAT(floats(outputs->at("y").view()), ElementsAre(6, 12));
  EXPECT_THAT(floats(outputs->at("sum").view()), ElementsAre(3, 4));
}

TEST(Evaluate, OverridesADefault) {
  const std::map<std::string, Tensor> inputs = {{"x", Tensor::of<float>({2}, {1, 2})}};
  ModelBuilder builder;
  builder.input("x", {2}).input("w", {2}).constant("w", Tensor::of<float>({2}, {10, 20})).output("y");
  builder.node("Add", {"x", "w"}, {"y"});
  EXPECT_THAT(floats(evaluate(builder.share(), inputs)->at("y").view()), ElementsAre(11, 22));
  auto both = inputs;
  both["w"] = inputs.at("x");
  EXPECT_THAT(floats(evaluate(builder.share(), both)->at("y").view()), ElementsAre(2, 4));
}

TEST(Evaluate, TellsWhatIsMissingOrWrong) {
  const auto missing = evaluate(polynomial().share(), {});
  ASSERT_FALSE(missing.has_value());
  EXPECT_THAT(missing.error().text(), HasSubstr("'x'"));
  const auto wrong = evaluate(polynomial().share(), {{"x", Tensor::of<double>({1, 2}, {2, 3})}});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalid);
}

TEST(Evaluate, MemorySharingDoesNotChangeTheResult) {
  ModelBuilder builder;
  builder.input("x", {2, 3}).output("y").output("x").constant("c", Tensor::scalar(3.0f));
  builder.node("Mul", {"x", "c"}, {"a"}).node("Transpose", {"a"}, {"t"}).node("Flatten", {"t"}, {"f"});
  builder.node("Add", {"f", "t"}, {"g"}).node("Sub", {"g", "f"}, {"h"}).node("Identity", {"h"}, {"i"});
  builder.node("Concat", {"i", "f"}, {"y"}, {Attribute::integer("axis", 0)});
  const std::map<std::string, Tensor> inputs = {{"x", Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6})}};
  PlanOptions apart;
  apart.share_memory = false;
  const auto shared = evaluate(builder.share(), inputs), separate = evaluate(builder.share(), inputs, apart);
  ASSERT_TRUE(shared.has_value() && separate.has_value());
  EXPECT_THAT(floats(shared->at("y").view()), ElementsAre(3, 12, 6, 15, 9, 18, 3, 12, 6, 15, 9, 18));
  EXPECT_EQ(floats(shared->at("y").view()), floats(separate->at("y").view()));
  EXPECT_THAT(floats(shared->at("x").view()), ElementsAre(1, 2, 3, 4, 5, 6));
}

}  // namespace
}  // namespace pleat
