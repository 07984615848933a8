#include "converter/engine/opencv.h"

#include <gtest/gtest.h>

#include "tests/support/hand_fold.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

std::vector<SampleSet> samples_for(const Model& model) { return generated_samples(model).value(); }

/// A model of IR 8 whose outputs have a shape, as OpenCV wants it.
Model whole(Model model, std::int64_t classes = 10) {
  model.graph.name = "test";
  for (ValueInfo& output : model.graph.outputs) {
    output.type.shape.emplace();
    output.type.shape->resize(2);
    (*output.type.shape)[1].value = classes;
  }
  return model;
}

class OpenCv : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto report = compare_with_opencv(whole(small_lenet()), {}, 1);
    if (!report && report.error().code == ErrorCode::kUnsupported) GTEST_SKIP() << report.error().text();
  }
};

TEST_F(OpenCv, AgreesOnUnfoldedAndFoldedNetworks) {
  const Model model = whole(small_lenet());
  for (const Model& each : {model, whole(hand_fold(model))}) {
    const auto report = compare_with_opencv(each, samples_for(each), 1);
    ASSERT_TRUE(report.has_value()) << report.error().text();
    EXPECT_TRUE(report->ran) << report->refusal;
    EXPECT_EQ(report->engine.substr(0, 7), "OpenCV ");
    ASSERT_EQ(report->outputs.size(), 5U);
    for (const EngineFigures& figures : report->outputs) {
      EXPECT_EQ(figures.output, "y");
      EXPECT_EQ(figures.compared, 160);
      EXPECT_LE(figures.engine_error, figures.allowed) << figures.samples;
      EXPECT_GT(figures.allowed, 0);
    }
    EXPECT_TRUE(report->agrees());
  }
}

TEST_F(OpenCv, TellsWhatItCannotLoad) {
  Model model = whole(small_lenet());
  model.graph.nodes[2].op_type = "Hardmax";
  const auto report = compare_with_opencv(model, samples_for(model), 1);
  ASSERT_TRUE(report.has_value()) << report.error().text();
  if (report->ran) GTEST_SKIP() << "this OpenCV knows the operator";
  EXPECT_FALSE(report->refusal.empty());
  EXPECT_EQ(report->refusal.find('\n'), std::string::npos);
  EXPECT_FALSE(report->agrees());
}

TEST_F(OpenCv, TakesFloatOnly) {
  ModelBuilder builder;
  builder.input("x", {2, 3}, DType::kInt64).output("y", DType::kInt64).node("Identity", {"x"}, {"y"});
  const auto report = compare_with_opencv(builder.model(), samples_for(builder.model()), 1);
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_NE(report->refusal.find("int64"), std::string::npos) << report->refusal;
}

TEST_F(OpenCv, WithoutSamplesNothingAgrees) {
  const auto report = compare_with_opencv(whole(small_lenet()), {}, 1);
  ASSERT_TRUE(report.has_value());
  EXPECT_FALSE(report->agrees());
}

}  // namespace
}  // namespace pleat
