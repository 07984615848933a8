#include "tests/support/op_expect.h"

namespace pleat {
namespace {

const Tensor kX = Tensor::of<float>({1, 1, 1, 2}, {1, 3});

TEST(Upsample, TheScalesOfEachOpset) {
  const Tensor expected = Tensor::of<float>({1, 1, 2, 4}, {1, 1, 3, 3, 1, 1, 3, 3});
  const Node first = node_of("Upsample", {Attribute::number("height_scale", 2), Attribute::number("width_scale", 2)});
  expect_same(only_output(run_op(first, {kX}, 1)), expected);
  Attribute scales;
  scales.name = "scales";
  scales.type = Attribute::Type::kFloats;
  scales.value = std::vector<float>{1, 1, 2, 2};
  expect_same(only_output(run_op(node_of("Upsample", {scales}), {kX}, 7)), expected);
  expect_same(only_output(run_op(node_of("Upsample"), {kX, Tensor::of<float>({4}, {1, 1, 2, 2})}, 9)), expected);
}

TEST(Upsample, LinearIsAsymmetric) {
  const Node node = node_of("Upsample", {Attribute::text("mode", "linear")});
  expect_same(only_output(run_op(node, {kX, Tensor::of<float>({4}, {1, 1, 1, 2})}, 9)),
              Tensor::of<float>({1, 1, 1, 4}, {1, 2, 3, 3}));
}

TEST(Upsample, RefusesOtherForms) {
  expect_failure(run_op(node_of("Upsample"), {kX}, 10), ErrorCode::kInvalid, "use Resize");
  expect_failure(run_op(node_of("Upsample"), {kX}, 7), ErrorCode::kInvalid, "'scales' is missing");
  expect_failure(run_op(node_of("Upsample"), {kX}, 1), ErrorCode::kInvalid, "height_scale");
  expect_failure(run_op(node_of("Upsample", {Attribute::text("mode", "cubic")}), {kX, kX}, 9), ErrorCode::kInvalid,
                 "unknown mode");
}

}  // namespace
}  // namespace pleat
