#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor sizes(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

TEST(ConstantOfShape, Fills) {
  const auto run = [](std::vector<Attribute> attributes, const Tensor& shape) {
    return run_op(node_of("ConstantOfShape", std::move(attributes)), {shape}, 9, 1, KnownInputs::kAll);
  };
  expect_same(only_output(run({}, sizes({2, 1}))), Tensor::of<float>({2, 1}, {0, 0}));
  expect_same(only_output(run({Attribute::tensor("value", Tensor::of<std::int64_t>({1}, {7}))}, sizes({3}))),
              Tensor::of<std::int64_t>({3}, {7, 7, 7}));
  EXPECT_EQ(only_output(run({}, sizes({}))).shape(), Shape{});
  EXPECT_EQ(only_output(run({}, sizes({0, 5}))).shape(), (Shape{0, 5}));
  expect_failure(run({Attribute::tensor("value", Tensor::of<float>({2}, {1, 2}))}, sizes({1})), ErrorCode::kInvalid,
                 "one element");
  expect_failure(run({}, sizes({-1})), ErrorCode::kInvalid, "");
  expect_failure(run_op(node_of("ConstantOfShape"), {sizes({1})}, 9, 1, KnownInputs::kNone), ErrorCode::kUnsupported,
                 "shape");
}

template <class T>
Result<std::vector<Tensor>> range(T start, T limit, T delta) {
  return run_op(node_of("Range"), {Tensor::scalar(start), Tensor::scalar(limit), Tensor::scalar(delta)}, 11, 1,
                KnownInputs::kAll);
}

TEST(Range, CountsUpAndDown) {
  expect_same(only_output(range<float>(1, 5, 2)), Tensor::of<float>({2}, {1, 3}));
  expect_same(only_output(range<double>(0, 1, 0.25)), Tensor::of<double>({4}, {0, 0.25, 0.5, 0.75}));
  expect_same(only_output(range<std::int32_t>(10, 4, -2)), Tensor::of<std::int32_t>({3}, {10, 8, 6}));
  expect_same(only_output(range<std::int64_t>(3, 4, 5)), sizes({3}));
  expect_same(only_output(range<std::int64_t>(4, 4, 1)), sizes({}));
  expect_same(only_output(range<std::int16_t>(5, 3, 1)), Tensor::of<std::int16_t>({0}, {}));
}

TEST(Range, RefusesWhatHasNoEnd) {
  expect_failure(range<std::int64_t>(0, 4, 0), ErrorCode::kInvalid, "no end");
  expect_failure(range<float>(0, std::numeric_limits<float>::infinity(), 1), ErrorCode::kInvalid, "no end");
  expect_failure(range<std::int64_t>(INT64_MIN, INT64_MAX, 1), ErrorCode::kInvalid, "");
  const Tensor one = Tensor::scalar(1.0F);
  expect_failure(run_op(node_of("Range"), {one, one, one}, 11, 1, KnownInputs::kNone), ErrorCode::kUnsupported,
                 "'start'");
}

TEST(NonZero, TellsPositionsOfAConstant) {
  const auto run = [](const Tensor& x) { return run_op(node_of("NonZero"), {x}, 13, 1, KnownInputs::kAll); };
  expect_same(only_output(run(Tensor::of<bool>({2, 2}, {true, false, true, true}))),
              Tensor::of<std::int64_t>({2, 3}, {0, 1, 1, 0, 0, 1}));
  expect_same(only_output(run(Tensor::of<float>({3}, {0, -0.0F, 2}))), Tensor::of<std::int64_t>({1, 1}, {2}));
  expect_failure(run_op(node_of("NonZero"), {Tensor::of<float>({1}, {1})}, 13, 1, KnownInputs::kNone),
                 ErrorCode::kUnsupported, "depends on the model's input");
}

TEST(CumSum, AddsUp) {
  const Tensor x = Tensor::of<double>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto run = [&](std::vector<Attribute> attributes, std::int64_t axis) {
    return only_output(run_op(node_of("CumSum", std::move(attributes)), {x, Tensor::scalar(axis)}, 11));
  };
  const Attribute exclusive = Attribute::integer("exclusive", 1), reverse = Attribute::integer("reverse", 1);
  expect_same(run({}, 1), Tensor::of<double>({2, 3}, {1, 3, 6, 4, 9, 15}));
  expect_same(run({}, -2), Tensor::of<double>({2, 3}, {1, 2, 3, 5, 7, 9}));
  expect_same(run({exclusive}, 1), Tensor::of<double>({2, 3}, {0, 1, 3, 0, 4, 9}));
  expect_same(run({reverse}, 1), Tensor::of<double>({2, 3}, {6, 5, 3, 15, 11, 6}));
  expect_same(run({exclusive, reverse}, 1), Tensor::of<double>({2, 3}, {5, 3, 0, 11, 6, 0}));
  expect_same(only_output(run_op(node_of("CumSum"), {x, Tensor::scalar<std::int32_t>(1)}, 14, 1, KnownInputs::kNone)),
              Tensor::of<double>({2, 3}, {1, 3, 6, 4, 9, 15}));
  expect_failure(run_op(node_of("CumSum"), {x, Tensor::scalar<std::int64_t>(2)}, 11), ErrorCode::kInvalid, "outside");
}

TEST(Trilu, KeepsATriangle) {
  const Tensor x = Tensor::of<std::int64_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Attribute lower = Attribute::integer("upper", 0);
  const auto run = [&](std::vector<Attribute> attributes, std::int64_t k) {
    return only_output(run_op(node_of("Trilu", std::move(attributes)), {x, Tensor::scalar(k)}, 14));
  };
  expect_same(only_output(run_op(node_of("Trilu"), {x}, 14)), Tensor::of<std::int64_t>({2, 3}, {1, 2, 3, 0, 5, 6}));
  expect_same(run({}, 1), Tensor::of<std::int64_t>({2, 3}, {0, 2, 3, 0, 0, 6}));
  expect_same(run({lower}, 0), Tensor::of<std::int64_t>({2, 3}, {1, 0, 0, 4, 5, 0}));
  expect_same(run({lower}, -1), Tensor::of<std::int64_t>({2, 3}, {0, 0, 0, 4, 0, 0}));
  expect_same(run({}, INT64_MIN), x);
  expect_same(run({lower}, INT64_MAX), x);
  expect_failure(run_op(node_of("Trilu"), {Tensor::of<float>({2}, {1, 2})}, 14), ErrorCode::kInvalid, "no matrices");
}

}  // namespace
}  // namespace pleat
