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

Tensor counted(Shape shape) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < shape.elements(); ++i) values.push_back(static_cast<float>(i));
  return Tensor::of(std::move(shape), values);
}

Shape shape_of(std::vector<Attribute> attributes, Shape x, Shape w) {
  return only_output(run_op(node_of("Conv", std::move(attributes)), {filled(std::move(x)), filled(std::move(w))}, 17))
      .shape();
}

TEST(Conv, SumsTheNeighbourhood) {
  const Tensor x = counted({1, 1, 5, 5});
  const Tensor padded =
      only_output(run_op(node_of("Conv", {Attribute::integers("pads", {1, 1, 1, 1})}), {x, filled({1, 1, 3, 3})}, 1));
  expect_same(padded, Tensor::of<float>({1, 1, 5, 5}, {12,  21, 27, 33,  24,  33,  54,  63, 72,  51,  63,  99, 108,
                                                       117, 81, 93, 144, 153, 162, 111, 72, 111, 117, 123, 84}));
  const Tensor valid = only_output(run_op(node_of("Conv"), {x, filled({1, 1, 3, 3}), filled({1}, 0.5F)}, 17));
  expect_same(valid, Tensor::of<float>({1, 1, 3, 3}, {54.5, 63.5, 72.5, 99.5, 108.5, 117.5, 144.5, 153.5, 162.5}));
}

TEST(Conv, OutputShapes) {
  EXPECT_EQ(shape_of({}, {2, 3, 28, 28}, {6, 3, 5, 5}), (Shape{2, 6, 24, 24}));
  EXPECT_EQ(shape_of({Attribute::integers("strides", {2, 3})}, {1, 1, 9, 9}, {1, 1, 3, 3}), (Shape{1, 1, 4, 3}));
  EXPECT_EQ(shape_of({Attribute::integer("group", 2), Attribute::integers("dilations", {2})}, {1, 4, 9}, {8, 2, 3}),
            (Shape{1, 8, 5}));
  EXPECT_EQ(shape_of({}, {1, 1, 4, 5, 6}, {2, 1, 2, 3, 4}), (Shape{1, 2, 3, 3, 3}));
}

TEST(Conv, AutoPad) {
  const auto with = [](std::string pad, std::int64_t stride, Shape x) {
    return shape_of({Attribute::text("auto_pad", std::move(pad)), Attribute::integers("strides", {stride, stride})},
                    std::move(x), {1, 1, 2, 2});
  };
  EXPECT_EQ(with("SAME_UPPER", 2, {1, 1, 5, 5}), (Shape{1, 1, 3, 3}));
  EXPECT_EQ(with("SAME_LOWER", 1, {1, 1, 5, 5}), (Shape{1, 1, 5, 5}));
  EXPECT_EQ(with("VALID", 1, {1, 1, 5, 5}), (Shape{1, 1, 4, 4}));
  const auto one_axis = [](const char* pad) {
    return only_output(run_op(node_of("Conv", {Attribute::text("auto_pad", pad)}),
                              {counted({1, 1, 3}), Tensor::of<float>({1, 1, 2}, {10, 1})}, 17));
  };
  expect_same(one_axis("SAME_UPPER"), Tensor::of<float>({1, 1, 3}, {1, 12, 20}));
  expect_same(one_axis("SAME_LOWER"), Tensor::of<float>({1, 1, 3}, {0, 1, 12}));
}

