#include <limits>

#include "runtime/kernels/trigonometric.h"
#include "runtime/kernels/unary.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"
#include "tests/support/ulps.h"

namespace pleat {
namespace {

struct Case {
  const char* op;
  std::vector<Attribute> attributes;
  std::vector<int> opsets;
  Unary function;
  float a = 0, b = 0;
};

/// Every NaN counts as the same.
template <class T>
void expect_same_values(const Tensor& got, const Tensor& expected) {
  ASSERT_EQ(got.shape(), expected.shape());
  const auto a = got.data<T>(), b = expected.data<T>();
  EXPECT_TRUE(same_bits(std::vector<T>(a.begin(), a.end()), std::vector<T>(b.begin(), b.end())));
}

/// Without attributes means their defaults.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"Abs", {}, {1, 6, 13}, Unary::kAbs},
      {"Ceil", {}, {1, 6, 13}, Unary::kCeil},
      {"Celu", {}, {12}, Unary::kCelu, 1},
      {"Celu", {Attribute::number("alpha", 2)}, {12}, Unary::kCelu, 2},
      {"Elu", {}, {1, 6, 22}, Unary::kElu, 1},
      {"Elu", {Attribute::number("alpha", 0.5F)}, {6}, Unary::kElu, 0.5F},
      {"Erf", {}, {9, 13}, Unary::kErf},
      {"Exp", {}, {1, 6, 13}, Unary::kExp},
      {"Floor", {}, {1, 6, 13}, Unary::kFloor},
      {"Gelu", {}, {20}, Unary::kGelu},
      {"Gelu", {Attribute::text("approximate", "tanh")}, {20}, Unary::kGeluTanh},
      {"HardSigmoid", {}, {1, 6, 22}, Unary::kHardSigmoid, 0.2F, 0.5F},
      {"HardSigmoid",
       {Attribute::number("alpha", 0.25F), Attribute::number("beta", 0.75F)},
       {6},
       Unary::kHardSigmoid,
       0.25F,
       0.75F},
      {"HardSwish", {}, {14, 22}, Unary::kHardSwish},
      {"LeakyRelu", {}, {1, 6, 16}, Unary::kLeakyRelu, 0.01F},
      {"LeakyRelu", {Attribute::number("alpha", 0.5F)}, {6}, Unary::kLeakyRelu, 0.5F},
      {"Log", {}, {1, 6, 13}, Unary::kLog},
      {"Mish", {}, {18, 22}, Unary::kMish},
      {"Reciprocal", {}, {1, 6, 13}, Unary::kReciprocal},
      {"Round", {}, {11, 22}, Unary::kRound},
      {"Selu", {}, {1}, Unary::kSelu, 1.6732F, 1.0507F},
      {"Selu", {}, {6, 22}, Unary::kSelu, 1.67326319217681884765625F, 1.05070102214813232421875F},
      {"Selu", {Attribute::number("alpha", 2), Attribute::number("gamma", 3)}, {6}, Unary::kSelu, 2, 3},
      {"Shrink", {}, {9}, Unary::kShrink, 0.5F, 0},
      {"Shrink", {Attribute::number("lambd", 1), Attribute::number("bias", 0.5F)}, {9}, Unary::kShrink, 1, 0.5F},
      {"Sigmoid", {}, {1, 6, 13}, Unary::kSigmoid},
      {"Sign", {}, {9, 13}, Unary::kSign},
      {"Softplus", {}, {1, 22}, Unary::kSoftplus},
      {"Softsign", {}, {1, 22}, Unary::kSoftsign},
      {"Sqrt", {}, {1, 6, 13}, Unary::kSqrt},
      {"Tanh", {}, {1, 6, 13}, Unary::kTanh},
      {"ThresholdedRelu", {}, {10, 22}, Unary::kThresholdedRelu, 1},
      {"ThresholdedRelu", {Attribute::number("alpha", 2)}, {10}, Unary::kThresholdedRelu, 2},
  };
  return all;
}

template <class T>
void check_is_kernel(const Case& c) {
  SCOPED_TRACE(c.op);
  const auto x = random_values<T>(300, 1, -4, 4);
  ThreadPool pool;
  std::vector<T> y(x.size());
  unary(c.function, static_cast<T>(c.a), static_cast<T>(c.b), x.data(), y.data(), 300, pool);
  for (int opset : c.opsets)
    expect_same_values<T>(only_output(run_op(node_of(c.op, c.attributes), {Tensor::of({3, 100}, x)}, opset)),
                          Tensor::of({3, 100}, y));
}

