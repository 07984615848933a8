#include <cmath>
#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Lrn, DividesByThePowerOfTheNeighbours) {
  const Tensor x = Tensor::of<float>({1, 3, 1}, {1, 2, 3});
  const Node node = node_of("LRN", {Attribute::integer("size", 3), Attribute::number("alpha", 3),
                                    Attribute::number("beta", 0.5), Attribute::number("bias", 4)});
  const Tensor y = only_output(run_op(node, {x}, 13));
  const float expected[] = {1 / 3.0F, 2 / std::sqrt(18.0F), 3 / std::sqrt(17.0F)};
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(y.data<float>()[i], expected[i], 1e-7);
}

TEST(Lrn, RefusesAStrangeSize) {
  const Tensor x = Tensor::of<float>({1, 3, 1}, {1, 2, 3});
  expect_failure(run_op(node_of("LRN"), {x}, 1), ErrorCode::kInvalid, "size");
  expect_failure(run_op(node_of("LRN", {Attribute::integer("size", 3)}), {Tensor::scalar(1.0F)}, 1),
                 ErrorCode::kInvalid, "channels");
}

}  // namespace
}  // namespace pleat
