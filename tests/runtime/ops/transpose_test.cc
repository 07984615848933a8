#include <numeric>
#include <random>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Node with_perm(std::vector<std::int64_t> perm) {
  return node_of("Transpose", {Attribute::integers("perm", std::move(perm))});
}

TEST(Transpose, ReversesTheAxesUnlessSaid) {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  expect_same(only_output(run_op(node_of("Transpose"), {x}, 17)), Tensor::of<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
  expect_same(only_output(run_op(node_of("Transpose"), {Tensor::scalar(2.0f)}, 17)), Tensor::scalar(2.0f));
}

TEST(Transpose, MovesElementsOfEverySize) {
  expect_same(only_output(run_op(with_perm({1, 0}), {Tensor::of<std::uint8_t>({2, 2}, {1, 2, 3, 4})}, 1)),
              Tensor::of<std::uint8_t>({2, 2}, {1, 3, 2, 4}));
  expect_same(only_output(run_op(with_perm({1, 0}), {Tensor::of<std::int16_t>({2, 2}, {1, 2, 3, 4})}, 1)),
              Tensor::of<std::int16_t>({2, 2}, {1, 3, 2, 4}));
  expect_same(only_output(run_op(with_perm({1, 0}), {Tensor::of<double>({2, 2}, {1, 2, 3, 4})}, 1)),
              Tensor::of<double>({2, 2}, {1, 3, 2, 4}));
  Tensor complex = *Tensor::allocate(DType::kComplex128, {2, 2});
  auto* bytes = static_cast<std::uint8_t*>(complex.mutable_bytes());
  std::iota(bytes, bytes + 64, std::uint8_t{0});
  const Tensor swapped = only_output(run_op(with_perm({1, 0}), {complex}, 13));
  ASSERT_TRUE(swapped.present());
  EXPECT_EQ(swapped.bytes()[16], std::byte{32});
  EXPECT_EQ(swapped.bytes()[32 + 15], std::byte{31});
}

TEST(Transpose, AgreesWithTheDefinitionOnRandomShapes) {
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    const bool large = round % 5 == 0;  // enough for whole tiles of vectors
    std::vector<std::int64_t> dims(1 + random() % (large ? 3 : 5)), perm(dims.size());
    for (std::int64_t& dim : dims) dim = 1 + static_cast<std::int64_t>(random() % (large ? 70 : 4));
    std::iota(perm.begin(), perm.end(), 0);
    std::shuffle(perm.begin(), perm.end(), random);
    const Shape shape(dims);
    std::vector<std::int32_t> values(static_cast<std::size_t>(shape.elements()));
    std::iota(values.begin(), values.end(), 0);
    const Tensor y = only_output(run_op(with_perm(perm), {Tensor::of(shape, values)}, 17));
    ASSERT_TRUE(y.present());
    const auto from = shape.strides(), to = y.shape().strides();
    for (std::int64_t flat = 0; flat < y.elements(); ++flat) {
      std::int64_t source = 0;
      for (std::size_t i = 0; i < perm.size(); ++i)
        source += flat / to[i] % y.shape()[static_cast<int>(i)] * from[static_cast<std::size_t>(perm[i])];
      ASSERT_EQ(y.data<std::int32_t>()[static_cast<std::size_t>(flat)], source) << shape.text();
    }
  }
}

TEST(Transpose, HandlesNoElements) {
  const Tensor none = *Tensor::allocate(DType::kFloat, {2, 0, 3});
  EXPECT_EQ(only_output(run_op(with_perm({2, 0, 1}), {none}, 17)).shape(), (Shape{3, 2, 0}));
}

TEST(Transpose, RefusesAPermThatIsNone) {
  const Tensor x = Tensor::of<float>({1, 2}, {1, 2});
  for (const std::vector<std::int64_t>& perm :
       {std::vector<std::int64_t>{0}, {0, 0}, {1, 2}, {-1, 0}, {0, 1, 2}, {}, {INT64_MAX, 0}})
    expect_failure(run_op(with_perm(perm), {x}, 17), ErrorCode::kInvalid, "perm");
}

}  // namespace
}  // namespace pleat
