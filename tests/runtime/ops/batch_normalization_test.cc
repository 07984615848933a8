#include <cmath>

#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

Tensor random_tensor(Shape shape, unsigned seed, double low = -1, double high = 1) {
  const auto values = random_values<float>(shape.elements(), seed, low, high);
  return Tensor::of(std::move(shape), values);
}

std::vector<Tensor> inputs_of(Shape x, Shape parameters) {
  return {random_tensor(std::move(x), 1, -3, 3), random_tensor(parameters, 2), random_tensor(parameters, 3),
          random_tensor(parameters, 4), random_tensor(parameters, 5, 0.1, 2)};
}

/// The documented inference formula, each step in float.
Tensor by_definition(const std::vector<Tensor>& in, float epsilon, std::int64_t channels, std::int64_t spatial) {
  std::vector<float> y;
  for (std::size_t i = 0; i < in[0].data<float>().size(); ++i) {
    const auto c = static_cast<std::size_t>(static_cast<std::int64_t>(i) / spatial % channels);
    const float scale = in[1].data<float>()[c] / std::sqrt(in[4].data<float>()[c] + epsilon);
    y.push_back(std::fma(in[0].data<float>()[i] - in[3].data<float>()[c], scale, in[2].data<float>()[c]));
  }
  return Tensor::of(in[0].shape(), y);
}

TEST(BatchNormalization, InferenceIsTheDocumentedFormulaInEveryOpset) {
  const auto in = inputs_of({2, 5, 7, 3}, {5});
  const Tensor expected = by_definition(in, 1e-5F, 5, 21);
  for_each_isa([&](Isa) {
    for (int opset : {7, 9, 14, 15})
      expect_same(only_output(run_op(node_of("BatchNormalization"), in, opset, 2)), expected);
    for (int opset : {1, 6})
      expect_same(only_output(run_op(node_of("BatchNormalization", {Attribute::integer("is_test", 1)}), in, opset)),
                  expected);
  });
}

TEST(BatchNormalization, EpsilonAndTwoAxes) {
  const auto in = inputs_of({4, 19}, {19});
  const Node node = node_of("BatchNormalization", {Attribute::number("epsilon", 0.25F)});
  for_each_isa([&](Isa) { expect_same(only_output(run_op(node, in, 15)), by_definition(in, 0.25F, 19, 1)); });
}

TEST(BatchNormalization, SpatialZeroHasStatisticsPerActivation) {
  const auto in = inputs_of({3, 2, 4}, {2, 4});
  const Node node = node_of("BatchNormalization", {Attribute::integer("spatial", 0)});
  expect_same(only_output(run_op(node, in, 7)), by_definition(in, 1e-5F, 8, 1));
  expect_failure(run_op(node, in, 9), ErrorCode::kUnsupported, "spatial");
}

TEST(BatchNormalization, TrainingGivesBatchAndRunningStatistics) {
  const Tensor x = Tensor::of<float>({2, 2, 2}, {1, 3, 10, 10, 5, 7, 20, 20});
  const Tensor one = Tensor::of<float>({2}, {1, 1}), zero = Tensor::of<float>({2}, {0, 0});
  const Tensor mean = Tensor::of<float>({2}, {8, 0}), variance = Tensor::of<float>({2}, {1, 3});
  const Node node = node_of(
      "BatchNormalization",
      {Attribute::integer("training_mode", 1), Attribute::number("momentum", 0.5F), Attribute::number("epsilon", 0)},
      3);
  const auto outputs = run_op(node, {x, one, zero, mean, variance}, 15, 2);
  ASSERT_TRUE(outputs.has_value()) << outputs.error().text();
  ASSERT_EQ(outputs->size(), 3U);
  const float s = 1 / std::sqrt(5.0F);
  expect_same((*outputs)[0], Tensor::of<float>({2, 2, 2}, {-3 * s, -s, -1, -1, s, 3 * s, 1, 1}));
  expect_same((*outputs)[1], Tensor::of<float>({2}, {6, 7.5}));
  expect_same((*outputs)[2], Tensor::of<float>({2}, {3, 14}));
}

TEST(BatchNormalization, StatisticsOfAnotherTypeAreConverted) {
  auto in = inputs_of({2, 3, 4}, {3});
  const Tensor expected = by_definition(in, 1e-5F, 3, 4);
  for (std::size_t i : {3U, 4U}) {
    const auto doubles = to_doubles(in[i]);
    ASSERT_TRUE(doubles.has_value());
    in[i] = Tensor::of(in[i].shape(), *doubles);
  }
  expect_same(only_output(run_op(node_of("BatchNormalization"), in, 15)), expected);
  expect_failure(run_op(node_of("BatchNormalization"), in, 9), ErrorCode::kInvalid, "one type");
}

TEST(BatchNormalization, RefusesUndefinedTrainingWithARemedy) {
  const auto in = inputs_of({2, 3, 4}, {3});
  expect_failure(run_op(node_of("BatchNormalization"), in, 6), ErrorCode::kUnsupported, "is_test");
  expect_failure(run_op(node_of("BatchNormalization"), in, 6), ErrorCode::kUnsupported, "export");
  expect_failure(run_op(node_of("BatchNormalization", {}, 5), in, 9), ErrorCode::kUnsupported, "opset 14");
  expect_failure(run_op(node_of("BatchNormalization", {}, 3), in, 14), ErrorCode::kInvalid, "training_mode");
}

TEST(BatchNormalization, RefusesWhatDoesNotFit) {
  auto in = inputs_of({2, 3, 4}, {3});
  in[3] = random_tensor({4}, 1);
  expect_failure(run_op(node_of("BatchNormalization"), in, 15), ErrorCode::kInvalid, "'mean' does not fit");
  in.pop_back();
  expect_failure(run_op(node_of("BatchNormalization"), in, 15), ErrorCode::kInvalid, "input");
  expect_failure(run_op(node_of("BatchNormalization"), inputs_of({3}, {3}), 15), ErrorCode::kInvalid, "channels");
}

}  // namespace
}  // namespace pleat
