#include "runtime/kernels/lane_sum.h"
#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(GlobalAveragePool, MeanOfEachPlaneInTheOrderOfLaneSum) {
  const auto x = random_values<float>(2 * 3 * 49, 1);
  std::vector<float> expected;
  for (std::size_t plane = 0; plane < 6; ++plane) {
    LaneSum<float> sum;
    for (std::size_t i = 0; i < 49; ++i) sum.add(x[plane * 49 + i]);
    expected.push_back(sum.total() / 49);
  }
  for_each_isa([&](Isa) {
    expect_same(only_output(run_op(node_of("GlobalAveragePool"), {Tensor::of({2, 3, 7, 7}, x)}, 1, 2)),
                Tensor::of({2, 3, 1, 1}, expected));
  });
}

TEST(GlobalAveragePool, RefusesEmptyPlanesAndMissingAxes) {
  const std::vector<float> none;
  expect_failure(run_op(node_of("GlobalAveragePool"), {Tensor::of({1, 1, 0}, none)}, 1), ErrorCode::kInvalid, "empty");
  expect_failure(run_op(node_of("GlobalAveragePool"), {Tensor::of<float>({1, 1}, {1})}, 1), ErrorCode::kInvalid,
                 "spatial");
}

}  // namespace
}  // namespace pleat
