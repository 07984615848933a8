#include "converter/verify/samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "converter/verify/input_sizes.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

std::vector<SampleSet> made_for(const Model& model, const GeneratedSamples& options = {}) {
  auto sets = generated_samples(model, options);
  EXPECT_TRUE(sets.has_value()) << (sets ? "" : sets.error().text());
  return sets ? std::move(*sets) : std::vector<SampleSet>{};
}

std::vector<double> values(const SampleSet& set, const std::string& input, std::int64_t batch = 0) {
  return to_doubles(set.batch(batch).value().at(input)).value();
}

/// Zero padding 1 and the size left open.
Model open_size_model() {
  ModelBuilder builder;
  builder.input("x", {-1, 2, -1, -1}).output("y").constant("w", random_tensor({3, 2, 3, 3}, 1));
  builder.node("Conv", {"x", "w"}, {"y"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  return builder.model();
}

TEST(GeneratedSamples, AreFiveKindsOfSixteenForSmallNetworks) {
  const auto sets = made_for(small_lenet());
  ASSERT_EQ(sets.size(), 5U);
  const char* names[] = {"normal", "uniform", "constant", "impulses", "large mean"};
  std::set<std::uint64_t> seeds;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    EXPECT_EQ(sets[i].name, names[i]);
    EXPECT_EQ(sets[i].samples, 16);
    EXPECT_EQ(sets[i].batches, 1);
    EXPECT_EQ(sets[i].batch(0)->at("x").shape(), (Shape{16, 1, 16, 16}));
    seeds.insert(sets[i].seed);
  }
  EXPECT_EQ(seeds.size(), 5U);
  EXPECT_TRUE(seeds.count(GeneratedSamples{}.seed));
}

TEST(GeneratedSamples, AreTheSameForEqualSeedsAndDifferForOthers) {
  const Model model = small_lenet();
  const auto first = made_for(model), again = made_for(model);
  GeneratedSamples other;
  other.seed = 7;
  const auto different = made_for(model, other);
  EXPECT_EQ(values(first[0], "x"), values(first[0], "x"));
  EXPECT_EQ(values(first[0], "x"), values(again[0], "x"));
  EXPECT_NE(values(first[0], "x"), values(different[0], "x"));
}

TEST(GeneratedSamples, BatchesOfOneSetDiffer) {
  Model model = small_lenet();
  model.graph.inputs[0].type.shape->front().value = 4;
  const auto sets = made_for(model);
  EXPECT_EQ(sets[0].batches, 4);
  EXPECT_EQ(sets[0].samples, 16);
  EXPECT_NE(values(sets[0], "x", 0), values(sets[0], "x", 1));
}

TEST(GeneratedSamples, AreWhatTheirNamesSay) {
  const auto sets = made_for(small_lenet());
  const auto normal = values(sets[0], "x"), uniform = values(sets[1], "x"), constant = values(sets[2], "x"),
             large = values(sets[4], "x");
  const auto mean = [](const std::vector<double>& list) {
    return std::accumulate(list.begin(), list.end(), 0.0) / static_cast<double>(list.size());
  };
  EXPECT_NEAR(mean(normal), 0, 0.06);
  EXPECT_LT(*std::ranges::min_element(normal), -2);
  EXPECT_GE(*std::ranges::min_element(uniform), 0);
  EXPECT_LT(*std::ranges::max_element(uniform), 1);
  EXPECT_NEAR(mean(large), 5, 0.02);
  EXPECT_GT(*std::ranges::min_element(large), 4);
  for (std::size_t row = 0; row < 16; ++row)
    for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(constant[row * 256 + i], constant[row * 256]);
  EXPECT_EQ(constant[0], 1);
  EXPECT_EQ(constant[256], 0);
}

TEST(GeneratedSamples, ImpulsesStandAtEveryCornerAndBorder) {
  const auto impulses = values(made_for(small_lenet())[3], "x");
  std::set<std::size_t> at;
  for (std::size_t row = 0; row < 16; ++row) {
    int set = 0;
    for (std::size_t i = 0; i < 256; ++i)
      if (impulses[row * 256 + i] != 0) {
        EXPECT_EQ(std::fabs(impulses[row * 256 + i]), 1);
        at.insert(i);
        ++set;
      }
    EXPECT_EQ(set, 1);
  }
  for (const std::size_t place : {0U, 15U, 240U, 255U, 8U, 128U, 143U, 248U, 136U})
    EXPECT_TRUE(at.count(place)) << place;
}

TEST(GeneratedSamples, OneSampleHoldsAllImpulsesWhereThereIsOnlyOne) {
  GeneratedSamples one;
  one.samples = 1;
  const auto impulses = values(made_for(small_lenet(), one)[3], "x");
  EXPECT_EQ(std::ranges::count_if(impulses, [](double v) { return v != 0; }), 9);
}

TEST(GeneratedSamples, OpenSizesDifferFromAxisToAxis) {
  const Shape shape = made_for(open_size_model())[0].batch(0)->at("x").shape();
  ASSERT_EQ(shape.rank(), 4);
  EXPECT_EQ(shape[1], 2);
  EXPECT_EQ(std::set<std::int64_t>(shape.begin(), shape.end()).size(), 4U) << shape.text();
}

TEST(GeneratedSamples, OpenSizesThatDoNotRunGiveWayToUsualOnes) {
  // Flatten and a Gemm of 2·32·32 rows leave one size only.
  Model model = open_size_model();
  model.graph.nodes[0].outputs[0] = "c";
  ModelBuilder tail;
  tail.constant("m", random_tensor({3 * 32 * 32, 4}, 5)).node("Flatten", {"c"}, {"f"}).node("Gemm", {"f", "m"}, {"y"});
  model.graph.initializers.push_back(tail.model().graph.initializers[0]);
  for (const Node& node : tail.model().graph.nodes) model.graph.nodes.push_back(node);
  const auto sets = made_for(model);
  ASSERT_FALSE(sets.empty());
  EXPECT_EQ(sets[0].batch(0)->at("x").shape(), (Shape{16, 2, 32, 32}));
  model.graph.initializers.back().tensor = random_tensor({3 * 31 * 33, 4}, 5);
  const auto none = generated_samples(model);
  ASSERT_FALSE(none.has_value());
  EXPECT_NE(none.error().text().find("--shape"), std::string::npos) << none.error().text();
  GeneratedSamples given;
  given.shapes["x"] = Shape{2, 2, 31, 33};
  const auto shaped = made_for(model, given);
  EXPECT_EQ(shaped[0].samples, 16);
  EXPECT_EQ(shaped[0].batches, 8);
}

TEST(GeneratedSamples, ANameIsOneSize) {
  ModelBuilder builder;
  builder.input("a", {-1, -1}).input("b", {-1, -1}).output("y").node("Add", {"a", "b"}, {"y"});
  for (ValueInfo& input : builder.model().graph.inputs) {
    (*input.type.shape)[0].param = "rows";
    (*input.type.shape)[1].param = "columns";
  }
  const NamedTensors batch = made_for(builder.model())[0].batch(0).value();
  EXPECT_EQ(batch.at("a").shape(), batch.at("b").shape());
  EXPECT_NE(to_doubles(batch.at("a")).value(), to_doubles(batch.at("b")).value());
}

TEST(GeneratedSamples, AModelThatHoldsToOneSampleInsideGetsThemOneByOne) {
  Model model = open_size_model();
  model.graph.inputs[0].type.shape->at(2).value = model.graph.inputs[0].type.shape->at(3).value = 4;
  model.graph.nodes[0].outputs[0] = "c";
  ModelBuilder tail;
  tail.constant("s", Tensor::of<std::int64_t>({2}, {1, 48})).node("Reshape", {"c", "s"}, {"y"});
  model.graph.initializers.push_back(tail.model().graph.initializers[0]);
  model.graph.nodes.push_back(tail.model().graph.nodes[0]);
  const auto sets = made_for(model);
  ASSERT_FALSE(sets.empty());
  EXPECT_EQ(sets[0].batches, 16);
  EXPECT_EQ(sets[0].samples, 16);
  EXPECT_EQ(sets[0].batch(3)->at("x").shape()[0], 1);
}

TEST(GeneratedSamples, LargeNetworksGetOneOfEachKind) {
  // 64·64·9 products for each of 64·192·192 outputs are 1.36 G.
  ModelBuilder builder;
  builder.input("x", {-1, 64, 192, 192}).output("y").constant("w", random_tensor({64, 64, 3, 3}, 1, -0.1, 0.1));
  builder.node("Conv", {"x", "w"}, {"y"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  const auto sets = made_for(builder.model());
  EXPECT_EQ(sets[0].samples, 1);
  const auto sizes = find_input_sizes(builder.model(), {}, 1);
  EXPECT_EQ(sizes->macs, 64LL * 64 * 9 * 192 * 192);
}

TEST(GeneratedSamples, WholeNumbersAreSmall) {
  ModelBuilder builder;
  builder.input("i", {5}, DType::kInt64).input("u", {300}, DType::kUint8).input("b", {40}, DType::kBool);
  builder.output("y", DType::kInt64).output("v", DType::kUint8).output("c", DType::kBool);
  builder.node("Identity", {"i"}, {"y"}).node("Identity", {"u"}, {"v"}).node("Identity", {"b"}, {"c"});
  for (const SampleSet& set : made_for(builder.model()))
    for (std::int64_t b = 0; b < set.batches; ++b) {
      const auto indices = values(set, "i", b), bytes = values(set, "u", b), truths = values(set, "b", b);
      EXPECT_LE(*std::ranges::max_element(indices), 3);
      EXPECT_GE(*std::ranges::min_element(indices), 0);
      EXPECT_GT(*std::ranges::max_element(bytes), 100);
      EXPECT_EQ(*std::ranges::max_element(truths), 1);
      EXPECT_EQ(*std::ranges::min_element(truths), 0);
    }
}

TEST(GeneratedSamples, AnUndeclaredShapeIsAskedFor) {
  Model model = small_lenet();
  model.graph.inputs[0].type.shape.reset();
  const auto none = generated_samples(model);
  ASSERT_FALSE(none.has_value());
  EXPECT_NE(none.error().text().find("--shape x="), std::string::npos) << none.error().text();
  GeneratedSamples given;
  given.shapes["x"] = Shape{1, 1, 16, 16};
  EXPECT_EQ(made_for(model, given).size(), 5U);
}

TEST(GeneratedSamples, AMissingOperatorIsToldAtOnce) {
  Model model = small_lenet();
  model.graph.nodes[0].op_type = "NoSuchOperator";
  const auto none = generated_samples(model);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kUnsupported);
}

TEST(SampleSets, AreCutIntoBatches) {
  const auto set = sample_set(small_lenet(), "given", random_tensor({5, 1, 16, 16}, 9), 2);
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->batches, 3);
  EXPECT_EQ(set->batch(2)->at("x").shape(), (Shape{1, 1, 16, 16}));
}

}  // namespace
}  // namespace pleat
