#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

Tensor filled(Shape shape, float value = 1) {
  const std::vector<float> values(static_cast<std::size_t>(shape.elements()), value);
  return Tensor::of(std::move(shape), values);
}

Tensor random_tensor(Shape shape, unsigned seed) {
  const auto values = random_values<float>(shape.elements(), seed);
  return Tensor::of(std::move(shape), values);
}

Shape shape_of(std::vector<Attribute> attributes, Shape x, Shape w) {
  return only_output(
             run_op(node_of("ConvTranspose", std::move(attributes)), {filled(std::move(x)), filled(std::move(w))}, 17))
      .shape();
}

TEST(ConvTranspose, SpreadsEveryInput) {
  const Tensor x = Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  expect_same(only_output(run_op(node_of("ConvTranspose"), {x, filled({1, 1, 2, 2})}, 1)),
              Tensor::of<float>({1, 1, 3, 3}, {1, 3, 2, 4, 10, 6, 3, 7, 4}));
  const Node strided = node_of("ConvTranspose", {Attribute::integers("strides", {2, 2})});
  const Tensor w = Tensor::of<float>({1, 1, 2, 2}, {1, 10, 100, 1000});
  expect_same(only_output(run_op(strided, {x, w, Tensor::of<float>({1}, {0.5})}, 11)),
              Tensor::of<float>({1, 1, 4, 4}, {1.5, 10.5, 2.5, 20.5, 100.5, 1000.5, 200.5, 2000.5, 3.5, 30.5, 4.5, 40.5,
                                               300.5, 3000.5, 400.5, 4000.5}));
}

TEST(ConvTranspose, OutputShapes) {
  using Ints = std::vector<std::int64_t>;
  const auto ints = [](const char* name, Ints values) { return Attribute::integers(name, std::move(values)); };
  EXPECT_EQ(shape_of({}, {2, 3, 5, 5}, {3, 6, 4, 3}), (Shape{2, 6, 8, 7}));
  EXPECT_EQ(shape_of({ints("strides", {2, 3}), ints("pads", {1, 0, 1, 2}), ints("output_padding", {1, 2})},
                     {1, 1, 4, 4}, {1, 1, 3, 3}),
            (Shape{1, 1, 8, 12}));
  EXPECT_EQ(shape_of({Attribute::integer("group", 2), ints("dilations", {2})}, {1, 4, 9}, {4, 3, 3}),
            (Shape{1, 6, 13}));
  EXPECT_EQ(shape_of({ints("output_shape", {10, 8}), ints("strides", {3, 2})}, {1, 1, 3, 3}, {1, 2, 3, 3}),
            (Shape{1, 2, 10, 8}));
  EXPECT_EQ(shape_of({Attribute::text("auto_pad", "SAME_LOWER"), ints("strides", {2, 2})}, {1, 1, 3, 3}, {1, 2, 3, 3}),
            (Shape{1, 2, 6, 6}));
  EXPECT_EQ(shape_of({Attribute::text("auto_pad", "VALID")}, {1, 1, 4, 5, 6}, {1, 2, 2, 3, 4}), (Shape{1, 2, 5, 7, 9}));
  EXPECT_EQ(shape_of({}, {0, 1, 5, 5}, {1, 2, 3, 3}), (Shape{0, 2, 7, 7}));
}

TEST(ConvTranspose, PaddingIsTakenOffTheSideThatAutoPadSays) {
  const Tensor x = Tensor::of<float>({1, 1, 2}, {1, 2}), w = Tensor::of<float>({1, 1, 3}, {1, 10, 100});
  const auto run = [&](std::vector<Attribute> attributes) {
    attributes.push_back(Attribute::integers("strides", {2}));
    return only_output(run_op(node_of("ConvTranspose", std::move(attributes)), {x, w}, 17));
  };
  // The whole is 1, 10, 102, 20, 200.
  expect_same(run({Attribute::text("auto_pad", "SAME_UPPER")}), Tensor::of<float>({1, 1, 4}, {1, 10, 102, 20}));
  expect_same(run({Attribute::text("auto_pad", "SAME_LOWER")}), Tensor::of<float>({1, 1, 4}, {10, 102, 20, 200}));
  expect_same(run({Attribute::integers("output_shape", {4})}), Tensor::of<float>({1, 1, 4}, {10, 102, 20, 200}));
  expect_same(run({Attribute::integers("output_shape", {7})}),
              Tensor::of<float>({1, 1, 7}, {1, 10, 102, 20, 200, 0, 0}));
  expect_same(run({Attribute::integers("pads", {1, 2})}), Tensor::of<float>({1, 1, 2}, {10, 102}));
  expect_same(run({Attribute::integers("output_padding", {1})}),
              Tensor::of<float>({1, 1, 6}, {1, 10, 102, 20, 200, 0}));
}

