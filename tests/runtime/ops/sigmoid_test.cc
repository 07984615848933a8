#include "runtime/kernels/elementary.h"
#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(Sigmoid, IsTheReferenceFunction) {
  const auto x = random_values<float>(1000, 1, -20, 20);
  std::vector<float> expected;
  for (float value : x) expected.push_back(reference::sigmoid(ScalarOps<float>(), value));
  for_each_isa([&](Isa) {
    for (int opset : {1, 6, 13})
      expect_same(only_output(run_op(node_of("Sigmoid"), {Tensor::of({10, 100}, x)}, opset)),
                  Tensor::of({10, 100}, expected));
  });
}

TEST(Sigmoid, RefusesIntegersByName) {
  expect_failure(run_op(node_of("Sigmoid"), {Tensor::of<std::int32_t>({1}, {1})}, 13), ErrorCode::kUnsupported,
                 "int32");
}

}  // namespace
}  // namespace pleat
