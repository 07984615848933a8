#include "tests/support/op_expect.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor list(Ints values) { return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values); }

Node mode(const char* name) { return node_of("Pad", {Attribute::text("mode", name)}); }

Tensor row(std::vector<float> values) { return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values); }

/// A row padded under `name` with `begin` and `end`.
Tensor padded(const char* name, const Tensor& x, std::int64_t begin, std::int64_t end) {
  return only_output(run_op(mode(name), {x, list({begin, end})}, 19));
}

TEST(Pad, FillsWithTheConstant) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  expect_same(only_output(run_op(node_of("Pad"), {x, list({0, 1, 1, 2})}, 11)),
              Tensor::of<float>({3, 5}, {0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0}));
  expect_same(only_output(run_op(node_of("Pad"), {x, list({0, 1, 0, 0}), Tensor::scalar(9.0F)}, 13)),
              Tensor::of<float>({2, 3}, {9, 1, 2, 9, 3, 4}));
  const Tensor known_late = only_output(
      run_op(node_of("Pad"), {x, list({1, 0, 0, 0}), Tensor::scalar(9.0F)}, 13, 2, KnownInputs::kAllButFirst));
  expect_same(known_late, Tensor::of<float>({3, 2}, {9, 9, 1, 2, 3, 4}));
}

TEST(Pad, EachModeReachesAsFarAsAsked) {
  const Tensor x = row({1, 2, 3});
  expect_same(padded("reflect", x, 2, 1), row({3, 2, 1, 2, 3, 2}));
  expect_same(padded("reflect", x, 5, 0), row({2, 1, 2, 3, 2, 1, 2, 3}));
  expect_same(padded("edge", x, 2, 3), row({1, 1, 1, 2, 3, 3, 3, 3}));
  expect_same(padded("wrap", x, 2, 4), row({2, 3, 1, 2, 3, 1, 2, 3, 1}));
  expect_same(padded("reflect", row({7}), 1, 2), row({7, 7, 7, 7}));
}

TEST(Pad, NegativeWidthsTakeAwayBeforeTheOthersAdd) {
  const Tensor x = row({1, 2, 3, 4});
  expect_same(padded("constant", x, -1, -2), row({2}));
  expect_same(padded("constant", x, -1, 2), row({2, 3, 4, 0, 0}));
  expect_same(padded("reflect", x, -1, 2), row({2, 3, 4, 3, 2}));
  expect_same(padded("edge", x, 2, -2), row({1, 1, 1, 2}));
  expect_same(padded("constant", x, -6, 3), row({0}));
  EXPECT_EQ(padded("constant", x, -2, -2).shape(), (Shape{0}));
}

TEST(Pad, OlderFormsTakeAttributes) {
  const Tensor x = row({1, 2});
  const Attribute value = Attribute::number("value", 5);
  expect_same(only_output(run_op(node_of("Pad", {Attribute::integers("paddings", {1, 0}), value}), {x}, 1)),
              row({5, 1, 2}));
  expect_same(only_output(run_op(node_of("Pad", {Attribute::integers("pads", {0, 1}), value}), {x}, 2)),
              row({1, 2, 5}));
  const Tensor wide = Tensor::of<double>({1}, {1});
  expect_same(only_output(run_op(node_of("Pad", {Attribute::integers("pads", {0, 1}), value}), {wide}, 10)),
              Tensor::of<double>({2}, {1, 5}));
  expect_failure(run_op(node_of("Pad"), {x}, 1), ErrorCode::kInvalid, "'paddings' is missing");
  expect_failure(run_op(node_of("Pad"), {x}, 2), ErrorCode::kInvalid, "'pads' is missing");
}

TEST(Pad, FromOpset18SomeAxesMayBeNamed) {
  const Tensor x = Tensor::of<std::int8_t>({1, 2, 1}, {1, 2});
  expect_same(only_output(run_op(node_of("Pad"), {x, list({1, 0, 0, 1}), {}, list({-1, 1})}, 18)),
              Tensor::of<std::int8_t>({1, 3, 2}, {0, 1, 0, 2, 0, 0}));
  expect_failure(run_op(node_of("Pad"), {x, list({1, 0, 0, 1}), {}, list({1, -2})}, 18), ErrorCode::kInvalid, "twice");
  expect_failure(run_op(node_of("Pad"), {x, list({1, 0}), {}, list({1, 2})}, 18), ErrorCode::kInvalid, "4 values");
}

TEST(Pad, RefusesWhatCannotBe) {
  const Tensor x = row({1, 2});
  expect_failure(run_op(mode("mirror"), {x, list({0, 1})}, 19), ErrorCode::kInvalid, "unknown mode");
  expect_failure(run_op(mode("wrap"), {x, list({0, 1})}, 18), ErrorCode::kInvalid, "opset 19");
  expect_failure(run_op(node_of("Pad"), {x, list({0, 1, 2})}, 19), ErrorCode::kInvalid, "2 values");
  expect_failure(run_op(node_of("Pad"), {x, list({-1, -2})}, 19), ErrorCode::kInvalid, "taken away");
  expect_failure(run_op(node_of("Pad"), {x, list({INT64_MIN, INT64_MAX})}, 19), ErrorCode::kResource, "too large");
  expect_failure(run_op(node_of("Pad"), {x, list({0, std::int64_t{1} << 40})}, 19), ErrorCode::kResource, "too long");
  expect_failure(run_op(node_of("Pad"), {x, list({0, INT64_MAX})}, 19), ErrorCode::kResource, "too large");
  expect_failure(run_op(node_of("Pad"), {x, list({0, 1}), Tensor::scalar(1.0)}, 19), ErrorCode::kInvalid,
                 "constant_value");
  expect_failure(run_op(mode("edge"), {x, list({-2, 1})}, 19), ErrorCode::kInvalid, "nothing to pad from");
  expect_failure(run_op(node_of("Pad"), {x, list({0, 1})}, 19, 1, KnownInputs::kNone), ErrorCode::kUnsupported,
                 "computed from the model's input");
}

}  // namespace
}  // namespace pleat
