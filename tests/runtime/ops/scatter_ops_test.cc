#include "tests/support/op_expect.h"

namespace pleat {
namespace {

const Tensor& list() {
  static const Tensor x = Tensor::of<float>({5}, {1, 2, 3, 4, 5});
  return x;
}

Attribute reduction(const char* name) { return Attribute::text("reduction", name); }

TEST(ScatterElements, ReplacesByDefault) {
  const Tensor indices = Tensor::of<std::int64_t>({2}, {1, -2}), updates = Tensor::of<float>({2}, {10, 20});
  for (const char* op : {"ScatterElements", "Scatter"})
    expect_same(only_output(run_op(node_of(op), {list(), indices, updates}, 11)),
                Tensor::of<float>({5}, {1, 10, 3, 20, 5}));
  const Tensor matrix = Tensor::of<std::int32_t>({2, 2}, {1, 2, 3, 4});
  expect_same(only_output(run_op(
                  node_of("ScatterElements", {Attribute::integer("axis", 1)}),
                  {matrix, Tensor::of<std::int32_t>({2, 1}, {1, 0}), Tensor::of<std::int32_t>({2, 1}, {8, 9})}, 13)),
              Tensor::of<std::int32_t>({2, 2}, {1, 8, 9, 4}));
}

TEST(ScatterElements, Reduces) {
  const Tensor indices = Tensor::of<std::int64_t>({3}, {1, 1, 2}), updates = Tensor::of<float>({3}, {5, 7, 1});
  const auto run = [&](const char* name, int opset) {
    return run_op(node_of("ScatterElements", {reduction(name)}), {list(), indices, updates}, opset);
  };
  expect_same(only_output(run("add", 16)), Tensor::of<float>({5}, {1, 14, 4, 4, 5}));
  expect_same(only_output(run("mul", 16)), Tensor::of<float>({5}, {1, 70, 3, 4, 5}));
  expect_same(only_output(run("max", 18)), Tensor::of<float>({5}, {1, 7, 3, 4, 5}));
  expect_same(only_output(run("min", 18)), Tensor::of<float>({5}, {1, 2, 1, 4, 5}));
  expect_same(only_output(run("none", 16)), Tensor::of<float>({5}, {1, 7, 1, 4, 5}));
  expect_failure(run("max", 16), ErrorCode::kInvalid, "'max'");
  expect_failure(run("add", 13), ErrorCode::kUnsupported, "reduction");
}

TEST(ScatterElements, AnIndexOutside) {
  const Tensor indices = Tensor::of<std::int64_t>({2}, {5, 0}), updates = Tensor::of<float>({2}, {8, 9});
  expect_failure(run_op(node_of("ScatterElements"), {list(), indices, updates}, 13), ErrorCode::kInvalid, "-5 to 4");
  expect_same(only_output(run_op(node_of("ScatterElements"), {list(), indices, updates}, 13, 1, KnownInputs::kNone)),
              Tensor::of<float>({5}, {9, 2, 3, 4, 5}));
  expect_failure(run_op(node_of("ScatterElements"), {list(), indices, list()}, 13), ErrorCode::kInvalid, "updates");
}

TEST(ScatterND, UpdatesSlices) {
  const Tensor matrix = Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  const Tensor rows = Tensor::of<std::int64_t>({2, 1}, {2, 2}), updates = Tensor::of<float>({2, 2}, {1, 8, 9, 1});
  const auto run = [&](std::vector<Attribute> attributes, int opset) {
    return run_op(node_of("ScatterND", std::move(attributes)), {matrix, rows, updates}, opset);
  };
  expect_same(only_output(run({}, 11)), Tensor::of<float>({3, 2}, {1, 2, 3, 4, 9, 1}));
  expect_same(only_output(run({reduction("add")}, 16)), Tensor::of<float>({3, 2}, {1, 2, 3, 4, 15, 15}));
  expect_same(only_output(run({reduction("max")}, 18)), Tensor::of<float>({3, 2}, {1, 2, 3, 4, 9, 8}));
  const Tensor tuples = Tensor::of<std::int64_t>({1, 2}, {0, 1});
  expect_same(only_output(run_op(node_of("ScatterND"), {matrix, tuples, Tensor::of<float>({1}, {7})}, 13)),
              Tensor::of<float>({3, 2}, {1, 7, 3, 4, 5, 6}));
  expect_failure(run_op(node_of("ScatterND"), {matrix, rows, Tensor::of<float>({2}, {7, 8})}, 13), ErrorCode::kInvalid,
                 "updates");
}

}  // namespace
}  // namespace pleat
