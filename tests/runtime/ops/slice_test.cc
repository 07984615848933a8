#include <numeric>
#include <random>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor list(Ints values) { return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values); }

Tensor counted(Shape shape) {
  std::vector<std::int32_t> values(static_cast<std::size_t>(shape.elements()));
  std::iota(values.begin(), values.end(), 0);
  return Tensor::of(std::move(shape), values);
}

TEST(Slice, AttributesThenInputs) {
  const Tensor x = counted({2, 4});
  const Tensor expected = Tensor::of<std::int32_t>({1, 2}, {5, 6});
  expect_same(
      only_output(run_op(
          node_of("Slice", {Attribute::integers("starts", {1, 1}), Attribute::integers("ends", {1000, -1})}), {x}, 1)),
      expected);
  expect_same(only_output(run_op(node_of("Slice"), {x, list({1, 1}), list({INT64_MAX, 3})}, 10)), expected);
  expect_same(only_output(run_op(node_of("Slice"), {x, list({1, -1}), list({3, 2}), list({-1, 0})}, 11)), expected);
  const Tensor narrow = Tensor::of<std::int32_t>({2}, {1, 1}), ends = Tensor::of<std::int32_t>({2}, {2, 3});
  expect_same(only_output(run_op(node_of("Slice"), {x, narrow, ends}, 13)), expected);
}

/// ONNX's rule, element by element.
Ints picked(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (start < 0) start += size;
  if (end < 0) end += size;
  start = std::max<std::int64_t>(0, std::min(step > 0 ? size : size - 1, start));
  end = std::min(size, std::max<std::int64_t>(-1, end));
  Ints out;
  for (std::int64_t at = start; size > 0 && (step > 0 ? at < end : at > end); at += step) out.push_back(at);
  return out;
}

TEST(Slice, AgreesWithTheRuleOnRandomRanges) {
  std::mt19937 random(5);
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<unsigned>(high - low + 1));
  };
  for (int round = 0; round < 500; ++round) {
    const std::int64_t size = between(0, 6);
    const std::int64_t start = between(-8, 8), end = between(-8, 8);
    const std::int64_t step = (random() % 2 == 0 ? 1 : -1) * between(1, 3);
    const Tensor x = counted({2, size, 3});
    const Tensor y =
        only_output(run_op(node_of("Slice"), {x, list({start}), list({end}), list({1}), list({step})}, 13));
    const Ints expected = picked(size, start, end, step);
    ASSERT_EQ(y.shape(), (Shape{2, static_cast<std::int64_t>(expected.size()), 3}))
        << size << ": " << start << " " << end << " " << step;
    for (std::size_t i = 0; i < expected.size(); ++i)
      for (std::size_t k = 0; k < 3; ++k)
        ASSERT_EQ(y.data<std::int32_t>()[(expected.size() + i) * 3 + k],
                  (size + expected[i]) * 3 + static_cast<std::int64_t>(k));
  }
}

TEST(Slice, ExtremesDoNotOverflow) {
  const Tensor x = counted({3});
  const auto run = [&](std::int64_t start, std::int64_t end, std::int64_t step) {
    return only_output(run_op(node_of("Slice"), {x, list({start}), list({end}), list({0}), list({step})}, 13));
  };
  expect_same(run(INT64_MAX, INT64_MIN, -1), Tensor::of<std::int32_t>({3}, {2, 1, 0}));
  expect_same(run(INT64_MAX, INT64_MIN, INT64_MIN), Tensor::of<std::int32_t>({1}, {2}));
  expect_same(run(INT64_MIN, INT64_MAX, INT64_MAX), Tensor::of<std::int32_t>({1}, {0}));
}

TEST(Slice, RefusesWhatDoesNotFit) {
  const Tensor x = counted({2, 2});
  const auto run = [&](std::vector<Tensor> more) {
    more.insert(more.begin(), x);
    return run_op(node_of("Slice"), std::move(more), 13);
  };
  expect_failure(run({list({0}), list({1, 2})}), ErrorCode::kInvalid, "one length");
  expect_failure(run({list({0, 0, 0}), list({1, 1, 1})}), ErrorCode::kInvalid, "more starts than axes");
  expect_failure(run({list({0}), list({1}), list({2})}), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run({list({0, 0}), list({1, 1}), list({0, -2})}), ErrorCode::kInvalid, "named twice");
  expect_failure(run({list({0}), list({1}), list({0}), list({0})}), ErrorCode::kInvalid, "step is 0");
  expect_failure(run({list({0})}), ErrorCode::kInvalid, "number of inputs");
  expect_failure(run_op(node_of("Slice"), {x}, 1), ErrorCode::kInvalid, "missing");
  expect_failure(run_op(node_of("Slice"), {x, list({0}), list({1})}, 13, 1, KnownInputs::kNone),
                 ErrorCode::kUnsupported, "starts");
}

}  // namespace
}  // namespace pleat
