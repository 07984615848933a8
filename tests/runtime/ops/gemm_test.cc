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

struct Case {
  bool trans_a, trans_b;
  float alpha, beta;
  Shape c;  ///< of rank 0 and no elements: C is absent
  bool has_c;
};

/// The documented sequence, one output at a time.
Tensor by_definition(const Tensor& a, const Tensor& b, const Tensor& c, const Case& k) {
  const std::int64_t m = a.shape()[k.trans_a ? 1 : 0], depth = a.shape()[k.trans_a ? 0 : 1];
  const std::int64_t n = b.shape()[k.trans_b ? 0 : 1];
  std::vector<float> y;
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      float start = 0;
      if (k.has_c) {
        const int rank = c.shape().rank();
        const std::int64_t columns = rank > 0 ? c.shape()[rank - 1] : 1;
        const std::int64_t row = rank > 1 && c.shape()[0] > 1 ? i : 0;
        start = k.beta * c.data<float>()[static_cast<std::size_t>(row * columns + (columns > 1 ? j : 0))];
      }
      float sum = k.alpha == 1 ? start : 0;
      for (std::int64_t d = 0; d < depth; ++d)
        sum = std::fma(a.data<float>()[static_cast<std::size_t>(k.trans_a ? d * m + i : i * depth + d)],
                       b.data<float>()[static_cast<std::size_t>(k.trans_b ? j * depth + d : d * n + j)], sum);
      y.push_back(k.alpha == 1 ? sum : std::fma(k.alpha, sum, start));
    }
  return Tensor::of({m, n}, y);
}

TEST(Gemm, IsTheDocumentedSequence) {
  const Case cases[] = {{false, false, 1, 1, {7, 35}, true},  {true, false, 1, 1, {35}, true},
                        {false, true, 1, 0.3F, {7, 1}, true}, {true, true, 0.7F, 1.5F, {1, 35}, true},
                        {false, false, 0.5F, 1, {}, false},   {false, true, 1, 1, {}, true},
                        {false, false, 1, 1, {}, false},      {false, false, 2, 0, {1, 1}, true}};
  for (const Case& k : cases) {
    const Tensor a = random_tensor(k.trans_a ? Shape{11, 7} : Shape{7, 11}, 1);
    const Tensor b = random_tensor(k.trans_b ? Shape{35, 11} : Shape{11, 35}, 2);
    const Tensor c = random_tensor(k.c, 3);
    const Tensor expected = by_definition(a, b, c, k);
    const Node node = node_of("Gemm", {Attribute::integer("transA", k.trans_a), Attribute::integer("transB", k.trans_b),
                                       Attribute::number("alpha", k.alpha), Attribute::number("beta", k.beta)});
    const auto inputs = k.has_c ? std::vector<Tensor>{a, b, c} : std::vector<Tensor>{a, b};
    for_each_isa([&](Isa) {
      for (KnownInputs known : {KnownInputs::kAllButFirst, KnownInputs::kNone})
        for (int threads : {1, 2}) expect_same(only_output(run_op(node, inputs, 13, threads, known)), expected);
    });
  }
}

TEST(Gemm, DoubleToo) {
  const Tensor a = Tensor::of<double>({1, 2}, {1, 2}), b = Tensor::of<double>({2, 1}, {3, 4});
  expect_same(only_output(run_op(node_of("Gemm"), {a, b, Tensor::of<double>({1}, {0.5})}, 9)),
              Tensor::of<double>({1, 1}, {11.5}));
}

TEST(Gemm, WithoutInnerElementsLeavesC) {
  const std::vector<float> none;
  const Tensor a = Tensor::of({2, 0}, none), b = Tensor::of({0, 2}, none);
  expect_same(only_output(run_op(node_of("Gemm"), {a, b, Tensor::of<float>({2}, {3, 4})}, 13)),
              Tensor::of<float>({2, 2}, {3, 4, 3, 4}));
}

TEST(Gemm, RefusesWhatDoesNotFit) {
  const Tensor a = random_tensor({2, 3}, 1), b = random_tensor({3, 4}, 2);
  const auto run = [](std::vector<Tensor> inputs, int opset) {
    return run_op(node_of("Gemm"), std::move(inputs), opset);
  };
  expect_failure(run({a, a}, 13), ErrorCode::kInvalid, "inner sizes");
  expect_failure(run({a, random_tensor({3}, 1)}, 13), ErrorCode::kInvalid, "matrices");
  expect_failure(run({a, b, random_tensor({3}, 1)}, 13), ErrorCode::kInvalid, "C does not broadcast");
  expect_failure(run({a, b, random_tensor({1, 2, 4}, 1)}, 13), ErrorCode::kInvalid, "C does not broadcast");
  expect_failure(run({a, b}, 9), ErrorCode::kInvalid, "input");
  expect_failure(run({a, b, random_tensor({4}, 1)}, 6), ErrorCode::kInvalid, "C does not broadcast");
  const Node broadcast = node_of("Gemm", {Attribute::integer("broadcast", 1)});
  EXPECT_TRUE(run_op(broadcast, {a, b, random_tensor({4}, 1)}, 6).has_value());
  expect_failure(run_op(broadcast, {a, b, random_tensor({4}, 1)}, 7), ErrorCode::kUnsupported, "broadcast");
}

TEST(Gemm, RefusesIntegersByName) {
  const Tensor a = Tensor::of<std::int32_t>({1, 1}, {1});
  expect_failure(run_op(node_of("Gemm"), {a, a}, 13), ErrorCode::kUnsupported, "int32");
}

}  // namespace
}  // namespace pleat
