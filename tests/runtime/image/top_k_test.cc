#include "runtime/image/top_k.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace pleat {
namespace {

TEST(Softmax, IsExactWhereItCanBe) {
  const auto p = softmax(std::vector<float>{1000, 1000, -INFINITY});
  ASSERT_TRUE(p);
  EXPECT_EQ((*p)[0], 0.5);
  EXPECT_EQ((*p)[2], 0.0);
  EXPECT_FALSE(softmax(std::vector<float>{1, NAN}));
  EXPECT_FALSE(softmax(std::vector<float>{1, INFINITY}));
  EXPECT_FALSE(softmax(std::vector<float>{-INFINITY}));
  EXPECT_FALSE(softmax({}));
}

TEST(TopK, OrdersByScoreThenIndex) {
  const std::vector<std::string> labels{"a", "b", "c", "d"};
  const auto best = top_k(std::vector<float>{1, 3, 2, 3}, false, labels, 3);
  ASSERT_TRUE(best) << best.error().text();
  ASSERT_EQ(best->size(), 3U);
  EXPECT_EQ((*best)[0].label, "b");
  EXPECT_EQ((*best)[1].label, "d");
  EXPECT_EQ((*best)[2].index, 2);
  EXPECT_NEAR((*best)[0].score, std::exp(0) / (2 + std::exp(-1) + std::exp(-2)), 1e-15);
}

TEST(TopK, PassesProbabilitiesThrough) {
  const auto best = top_k(std::vector<float>{0.25F, 0.75F}, true, {});
  ASSERT_EQ(best->size(), 2U);
  EXPECT_EQ((*best)[0].score, 0.75);
  EXPECT_EQ((*best)[0].label, "");
  EXPECT_FALSE(top_k(std::vector<float>{0.5F, NAN}, true, {}));
}

TEST(TopK, WantsALabelForEachClass) {
  EXPECT_FALSE(top_k(std::vector<float>{1, 2}, false, std::vector<std::string>{"a"}));
}

TEST(Labels, ComeFromMetadata) {
  Model model;
  EXPECT_TRUE(labels_of(model)->empty());
  model.set_metadata("pleat.labels", R"(["x","y"])");
  EXPECT_THAT(*labels_of(model), ::testing::ElementsAre("x", "y"));
  model.set_metadata("pleat.labels", "[1]");
  EXPECT_FALSE(labels_of(model));
  model.set_metadata("pleat.labels", "[");
  EXPECT_FALSE(labels_of(model));
}

}  // namespace
}  // namespace pleat
