#include <cmath>

#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

Tensor random_tensor(Shape shape, unsigned seed) {
  const auto values = random_values<float>(shape.elements(), seed);
  return Tensor::of(std::move(shape), values);
}

Shape shape_of(Shape a, Shape b) {
  return only_output(run_op(node_of("MatMul"), {random_tensor(std::move(a), 1), random_tensor(std::move(b), 2)}, 13))
      .shape();
}

TEST(MatMul, ShapesOfNumpy) {
  EXPECT_EQ(shape_of({2, 3}, {3, 4}), (Shape{2, 4}));
  EXPECT_EQ(shape_of({3}, {3}), (Shape{}));
  EXPECT_EQ(shape_of({3}, {3, 4}), (Shape{4}));
  EXPECT_EQ(shape_of({2, 3}, {3}), (Shape{2}));
  EXPECT_EQ(shape_of({5, 1, 2, 3}, {7, 3, 4}), (Shape{5, 7, 2, 4}));
  EXPECT_EQ(shape_of({5, 2, 3}, {3}), (Shape{5, 2}));
  EXPECT_EQ(shape_of({0, 2, 3}, {3, 4}), (Shape{0, 2, 4}));
}

TEST(MatMul, BroadcastsBatches) {
  const Tensor a = random_tensor({2, 1, 5, 3}, 1), b = random_tensor({4, 3, 6}, 2);
  std::vector<float> expected;
  for (std::size_t p = 0; p < 2; ++p)
    for (std::size_t q = 0; q < 4; ++q)
      for (std::size_t i = 0; i < 5; ++i)
        for (std::size_t j = 0; j < 6; ++j) {
          float sum = 0;
          for (std::size_t k = 0; k < 3; ++k)
            sum = std::fma(a.data<float>()[p * 15 + i * 3 + k], b.data<float>()[q * 18 + k * 6 + j], sum);
          expected.push_back(sum);
        }
  for_each_isa([&](Isa) {
    for (int threads : {1, 2})
      expect_same(only_output(run_op(node_of("MatMul"), {a, b}, 13, threads)), Tensor::of({2, 4, 5, 6}, expected));
  });
}

TEST(MatMul, OneMatrixForAllRows) {
  const Tensor a = random_tensor({2, 3, 5, 7}, 1), b = random_tensor({7, 40}, 2);
  Tensor reference;
  for_each_isa([&](Isa isa) {
    for (KnownInputs known : {KnownInputs::kAllButFirst, KnownInputs::kNone}) {
      const Tensor y = only_output(run_op(node_of("MatMul"), {a, b}, 13, 2, known));
      if (isa == Isa::kReference) reference = y;
      expect_same(y, reference);
    }
  });
  EXPECT_EQ(reference.shape(), (Shape{2, 3, 5, 40}));
  const Tensor rows = only_output(run_op(node_of("MatMul"), {a.reshaped({30, 7}), b}, 13));
  expect_same(reference.reshaped({30, 40}), rows);
}

TEST(MatMul, OneMatrixUnderALongerBatch) {
  const Tensor a = random_tensor({5, 7}, 1), b = random_tensor({1, 1, 7, 9}, 2);
  const Tensor y = only_output(run_op(node_of("MatMul"), {a, b}, 13));
  EXPECT_EQ(y.shape(), (Shape{1, 1, 5, 9}));
  expect_same(y.reshaped({5, 9}), only_output(run_op(node_of("MatMul"), {a, b.reshaped({7, 9})}, 13)));
}

TEST(MatMul, RefusesWhatDoesNotFit) {
  const auto run = [](Shape a, Shape b) {
    return run_op(node_of("MatMul"), {random_tensor(std::move(a), 1), random_tensor(std::move(b), 2)}, 13);
  };
  expect_failure(run({2, 3}, {2, 3}), ErrorCode::kInvalid, "inner sizes");
  expect_failure(run({2, 2, 3}, {3, 3, 4}), ErrorCode::kInvalid, "broadcast");
  expect_failure(run({}, {3}), ErrorCode::kInvalid, "scalar");
  const Tensor integers = Tensor::of<std::int64_t>({1, 1}, {1});
  expect_failure(run_op(node_of("MatMul"), {integers, integers}, 13), ErrorCode::kUnsupported, "int64");
}

}  // namespace
}  // namespace pleat
