#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor line(std::vector<float> values) {
  const Shape shape = {1, 1, static_cast<std::int64_t>(values.size())};
  return Tensor::of(shape, values);
}

Tensor run(std::vector<Attribute> attributes, const Tensor& x, int opset) {
  return only_output(run_op(node_of("AveragePool", std::move(attributes)), {x}, opset));
}

TEST(AveragePool, MeanUnderEachWindow) {
  expect_same(run({Attribute::integers("kernel_shape", {2})}, line({1, 2, 4, 8}), 1), line({1.5, 3, 6}));
  const Tensor square = Tensor::of<double>({1, 1, 2, 2}, {1, 2, 3, 6});
  expect_same(run({Attribute::integers("kernel_shape", {2, 2})}, square, 11), Tensor::of<double>({1, 1, 1, 1}, {3}));
}

TEST(AveragePool, PaddingCountsOnlyWhenAsked) {
  const std::vector<Attribute> attributes = {Attribute::integers("kernel_shape", {2}),
                                             Attribute::integers("pads", {1, 1})};
  expect_same(run(attributes, line({2, 4}), 7), line({2, 3, 4}));
  auto counting = attributes;
  counting.push_back(Attribute::integer("count_include_pad", 1));
  expect_same(run(counting, line({2, 4}), 7), line({1, 3, 2}));
}

TEST(AveragePool, CeilModeCountsNothingBeyondThePadding) {
  std::vector<Attribute> attributes = {Attribute::integers("kernel_shape", {2}), Attribute::integers("strides", {2}),
                                       Attribute::integer("ceil_mode", 1)};
  expect_same(run(attributes, line({1, 3, 5}), 10), line({2, 5}));
  attributes.push_back(Attribute::integer("count_include_pad", 1));
  expect_same(run(attributes, line({1, 3, 5}), 10), line({2, 5}));
}

TEST(AveragePool, AttributesComeWithTheirOpset) {
  const Tensor x = line({1, 2, 3, 4});
  const auto refused = [&](Attribute attribute, int opset, const char* name) {
    expect_failure(
        run_op(node_of("AveragePool", {Attribute::integers("kernel_shape", {2}), std::move(attribute)}), {x}, opset),
        ErrorCode::kUnsupported, name);
  };
  refused(Attribute::integer("count_include_pad", 1), 1, "count_include_pad");
  refused(Attribute::integer("ceil_mode", 1), 7, "ceil_mode");
  refused(Attribute::integers("dilations", {2}), 11, "dilations");
  expect_same(run({Attribute::integers("kernel_shape", {2}), Attribute::integers("dilations", {2})}, x, 19),
              line({2, 3}));
}

TEST(AveragePool, RefusesIntegersByName) {
  expect_failure(run_op(node_of("AveragePool", {Attribute::integers("kernel_shape", {1})}),
                        {Tensor::of<std::int8_t>({1, 1, 1}, {1})}, 11),
                 ErrorCode::kUnsupported, "int8");
}

}  // namespace
}  // namespace pleat