TEST(Conv, SameBitsHoweverItIsRun) {
  const std::vector<Tensor> inputs = {random_tensor({3, 18, 9, 8}, 1), random_tensor({10, 9, 3, 3}, 2),
                                      random_tensor({10}, 3)};
  const Node node = node_of("Conv", {Attribute::integer("group", 2), Attribute::integers("pads", {1, 0, 1, 2})});
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

TEST(Conv, OneImageOrABatchGivesTheSameBits) {
  const Tensor batch = random_tensor({4, 6, 12, 12}, 1);
  const Tensor w = random_tensor({16, 6, 5, 5}, 2);
  const Tensor all = only_output(run_op(node_of("Conv"), {batch, w}, 17, 2));
  for (std::size_t n = 0; n < 4; ++n) {
    const Tensor image = Tensor::of({1, 6, 12, 12}, batch.data<float>().subspan(n * 864, 864));
    expect_same(only_output(run_op(node_of("Conv"), {image, w}, 17)),
                Tensor::of({1, 16, 8, 8}, all.data<float>().subspan(n * 1024, 1024)));
  }
}

TEST(Conv, AnEmptyBatchHasNoOutput) { EXPECT_EQ(shape_of({}, {0, 1, 5, 5}, {2, 1, 3, 3}), (Shape{0, 2, 3, 3})); }

TEST(Conv, RefusesWhatDoesNotFit) {
  const auto run = [](std::vector<Attribute> attributes, std::vector<Tensor> inputs) {
    return run_op(node_of("Conv", std::move(attributes)), std::move(inputs), 17);
  };
  const Tensor x = filled({1, 4, 5, 5}), w = filled({2, 4, 3, 3});
  expect_failure(run({}, {x, filled({2, 3, 3, 3})}), ErrorCode::kInvalid, "channels of X do not match");
  expect_failure(run({}, {x, filled({2, 4, 3})}), ErrorCode::kInvalid, "rank");
  expect_failure(run({}, {x, w, filled({3})}), ErrorCode::kInvalid, "bias");
  expect_failure(run({}, {x, filled({2, 4, 6, 3})}), ErrorCode::kInvalid, "does not fit the padded input");
  expect_failure(run({}, {filled({1, 4}), filled({2, 4})}), ErrorCode::kInvalid, "spatial axes");
  expect_failure(run({Attribute::integer("group", 0)}, {x, w}), ErrorCode::kInvalid, "group out of range");
  expect_failure(run({Attribute::integer("group", 4)}, {x, filled({6, 1, 3, 3})}), ErrorCode::kInvalid, "groups");
  expect_failure(run({Attribute::integers("kernel_shape", {3, 2})}, {x, w}), ErrorCode::kInvalid, "kernel_shape");
  expect_failure(run({Attribute::integers("strides", {0, 1})}, {x, w}), ErrorCode::kInvalid, "strides");
  expect_failure(run({Attribute::integers("strides", {1})}, {x, w}), ErrorCode::kInvalid, "2 values");
  expect_failure(run({Attribute::integers("pads", {0, 0, -1, 0})}, {x, w}), ErrorCode::kInvalid, "pads");
  expect_failure(run({Attribute::text("auto_pad", "SAME")}, {x, w}), ErrorCode::kInvalid, "auto_pad");
  expect_failure(run({Attribute::integer("grup", 1)}, {x, w}), ErrorCode::kUnsupported, "grup");
  expect_failure(run({Attribute::text("auto_pad", "SAME_UPPER"), Attribute::integers("pads", {1, 1, 1, 1})}, {x, w}),
                 ErrorCode::kInvalid, "cannot both");
  expect_failure(run({}, {filled({1, 1, 2, 2, 2, 2}), filled({1, 1, 1, 1, 1, 1})}), ErrorCode::kUnsupported, "axes");
  expect_failure(run({}, {x}), ErrorCode::kInvalid, "input");
}

TEST(Conv, RefusesHalfByName) {
  const auto half = from_doubles(DType::kFloat16, {1, 1, 3, 3}, std::vector<double>(9, 1.0));
  ASSERT_TRUE(half.has_value());
  expect_failure(run_op(node_of("Conv"), {*half, *half}, 17), ErrorCode::kUnsupported, "float16");
  const Tensor wide = Tensor::of<double>({1, 1, 1}, {1});
  expect_failure(run_op(node_of("Conv"), {filled({1, 1, 3}), wide}, 17), ErrorCode::kInvalid, "double");
}

}  // namespace
}  // namespace pleat
