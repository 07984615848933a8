#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(CastLike, TakesTheTypeOfTheOther) {
  const Tensor x = Tensor::of<double>({2}, {2.5, -2.5});
  expect_same(only_output(run_op(node_of("CastLike"), {x, Tensor::of<std::int8_t>({1}, {0})}, 15)),
              Tensor::of<std::int8_t>({2}, {2, -2}));
  expect_same(only_output(run_op(node_of("CastLike", {Attribute::integer("saturate", 1)}), {x, x}, 19)), x);
  Tensor strings = Tensor::view_of(DType::kString, {1}, nullptr, nullptr);
  expect_failure(run_op(node_of("CastLike"), {x, strings}, 15), ErrorCode::kUnsupported, "string");
}

}  // namespace
}  // namespace pleat
