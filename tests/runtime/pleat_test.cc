#include "runtime/pleat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/add_model.h"

namespace pleat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Predictor loaded(const LoadOptions& options = {}) {
  Predictor predictor;
  const Outcome outcome = Predictor::load_bytes(kAddModel, sizeof kAddModel, predictor, options);
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  return predictor;
}

TEST(Predictor, DescribesItsModel) {
  LoadOptions options;
  options.open_size = 4;
  const Predictor predictor = loaded(options);
  ASSERT_EQ(predictor.inputs().size(), 1u);
  const TensorInfo& input = predictor.inputs()[0];
  EXPECT_EQ(input.name, "x");
  EXPECT_EQ(input.type, "float");
  EXPECT_THAT(input.shape, ElementsAre(4, 3));
  EXPECT_EQ(input.elements, 12u);
  EXPECT_EQ(input.bytes, 48u);
  ASSERT_EQ(predictor.outputs().size(), 1u);
  EXPECT_EQ(predictor.outputs()[0].name, "y");
  ASSERT_NE(predictor.metadata("author"), nullptr);
  EXPECT_EQ(*predictor.metadata("author"), "test");
  EXPECT_EQ(predictor.metadata("nobody"), nullptr);
}

TEST(Predictor, Runs) {
  LoadOptions options;
  options.input_shapes["x"] = {2, 3};
  options.threads = 2;
  Predictor predictor = loaded(options);
  for (int i = 0; i < 6; ++i) predictor.input(0)[i] = static_cast<float>(10 * i);
  ASSERT_TRUE(predictor.run().ok());
  EXPECT_THAT(std::vector<float>(predictor.output(0), predictor.output(0) + 6), ElementsAre(1, 12, 23, 31, 42, 53));
}

TEST(Predictor, ClonesHaveMemoryOfTheirOwn) {
  Predictor first = loaded(), second;
  ASSERT_TRUE(first.clone(second).ok());
  first.input(0)[0] = 1;
  second.input(0)[0] = 5;
  ASSERT_TRUE(first.run().ok() && second.run().ok());
  EXPECT_EQ(first.output(0)[0], 2);
  EXPECT_EQ(second.output(0)[0], 6);
}

TEST(Predictor, WithoutAModelItFailsKindly) {
  Predictor empty, other;
  EXPECT_TRUE(empty.inputs().empty() && empty.outputs().empty());
  EXPECT_EQ(empty.run().code, Outcome::Code::kUsage);
  EXPECT_EQ(empty.clone(other).code, Outcome::Code::kUsage);
  EXPECT_EQ(empty.input(0), nullptr);
  EXPECT_EQ(empty.output(0), nullptr);
  EXPECT_EQ(empty.metadata("author"), nullptr);
}

TEST(Predictor, AFailedLoadLeavesTheOldModel) {
  Predictor predictor = loaded();
  const Outcome outcome = Predictor::load("/no/such/model.onnx", predictor);
  EXPECT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.message, HasSubstr("/no/such/model.onnx"));
  EXPECT_EQ(predictor.inputs().size(), 1u);
  EXPECT_TRUE(predictor.run().ok());
}

TEST(Predictor, WrongOptionsAreToldWithTheirCode) {
  Predictor predictor;
  LoadOptions unknown;
  unknown.input_shapes["nobody"] = {1, 3};
  const Outcome outcome = Predictor::load_bytes(kAddModel, sizeof kAddModel, predictor, unknown);
  EXPECT_EQ(outcome.code, Outcome::Code::kUsage);
  EXPECT_THAT(outcome.message, HasSubstr("nobody"));
  LoadOptions misfit;
  misfit.input_shapes["x"] = {1, 4};
  EXPECT_EQ(Predictor::load_bytes(kAddModel, sizeof kAddModel, predictor, misfit).code, Outcome::Code::kInvalid);
  EXPECT_EQ(Predictor::load_bytes(nullptr, 5, predictor).code, Outcome::Code::kUsage);
}

}  // namespace
}  // namespace pleat
