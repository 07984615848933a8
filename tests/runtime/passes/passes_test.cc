#include "runtime/passes/passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/session/session.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_network.h"

namespace pleat {
namespace {

constexpr unsigned kNetworks = 40;

std::set<std::string> all_names() {
  std::set<std::string> names;
  for (const Pass& pass : all_passes()) names.insert(std::string(pass.name));
  return names;
}

Tensor images(const RandomNetwork& network, std::int64_t batch) {
  const Shape shape(network.input_dims(batch));
  return Tensor::of<float>(shape, random_values<float>(shape.elements(), 3));
}

std::vector<float> answer(const RandomNetwork& network, const Tensor& x, const PlanOptions& options) {
  auto outputs = evaluate(network.share(), {{"x", x}}, options);
  EXPECT_TRUE(outputs.has_value()) << outputs.error().text();
  if (!outputs) return {};
  const auto y = outputs->at("y").data<float>();
  return {y.begin(), y.end()};
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// The nodes one by one, row-major, with nothing fused, are what the passes must repeat.
TEST(Passes, LeaveEveryBitOfRandomNetworks) {
  for (unsigned seed = 0; seed < kNetworks; ++seed) {
    SCOPED_TRACE(seed);
    const RandomNetwork network(seed);
    const Tensor x = images(network, 1 + seed % 2);
    PlanOptions plain;
    plain.exact = true;
    plain.without_passes = all_names();
    const std::vector<float> expected = answer(network, x, plain);
    PlanOptions exact;
    exact.exact = true;
    EXPECT_TRUE(same(answer(network, x, exact), expected));
    exact.share_memory = false;
    EXPECT_TRUE(same(answer(network, x, exact), expected)) << "each value in memory of its own";
    for (const std::string& name : all_names()) {
      PlanOptions one_less;
      one_less.exact = true;
      one_less.without_passes = {name};
      EXPECT_TRUE(same(answer(network, x, one_less), expected)) << "without " << name;
    }
  }
}

/// Winograd's algorithm rounds differently, but like everything else in one way only.
TEST(Passes, GiveTheSameBitsForAnyThreadsBatchAndInstructionSet) {
  for (unsigned seed = 0; seed < kNetworks / 4; ++seed) {
    SCOPED_TRACE(seed);
    const RandomNetwork network(seed);
    const Tensor pair = images(network, 2);
    const std::size_t half = static_cast<std::size_t>(pair.elements()) / 2;
    const Tensor first = Tensor::of<float>(Shape(network.input_dims(1)), pair.data<float>().first(half));
    std::vector<float> expected;
    for_each_isa([&](Isa isa) {
      for (int threads : {1, 2}) {
        if (isa == Isa::kReference && threads > 1) continue;  // slow, and the split is that of the others
        PlanOptions options;
        options.threads = threads;
        const std::vector<float> both = answer(network, pair, options);
        if (expected.empty()) expected = both;
        EXPECT_TRUE(same(both, expected)) << threads << " threads";
        std::vector<float> alone = answer(network, first, options);
        alone.insert(alone.end(), expected.begin() + static_cast<std::ptrdiff_t>(alone.size()), expected.end());
        EXPECT_TRUE(same(alone, expected)) << threads << " threads, alone";
      }
    });
  }
}

std::vector<std::string> step_types(const ModelBuilder& builder, const PlanOptions& options = {}) {
  std::vector<std::string> types;
  const auto plan = Plan::make(builder.share(), options).value();
  for (const Plan::Step& step : plan->steps()) types.push_back(step.op_type);
  return types;
}

Tensor weights(Shape shape) {
  const std::int64_t elements = shape.elements();
  return Tensor::of<float>(std::move(shape), random_values<float>(elements, 1));
}

TEST(Passes, AResidualBlockIsItsConvolutions) {
  ModelBuilder builder;
  builder.input("x", {1, 16, 14, 14}).output("y").constant("w", weights({16, 16, 3, 3}));
  const auto padded = Attribute::integers("pads", {1, 1, 1, 1});
  builder.node("Conv", {"x", "w"}, {"a"}, {padded}).node("Relu", {"a"}, {"b"});
  builder.node("Conv", {"b", "w"}, {"c"}, {padded}).node("Add", {"c", "b"}, {"d"}).node("Relu", {"d"}, {"y"});
  EXPECT_EQ(step_types(builder), (std::vector<std::string>{"Reorder", "Conv", "Conv", "Reorder"}));
}

TEST(Passes, AnExpansionAndItsDepthwiseConvolutionAreOneStep) {
  const auto types = [](bool inner_is_read) {
    ModelBuilder builder;
    builder.input("x", {1, 16, 14, 14}).output("y").constant("w", weights({64, 16, 1, 1}));
    builder.constant("v", weights({64, 1, 3, 3})).constant("b", weights({64})).constant("u", weights({16, 64, 1, 1}));
    builder.node("Conv", {"x", "w", "b"}, {"a"}).node("Relu", {"a"}, {"c"});
    builder.node("Conv", {"c", "v", "b"}, {"d"},
                 {Attribute::integer("group", 64), Attribute::integers("pads", {1, 1, 1, 1})});
    builder.node("Relu", {"d"}, {"e"});
    if (inner_is_read) builder.node("Add", {"e", "c"}, {"f"});
    builder.node("Conv", {inner_is_read ? "f" : "e", "u"}, {"g"}).node("Add", {"g", "x"}, {"y"});
    return step_types(builder);
  };
  EXPECT_EQ(types(false), (std::vector<std::string>{"Reorder", "Conv", "Conv", "Reorder"}));
  EXPECT_EQ(types(true), (std::vector<std::string>{"Reorder", "Conv", "Conv", "Add", "Conv", "Reorder"}));
}

TEST(Passes, AFirstLayerAndItsPoolingAreOneStep) {
  const auto types = [](bool pool_reads_alone) {
    ModelBuilder builder;
    builder.input("x", {1, 3, 20, 20}).output("y").constant("w", weights({16, 3, 3, 3}));
    builder.node("Conv", {"x", "w"}, {"a"}).node("Relu", {"a"}, {"b"});
    builder.node("MaxPool", {"b"}, {"c"}, {Attribute::integers("kernel_shape", {2, 2})});
    if (!pool_reads_alone) builder.node("GlobalMaxPool", {"b"}, {"d"}).node("Mul", {"c", "d"}, {"e"});
    builder.node("Relu", {pool_reads_alone ? "c" : "e"}, {"y"});
    return step_types(builder);
  };
  const auto count = [](const std::vector<std::string>& all, const std::string& type) {
    return std::count(all.begin(), all.end(), type);
  };
  EXPECT_EQ(count(types(true), "Conv"), 1);
  EXPECT_EQ(count(types(true), "MaxPool"), 0);
  EXPECT_EQ(count(types(false), "MaxPool"), 1);
}

TEST(Passes, AReaderMayOmitItsFirstOutput) {
  ModelBuilder builder;
  builder.input("x", {2, 8}).output("y", DType::kInt64);
  builder.constant("k", Tensor::of<std::int64_t>(Shape{1}, std::vector<std::int64_t>{3}));
  builder.node("Relu", {"x"}, {"a"}).node("TopK", {"a", "k"}, {"", "y"});
  EXPECT_EQ(step_types(builder), (std::vector<std::string>{"Relu", "TopK"}));
}

TEST(Passes, ANormalisationAndTheConvolutionOfItsPixelsAreOneStep) {
  const auto types = [](std::int64_t kernel) {
    ModelBuilder builder;
    builder.input("x", {1, 16, 14, 14}).output("y").constant("w", weights({32, 16, kernel, kernel}));
    builder.constant("v", weights({16, 16, 1, 1})).constant("s", weights({16}));
    builder.node("Conv", {"x", "v"}, {"a"}).node("Relu", {"a"}, {"b"});
    builder.node("BatchNormalization", {"b", "s", "s", "s", "one"}, {"c"}).node("Relu", {"c"}, {"d"});
    builder.constant("one", Tensor::of<float>(Shape{16}, std::vector<float>(16, 1)));
    builder.node("Conv", {"d", "w"}, {"y"});
    return step_types(builder);
  };
  EXPECT_EQ(types(1), (std::vector<std::string>{"Reorder", "Conv", "Conv", "Reorder"}));
  EXPECT_EQ(types(3), (std::vector<std::string>{"Reorder", "Conv", "BatchNormalization", "Conv", "Reorder"}));
}

TEST(Passes, PlanesTurnToChannelsLastAndBack) {
  ModelBuilder builder;
  builder.input("x", {1, 20, 9, 11}).output("y").constant("w", weights({20, 1, 3, 3})).constant("v", weights({20, 20}));
  const std::vector<Attribute> depthwise = {Attribute::integer("group", 20), Attribute::integers("pads", {1, 1, 1, 1})};
  builder.node("Conv", {"x", "w"}, {"a"}, depthwise);
  builder.node("Transpose", {"a"}, {"b"}, {Attribute::integers("perm", {0, 2, 3, 1})});
  builder.node("MatMul", {"b", "v"}, {"c"});
  builder.node("Transpose", {"c"}, {"d"}, {Attribute::integers("perm", {0, 3, 1, 2})});
  builder.node("Add", {"d", "a"}, {"e"}).node("Conv", {"e", "w"}, {"y"}, depthwise);
  EXPECT_EQ(step_types(builder), (std::vector<std::string>{"Reorder", "Conv", "Transpose", "MatMul", "Transpose", "Add",
                                                           "Conv", "Reorder"}));
  PlanOptions plain;
  plain.without_passes = all_names();
  const Tensor x = weights({1, 20, 9, 11});
  const auto on_planes = evaluate(builder.share(), {{"x", x}}).value();
  const auto expected = evaluate(builder.share(), {{"x", x}}, plain).value();
  const auto y = on_planes.at("y").data<float>(), z = expected.at("y").data<float>();
  EXPECT_EQ(std::memcmp(y.data(), z.data(), y.size_bytes()), 0);
}

/// x, a scaling, the order of the products and the number added to erf, as a graph.
ModelBuilder written_gelu(bool divides, int order, float one = 1) {
  ModelBuilder builder;
  builder.input("x", {4, 16}).output("y").constant("w", weights({16, 32})).constant("one", Tensor::scalar(one));
  builder.constant("half", Tensor::scalar(0.5F));
  builder.constant("root", Tensor::scalar(divides ? 0x1.6a09e6p+0F : 0x1.6a09e6p-1F));
  builder.node("MatMul", {"x", "w"}, {"m"}).node(divides ? "Div" : "Mul", {"m", "root"}, {"s"});
  builder.node("Erf", {"s"}, {"e"}).node("Add", {"one", "e"}, {"a"});
  if (order == 0) builder.node("Mul", {"m", "a"}, {"p"}).node("Mul", {"p", "half"}, {"y"});
  if (order == 1) builder.node("Mul", {"a", "half"}, {"p"}).node("Mul", {"p", "m"}, {"y"});
  if (order == 2) builder.node("Mul", {"half", "m"}, {"p"}).node("Mul", {"p", "a"}, {"y"});
  return builder;
}

TEST(Passes, WrittenOutGeluEndsAProduct) {
  // Products of every size, up to where x·(1 + erf) overflows and x/2 does not.
  std::vector<float> values = random_values<float>(64, 9);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::ldexp(values[i], i < 16 ? 127 : i < 32 ? 1 : i < 48 ? -10 : -130);
  const Tensor x = Tensor::of<float>({4, 16}, values);
  for (const bool divides : {false, true})
    for (int order = 0; order < 3; ++order) {
      SCOPED_TRACE(testing::Message() << (divides ? "divided, order " : "multiplied, order ") << order);
      const ModelBuilder builder = written_gelu(divides, order);
      EXPECT_EQ(step_types(builder), std::vector<std::string>{"MatMul"});
      PlanOptions plain;
      plain.without_passes = all_names();
      const auto joined = evaluate(builder.share(), {{"x", x}}).value();
      const auto expected = evaluate(builder.share(), {{"x", x}}, plain).value();
      const auto y = joined.at("y").data<float>(), z = expected.at("y").data<float>();
      EXPECT_EQ(std::memcmp(y.data(), z.data(), y.size_bytes()), 0);
    }
}

TEST(Passes, WhatIsNotGeluStaysWrittenOut) {
  EXPECT_GT(step_types(written_gelu(true, 0, 2)).size(), 1U) << "2 + erf";
  PlanOptions options;
  options.also_output = {"e"};
  EXPECT_GT(step_types(written_gelu(true, 0), options).size(), 1U) << "erf is asked for";
}

TEST(Passes, AnInnerValueAskedForStays) {
  ModelBuilder builder;
  builder.input("x", {1, 16, 14, 14}).output("y").constant("w", weights({16, 16, 1, 1}));
  builder.node("Conv", {"x", "w"}, {"a"}).node("Relu", {"a"}, {"y"});
  PlanOptions options;
  options.also_output = {"a"};
  const Tensor x = weights({1, 16, 14, 14});
  const auto both = evaluate(builder.share(), {{"x", x}}, options).value();
  const auto a = both.at("a").data<float>(), y = both.at("y").data<float>();
  bool any_negative = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    any_negative = any_negative || a[i] < 0;
    ASSERT_EQ(y[i], a[i] < 0 ? 0 : a[i]);
  }
  EXPECT_TRUE(any_negative);
}

TEST(Passes, PartsOfAConcatenationAreMadeInPlace) {
  ModelBuilder builder;
  builder.input("x", {1, 16, 8, 8}).output("y").constant("w", weights({16, 16, 1, 1}));
  builder.constant("v", weights({16, 32, 1, 1})).constant("u", weights({16, 48, 1, 1}));
  const auto channels = Attribute::integer("axis", 1);
  builder.node("Conv", {"x", "w"}, {"a"})
      .node("Conv", {"a", "w"}, {"b"})
      .node("Concat", {"a", "b"}, {"ab"}, {channels});
  builder.node("Conv", {"ab", "v"}, {"c"}).node("Concat", {"a", "b", "c"}, {"abc"}, {channels});
  builder.node("Conv", {"abc", "u"}, {"y"});
  EXPECT_EQ(step_types(builder), (std::vector<std::string>{"Reorder", "Conv", "Conv", "Conv", "Conv", "Reorder"}));
}

TEST(Passes, AnUnknownNameIsRefused) {
  ModelBuilder builder;
  builder.input("x", {1}).output("y").node("Relu", {"x"}, {"y"});
  PlanOptions options;
  options.without_passes = {"fuse_everything"};
  const auto plan = Plan::make(builder.share(), options);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace pleat
