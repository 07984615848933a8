#include "runtime/kernels/softmax.h"

#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

Tensor random_tensor(Shape shape) {
  const auto values = random_values<float>(shape.elements(), 1, -5, 5);
  return Tensor::of(std::move(shape), values);
}

/// Softmax of each run of `length` elements that lie `inner` apart.
Tensor by_lines(const Tensor& x, std::size_t length, std::size_t inner) {
  std::vector<float> y(x.data<float>().size()), line(length);
  for (std::size_t outer = 0; outer < y.size(); outer += length * inner)
    for (std::size_t i = 0; i < inner; ++i) {
      for (std::size_t k = 0; k < length; ++k) line[k] = x.data<float>()[outer + i + k * inner];
      softmax(line.data(), line.data(), static_cast<std::int64_t>(length));
      for (std::size_t k = 0; k < length; ++k) y[outer + i + k * inner] = line[k];
    }
  return Tensor::of(x.shape(), y);
}

Tensor run(const Tensor& x, std::vector<Attribute> attributes, int opset, int threads = 1) {
  return only_output(run_op(node_of("Softmax", std::move(attributes)), {x}, opset, threads));
}

TEST(Softmax, FromOpset13AlongOneAxis) {
  const Tensor x = random_tensor({3, 5, 7});
  for_each_isa([&](Isa) {
    for (int threads : {1, 2}) {
      expect_same(run(x, {}, 13, threads), by_lines(x, 7, 1));
      expect_same(run(x, {Attribute::integer("axis", 1)}, 13, threads), by_lines(x, 5, 7));
      expect_same(run(x, {Attribute::integer("axis", -3)}, 13, threads), by_lines(x, 3, 35));
    }
  });
}

TEST(Softmax, BeforeOpset13OverAllAxesFromOneOn) {
  const Tensor x = random_tensor({3, 5, 7});
  expect_same(run(x, {}, 11), by_lines(x, 35, 1));
  expect_same(run(x, {Attribute::integer("axis", 0)}, 1), by_lines(x, 105, 1));
  expect_same(run(x, {Attribute::integer("axis", -1)}, 11), by_lines(x, 7, 1));
}

TEST(Softmax, RefusesABadAxis) {
  const auto with = [](std::int64_t axis, int opset) {
    return run_op(node_of("Softmax", {Attribute::integer("axis", axis)}), {random_tensor({2, 3})}, opset);
  };
  expect_failure(with(2, 13), ErrorCode::kInvalid, "axis out of range");
  expect_failure(with(-3, 13), ErrorCode::kInvalid, "axis out of range");
  EXPECT_TRUE(with(-1, 9).has_value()) << "exporters wrote it before opset 11 allowed it";
}

}  // namespace
}  // namespace pleat
