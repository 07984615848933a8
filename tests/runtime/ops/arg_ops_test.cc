#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor run(const char* op, const Tensor& x, std::vector<Attribute> attributes, int opset = 13) {
  return only_output(run_op(node_of(op, std::move(attributes)), {x}, opset));
}

const Tensor& matrix() {
  static const Tensor x = Tensor::of<float>({2, 3}, {2, 2, 1, 3, 10, 10});
  return x;
}

TEST(Arg, FirstAxisAndKeptDimsByDefault) {
  expect_same(run("ArgMax", matrix(), {}), Tensor::of<std::int64_t>({1, 3}, {1, 1, 1}));
  expect_same(run("ArgMin", matrix(), {}, 1), Tensor::of<std::int64_t>({1, 3}, {0, 0, 0}));
}

TEST(Arg, AlongOtherAxes) {
  const Attribute last = Attribute::integer("axis", -1), drop = Attribute::integer("keepdims", 0);
  expect_same(run("ArgMax", matrix(), {last}), Tensor::of<std::int64_t>({2, 1}, {0, 1}));
  expect_same(run("ArgMax", matrix(), {last, drop}), Tensor::of<std::int64_t>({2}, {0, 1}));
  expect_same(run("ArgMin", matrix(), {last, drop}), Tensor::of<std::int64_t>({2}, {2, 0}));
}

TEST(Arg, LastOfEqualsFromOpset12) {
  const Attribute last = Attribute::integer("axis", 1), select = Attribute::integer("select_last_index", 1);
  expect_same(run("ArgMax", matrix(), {last, select}, 12), Tensor::of<std::int64_t>({2, 1}, {1, 2}));
  expect_same(run("ArgMin", Tensor::of<std::int32_t>({1, 3}, {4, 4, 5}), {last, select}),
              Tensor::of<std::int64_t>({1, 1}, {1}));
  expect_failure(run_op(node_of("ArgMax", {select}), {matrix()}, 11), ErrorCode::kUnsupported, "select_last_index");
}

TEST(Arg, RefusesEmptyLinesAndFlags) {
  expect_failure(run_op(node_of("ArgMax"), {*Tensor::allocate(DType::kFloat, {0, 2})}, 13), ErrorCode::kInvalid,
                 "nothing along the axis");
  expect_failure(run_op(node_of("ArgMin"), {Tensor::of<bool>({1}, {true})}, 13), ErrorCode::kUnsupported, "bool");
}

}  // namespace
}  // namespace pleat
