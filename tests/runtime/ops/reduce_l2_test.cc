#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor list(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

TEST(ReduceL2, IsTheEuclideanNorm) {
  const Tensor x = Tensor::of<double>({2, 2}, {3, 4, 5, 12});
  expect_same(only_output(run_op(node_of("ReduceL2", {Attribute::integers("axes", {1})}), {x}, 11)),
              Tensor::of<double>({2, 1}, {5, 13}));
  const Node noop = node_of("ReduceL2", {Attribute::integer("noop_with_empty_axes", 1)});
  expect_same(only_output(run_op(noop, {Tensor::of<float>({2}, {-3, 4}), list({})}, 18)),
              Tensor::of<float>({2}, {3, 4}));
}

TEST(ReduceL2, RefusesStrangeAxes) {
  const Tensor x = Tensor::of<float>({2}, {3, 4});
  expect_failure(run_op(node_of("ReduceL2"), {x, list({1})}, 18), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run_op(node_of("ReduceL2", {Attribute::integers("axes", {-1})}), {x}, 1), ErrorCode::kInvalid,
                 "opset 11");
}

}  // namespace
}  // namespace pleat
