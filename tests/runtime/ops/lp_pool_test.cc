#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Node pool(std::vector<Attribute> more = {}) {
  more.push_back(Attribute::integers("kernel_shape", {2}));
  return node_of("LpPool", std::move(more));
}

TEST(LpPool, IsTheNormUnderEachWindow) {
  const Tensor x = Tensor::of<float>({1, 1, 3}, {3, -4, 0});
  expect_same(only_output(run_op(pool(), {x}, 2)), Tensor::of<float>({1, 1, 2}, {5, 4}));
  expect_same(only_output(run_op(pool({Attribute::integer("p", 1), Attribute::integers("pads", {1, 0})}), {x}, 11)),
              Tensor::of<float>({1, 1, 3}, {3, 7, 4}));
  expect_same(only_output(run_op(pool({Attribute::number("p", 1)}), {x}, 1)), Tensor::of<float>({1, 1, 2}, {7, 4}));
  expect_same(only_output(run_op(pool({Attribute::integers("dilations", {2})}), {x}, 18)),
              Tensor::of<float>({1, 1, 1}, {3}));
}

TEST(LpPool, RefusesStrangePowers) {
  const Tensor x = Tensor::of<float>({1, 1, 3}, {3, -4, 0});
  expect_failure(run_op(pool({Attribute::number("p", 1.5)}), {x}, 1), ErrorCode::kUnsupported, "whole number");
  expect_failure(run_op(pool({Attribute::integer("p", 0)}), {x}, 2), ErrorCode::kInvalid, "p out of range");
  expect_failure(run_op(node_of("LpPool"), {x}, 2), ErrorCode::kInvalid, "kernel_shape");
}

}  // namespace
}  // namespace pleat
