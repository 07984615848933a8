#include "tests/support/op_expect.h"

namespace pleat {
namespace {

const Tensor& matrix() {
  static const Tensor x = Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  return x;
}

TEST(Gather, TakesSlices) {
  const Tensor indices = Tensor::of<std::int64_t>({2, 1}, {2, 0});
  expect_same(only_output(run_op(node_of("Gather"), {matrix(), indices}, 1)),
              Tensor::of<float>({2, 1, 2}, {5, 6, 1, 2}));
  expect_same(only_output(run_op(node_of("Gather", {Attribute::integer("axis", 1)}),
                                 {matrix(), Tensor::of<std::int32_t>({1}, {-1})}, 11)),
              Tensor::of<float>({3, 1}, {2, 4, 6}));
  expect_same(only_output(run_op(node_of("Gather"),
                                 {Tensor::of<std::int64_t>({2}, {7, 8}), Tensor::scalar<std::int64_t>(1)}, 13)),
              Tensor::scalar<std::int64_t>(8));
}

TEST(Gather, AnIndexOutside) {
  const Tensor outside = Tensor::of<std::int64_t>({2}, {1, 3});
  expect_failure(run_op(node_of("Gather"), {matrix(), outside}, 13), ErrorCode::kInvalid, "-3 to 2");
  expect_same(only_output(run_op(node_of("Gather"), {matrix(), outside}, 13, 1, KnownInputs::kNone)),
              Tensor::of<float>({2, 2}, {3, 4, 0, 0}));
  expect_failure(run_op(node_of("Gather"), {matrix(), matrix()}, 13), ErrorCode::kInvalid, "int32 or int64");
}

TEST(GatherElements, FollowsTheIndices) {
  const Tensor indices = Tensor::of<std::int64_t>({2, 2}, {0, 1, 2, -1});
  expect_same(only_output(run_op(node_of("GatherElements"), {matrix(), indices}, 11)),
              Tensor::of<float>({2, 2}, {1, 4, 5, 6}));
  const Tensor columns = Tensor::of<std::int32_t>({3, 1}, {1, 0, 1});
  const Node along = node_of("GatherElements", {Attribute::integer("axis", 1)});
  expect_same(only_output(run_op(along, {matrix(), columns}, 13)), Tensor::of<float>({3, 1}, {2, 3, 6}));
  expect_failure(run_op(along, {matrix(), Tensor::of<std::int32_t>({3, 1}, {1, 2, 1})}, 13), ErrorCode::kInvalid,
                 "outside the axis");
  expect_same(
      only_output(run_op(along, {matrix(), Tensor::of<std::int32_t>({3, 1}, {1, 2, 1})}, 13, 1, KnownInputs::kNone)),
      Tensor::of<float>({3, 1}, {2, 0, 6}));
  expect_failure(run_op(along, {matrix(), Tensor::of<std::int32_t>({4, 1}, {1, 0, 1, 0})}, 13), ErrorCode::kInvalid,
                 "do not fit the data");
}

TEST(GatherND, TakesSlicesByTuples) {
  const Tensor tuples = Tensor::of<std::int64_t>({2, 2}, {0, 1, -1, 0});
  expect_same(only_output(run_op(node_of("GatherND"), {matrix(), tuples}, 11)), Tensor::of<float>({2}, {2, 5}));
  const Tensor rows = Tensor::of<std::int64_t>({2, 1}, {2, 1});
  expect_same(only_output(run_op(node_of("GatherND"), {matrix(), rows}, 13)), Tensor::of<float>({2, 2}, {5, 6, 3, 4}));
  const Node batched = node_of("GatherND", {Attribute::integer("batch_dims", 1)});
  expect_same(only_output(run_op(batched, {matrix(), Tensor::of<std::int64_t>({3, 1}, {1, 0, 1})}, 12)),
              Tensor::of<float>({3}, {2, 3, 6}));
  const Tensor outside = Tensor::of<std::int64_t>({1, 2}, {0, 2});
  expect_failure(run_op(node_of("GatherND"), {matrix(), outside}, 13), ErrorCode::kInvalid, "outside the data");
  expect_same(only_output(run_op(node_of("GatherND"), {matrix(), outside}, 13, 1, KnownInputs::kNone)),
              Tensor::of<float>({1}, {0}));
  expect_failure(run_op(node_of("GatherND"), {matrix(), Tensor::of<std::int64_t>({1, 3}, {0, 0, 0})}, 13),
                 ErrorCode::kInvalid, "more axes");
}

}  // namespace
}  // namespace pleat