TEST(UnaryOperators, AreTheKernels) {
  for (const Case& c : cases()) {
    check_is_kernel<float>(c);
    check_is_kernel<double>(c);
  }
}

TEST(UnaryOperators, RefuseWhatTheyDoNotKnow) {
  const Tensor x = Tensor::of<float>({1}, {1});
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.op);
    const int opset = c.opsets.back();
    expect_failure(run_op(node_of(c.op, {Attribute::integer("wrong", 1)}), {x}, opset), ErrorCode::kUnsupported,
                   "wrong");
    expect_failure(run_op(node_of(c.op), {Tensor::of<bool>({1}, {true})}, opset), ErrorCode::kUnsupported, "bool");
    expect_failure(run_op(node_of(c.op), {x, x}, opset), ErrorCode::kInvalid, "number of inputs");
    EXPECT_EQ(run_op(node_of(c.op, {Attribute::integers("consumed_inputs", {0})}), {x}, opset).has_value(), opset < 6);
  }
  expect_failure(run_op(node_of("Gelu", {Attribute::text("approximate", "cubic")}), {x}, 20), ErrorCode::kInvalid,
                 "'cubic'");
}

TEST(UnaryOperators, AbsAndSignTakeIntegers) {
  const Tensor x = Tensor::of<std::int32_t>({4}, {-3, 0, 7, INT32_MIN});
  expect_same(only_output(run_op(node_of("Abs"), {x}, 13)), Tensor::of<std::int32_t>({4}, {3, 0, 7, INT32_MIN}));
  expect_same(only_output(run_op(node_of("Sign"), {x}, 13)), Tensor::of<std::int32_t>({4}, {-1, 0, 1, -1}));
  const Tensor bytes = Tensor::of<std::uint8_t>({2}, {0, 255});
  expect_same(only_output(run_op(node_of("Abs"), {bytes}, 13)), bytes);
  expect_same(only_output(run_op(node_of("Sign"), {bytes}, 13)), Tensor::of<std::uint8_t>({2}, {0, 1}));
  expect_failure(run_op(node_of("Sqrt"), {x}, 13), ErrorCode::kUnsupported, "int32");
}

template <class T>
void check_kernel(const char* op, void (*kernel)(const T*, T*, std::int64_t, ThreadPool&)) {
  const auto x = random_values<T>(300, 2, -9, 9);
  ThreadPool pool;
  std::vector<T> y(x.size());
  kernel(x.data(), y.data(), 300, pool);
  expect_same(only_output(run_op(node_of(op), {Tensor::of({300}, x)}, 13, 2)), Tensor::of({300}, y));
}

TEST(UnaryOperators, SinAndCosAreTheirKernels) {
  check_kernel<float>("Sin", sine);
  check_kernel<double>("Sin", sine);
  check_kernel<float>("Cos", cosine);
  check_kernel<double>("Cos", cosine);
}

TEST(UnaryOperators, FindNanAndInfinity) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = Tensor::of<float>({4}, {1, nan, inf, -inf});
  const auto flags = [](bool a, bool b, bool c, bool d) { return Tensor::of<bool>({4}, {a, b, c, d}); };
  const auto find = [&](std::vector<Attribute> attributes) {
    return only_output(run_op(node_of("IsInf", std::move(attributes)), {x}, 10));
  };
  expect_same(only_output(run_op(node_of("IsNaN"), {x}, 9)), flags(false, true, false, false));
  expect_same(find({}), flags(false, false, true, true));
  expect_same(find({Attribute::integer("detect_negative", 0)}), flags(false, false, true, false));
  expect_same(find({Attribute::integer("detect_positive", 0)}), flags(false, false, false, true));
}

TEST(UnaryOperators, NotTurnsFlags) {
  const Tensor x = Tensor::of<bool>({2}, {true, false});
  expect_same(only_output(run_op(node_of("Not"), {x}, 1)), Tensor::of<bool>({2}, {false, true}));
  expect_failure(run_op(node_of("Not"), {Tensor::of<float>({1}, {1})}, 1), ErrorCode::kInvalid, "float");
}

}  // namespace
}  // namespace pleat
