#include <functional>
#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor flags(std::vector<bool> values) {
  auto tensor = *Tensor::allocate(DType::kBool, Shape{static_cast<std::int64_t>(values.size())});
  for (std::size_t i = 0; i < values.size(); ++i) tensor.mutable_data<bool>()[i] = values[i];
  return tensor;
}

struct Case {
  const char* op;
  int opset;
  bool less, equal, greater;  ///< what holds for 1 and 2, 2 and 2, 3 and 2
};
constexpr Case kCases[] = {{"Equal", 7, false, true, false},          {"Equal", 19, false, true, false},
                           {"Greater", 7, false, false, true},        {"Greater", 13, false, false, true},
                           {"GreaterOrEqual", 12, false, true, true}, {"Less", 9, true, false, false},
                           {"LessOrEqual", 16, true, true, false}};

template <class T>
void check_order() {
  const Tensor a = Tensor::of<T>({3}, {1, 2, 3}), b = Tensor::scalar<T>(2);
  for (const Case& c : kCases)
    expect_same(only_output(run_op(node_of(c.op), {a, b}, c.opset)), flags({c.less, c.equal, c.greater}));
}

TEST(Relations, OrderNumbers) {
  check_order<float>();
  check_order<double>();
  check_order<std::int32_t>();
  check_order<std::int64_t>();
  check_order<std::uint8_t>();
}

TEST(Relations, NanIsUnordered) {
  const Tensor nan = Tensor::of<float>({1}, {std::numeric_limits<float>::quiet_NaN()});
  for (const Case& c : kCases) expect_same(only_output(run_op(node_of(c.op), {nan, nan}, c.opset)), flags({false}));
}

TEST(Relations, Logic) {
  const Tensor a = flags({false, false, true, true}), b = flags({false, true, false, true});
  const auto run = [&](const char* op) { return only_output(run_op(node_of(op), {a, b}, 7)); };
  expect_same(run("And"), flags({false, false, false, true}));
  expect_same(run("Or"), flags({false, true, true, true}));
  expect_same(run("Xor"), flags({false, true, true, false}));
  expect_same(run("Equal"), flags({true, false, false, true}));
}

TEST(Relations, Broadcast) {
  const Tensor column = Tensor::of<std::int64_t>({2, 1}, {1, 2}), row = Tensor::of<std::int64_t>({3}, {1, 2, 3});
  expect_same(only_output(run_op(node_of("Less"), {column, row}, 9)),
              flags({false, true, true, false, false, true}).reshaped({2, 3}));
  const Tensor matrix = Tensor::of<float>({2, 2}, {1, 2, 3, 4}), vector = Tensor::of<float>({2}, {1, 4});
  const Node legacy = node_of("Greater", {Attribute::integer("broadcast", 1), Attribute::integer("axis", 0)});
  expect_same(only_output(run_op(legacy, {matrix, vector}, 1)), flags({false, true, false, false}).reshaped({2, 2}));
  expect_failure(run_op(node_of("Greater"), {matrix, vector}, 1), ErrorCode::kInvalid, "'broadcast' is not set");
}

TEST(Relations, RefuseOtherTypes) {
  const Tensor number = Tensor::of<float>({1}, {1}), flag = flags({true});
  expect_failure(run_op(node_of("Less"), {flag, flag}, 9), ErrorCode::kUnsupported, "bool");
  expect_failure(run_op(node_of("And"), {number, number}, 7), ErrorCode::kUnsupported, "float");
  expect_failure(run_op(node_of("Equal"), {number, flag}, 13), ErrorCode::kInvalid, "one type");
}

}  // namespace
}  // namespace pleat
