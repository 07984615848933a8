#include "runtime/kernels/elementary.h"
#include "runtime/kernels/lane_sum.h"
#include "runtime/kernels/softmax.h"
#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

template <class T>
void check_log_softmax(std::int64_t count) {
  const auto x = random_values<T>(count, 4, -8, 8);
  const ScalarOps<T> o;
  T largest = x[0];
  for (T value : x) largest = std::max(largest, value);
  LaneSum<T> sum;
  for (T value : x) sum.add(reference::exp(o, value - largest));
  std::vector<T> y;
  for (T value : x) y.push_back(value - largest - reference::log(o, sum.total()));
  for_each_isa([&](Isa) {
    for (int opset : {1, 11, 13})
      expect_same(only_output(run_op(node_of("LogSoftmax"), {Tensor::of({1, count}, x)}, opset)),
                  Tensor::of({1, count}, y));
  });
}

TEST(LogSoftmax, IsTheFormula) {
  for (std::int64_t count : {1, 15, 16, 33, 1000}) {
    check_log_softmax<float>(count);
    check_log_softmax<double>(count);
  }
}

TEST(LogSoftmax, AlongAnInnerAxis) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 100, 1, 200});
  const Tensor y = only_output(run_op(node_of("LogSoftmax", {Attribute::integer("axis", 0)}), {x}, 13));
  EXPECT_NEAR(y.data<float>()[0], -0.6931472F, 1e-6);
  EXPECT_NEAR(y.data<float>()[1], -100, 1e-4);
  EXPECT_EQ(y.data<float>()[3], 0);
}

TEST(Hardmax, MarksTheFirstOfTheLargest) {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 5, 5, 2, 1, 0});
  expect_same(only_output(run_op(node_of("Hardmax"), {x}, 13)), Tensor::of<float>({2, 3}, {0, 1, 0, 1, 0, 0}));
  expect_same(only_output(run_op(node_of("Hardmax", {Attribute::integer("axis", 0)}), {x}, 13)),
              Tensor::of<float>({2, 3}, {0, 1, 1, 1, 0, 0}));
  expect_same(only_output(run_op(node_of("Hardmax", {Attribute::integer("axis", 0)}), {x}, 11)),
              Tensor::of<float>({2, 3}, {0, 1, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace pleat