TEST(ConvTranspose, SameBitsHoweverItIsRun) {
  const std::vector<Tensor> inputs = {random_tensor({3, 18, 7, 6}, 1), random_tensor({18, 5, 3, 3}, 2),
                                      random_tensor({10}, 3)};
  const Node node = node_of("ConvTranspose", {Attribute::integer("group", 2), Attribute::integers("strides", {2, 1}),
                                              Attribute::integers("pads", {1, 0, 1, 2})});
  Tensor reference;
  for_each_isa([&](Isa isa) {
    for (KnownInputs known : {KnownInputs::kAllButFirst, KnownInputs::kNone})
      for (int threads : {1, 2}) {
        const Tensor y = only_output(run_op(node, inputs, 17, threads, known));
        if (isa == Isa::kReference && threads == 1) reference = y;
        expect_same(y, reference);
      }
  });
}

TEST(ConvTranspose, RefusesWhatDoesNotFit) {
  const auto run = [](std::vector<Attribute> attributes, std::vector<Tensor> inputs) {
    return run_op(node_of("ConvTranspose", std::move(attributes)), std::move(inputs), 17);
  };
  const auto ints = [](const char* name, std::vector<std::int64_t> values) {
    return Attribute::integers(name, std::move(values));
  };
  const Tensor x = filled({1, 4, 5, 5}), w = filled({4, 2, 3, 3});
  expect_failure(run({}, {x, filled({3, 2, 3, 3})}), ErrorCode::kInvalid, "channels of X do not match");
  expect_failure(run({}, {x, filled({4, 2, 3})}), ErrorCode::kInvalid, "rank");
  expect_failure(run({}, {x, w, filled({3})}), ErrorCode::kInvalid, "bias");
  expect_failure(run({}, {filled({1, 4}), filled({4, 2})}), ErrorCode::kInvalid, "spatial axes");
  expect_failure(run({Attribute::integer("group", 0)}, {x, w}), ErrorCode::kInvalid, "group out of range");
  expect_failure(run({Attribute::integer("group", 3)}, {x, w}), ErrorCode::kInvalid, "groups");
  expect_failure(run({ints("kernel_shape", {3, 2})}, {x, w}), ErrorCode::kInvalid, "kernel_shape");
  expect_failure(run({ints("strides", {0, 1})}, {x, w}), ErrorCode::kInvalid, "strides");
  expect_failure(run({ints("output_padding", {1})}, {x, w}), ErrorCode::kInvalid, "2 values");
  expect_failure(run({ints("output_padding", {-1, 0})}, {x, w}), ErrorCode::kInvalid, "output_padding");
  expect_failure(run({ints("output_shape", {1, 2, 9, 9})}, {x, w}), ErrorCode::kInvalid, "output_shape");
  expect_failure(run({ints("pads", {4, 4, 4, 4})}, {x, w}), ErrorCode::kInvalid, "nothing of the output remains");
  expect_failure(run({}, {filled({1, 1, 2, 2, 2, 2}), filled({1, 1, 1, 1, 1, 1})}), ErrorCode::kUnsupported, "axes");
  expect_failure(run({}, {x, Tensor::of<double>({4, 1, 1, 1}, {1, 1, 1, 1})}), ErrorCode::kInvalid, "double");
  const auto half = from_doubles(DType::kFloat16, {1, 1, 1}, std::vector<double>{1});
  ASSERT_TRUE(half.has_value());
  expect_failure(run({}, {*half, *half}), ErrorCode::kUnsupported, "float16");
}

}  // namespace
}  // namespace pleat
