#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "runtime/base/float_mode.h"
#include "runtime/session/session.h"
#include "tests/support/each_isa.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

constexpr double kLeastNormal = 1.17549435e-38;

/// Values around the least normal number: products of them with weights of about 1 are denormal or nearly so.
Tensor tiny(Shape shape, unsigned seed) { return random_tensor(std::move(shape), seed, -4e-38, 4e-38); }

std::vector<Attribute> window(std::int64_t size) { return {Attribute::integers("kernel_shape", {size, size})}; }

/// Every kind of kernel at once, on x [1,20,9,9] of denormal and other tiny values.
std::shared_ptr<const Model> kernels() {
  ModelBuilder builder;
  builder.input("x", {1, 20, 9, 9});
  const auto add = [&](const std::string& op, std::vector<std::string> inputs, std::vector<Attribute> attributes = {}) {
    const std::string y = "y" + std::to_string(builder.model().graph.nodes.size()) + "_" + op;
    builder.node(op, std::move(inputs), {y}, std::move(attributes)).output(y);
    return y;
  };
  builder.constant("w", random_tensor({8, 20, 3, 3}, 1)).constant("bias", tiny({8}, 2));
  builder.constant("tiny_w", tiny({8, 20, 3, 3}, 3)).constant("dw", random_tensor({20, 1, 3, 3}, 4));
  builder.constant("up_w", random_tensor({20, 3, 2, 2}, 5)).constant("matrix", random_tensor({9, 33}, 6));
  builder.constant("slope", random_tensor({20, 1, 1}, 7)).constant("tiny_slope", tiny({20, 1, 1}, 8));
  builder.constant("big", Tensor::scalar(1e30f)).constant("least", Tensor::scalar(1e-39f));
  const std::string conv = add("Conv", {"x", "w", "bias"});
  add("Conv", {"x", "tiny_w"});
  add("Conv", {"x", "dw"}, {Attribute::integer("group", 20), Attribute::integers("pads", {1, 1, 1, 1})});
  add("ConvTranspose", {"x", "up_w"});
  add("MatMul", {"x", "matrix"});
  add_batch_norm(builder, "x", "bn", 20, 9);
  builder.output("bn");
  for (const char* op : {"Relu",
                         "LeakyRelu",
                         "Elu",
                         "Sigmoid",
                         "Tanh",
                         "Exp",
                         "Softplus",
                         "Erf",
                         "Abs",
                         "Neg",
                         "Sqrt",
                         "Floor",
                         "Ceil",
                         "Sin",
                         "Selu",
                         "HardSigmoid",
                         "HardSwish",
                         "Softmax",
                         "GlobalAveragePool",
                         "GlobalMaxPool",
                         "ReduceSum",
                         "ReduceMax",
                         "ReduceL2",
                         "ReduceSumSquare",
                         "Sign",
                         "LogSoftmax"})
    add(op, {"x"});
  add("Exp", {add("Log", {add("Abs", {conv})})});
  for (const char* op : {"Mul", "Add", "Div", "Max", "Min", "PRelu", "Sub"}) add(op, {"x", "slope"});
  for (const char* op : {"Mul", "Add", "Max", "Min", "PRelu"}) add(op, {"x", "tiny_slope"});
  add("Clip", {"x", "least", "big"});
  add("MaxPool", {"x"}, window(3));
  add("AveragePool", {"x"}, window(2));
  add("LRN", {"x"}, {Attribute::integer("size", 5)});
  add("Exp", {add("Sub", {"x", "big"})});
  return builder.share();
}

using Outputs = std::vector<std::vector<float>>;

Outputs run(const std::shared_ptr<const Model>& model, const Tensor& x, const SessionOptions& options) {
  PlanOptions plan_options;
  plan_options.threads = options.threads;
  auto plan = Plan::make(model, plan_options);
  EXPECT_TRUE(plan.has_value()) << plan.error().text();
  if (!plan) return {};
  const auto session = Session::create(*plan, options).value();
  EXPECT_TRUE(session->set_input("x", x.view()).has_value());
  session->run();
  Outputs outputs;
  for (std::size_t i = 0; i < (*plan)->outputs().size(); ++i) {
    const TensorView view = session->output(i);
    outputs.emplace_back(view.as<float>(), view.as<float>() + view.elements());
  }
  return outputs;
}

int denormals(const std::vector<float>& values) {
  int count = 0;
  for (float value : values) count += std::fpclassify(value) == FP_SUBNORMAL;
  return count;
}

TEST(Denormals, EveryInstructionSetAndTeamFlushesOrKeepsTheSameBits) {
  const auto model = kernels();
  const Tensor x = tiny({1, 20, 9, 9}, 11);
  for (const bool flush : {true, false}) {
    Outputs first;
    for_each_isa([&](Isa isa) {
      for (const int threads : {1, 2}) {
        const Outputs now = run(model, x, {.threads = threads, .flush_denormals = flush});
        if (first.empty()) first = now;
        ASSERT_EQ(now.size(), first.size());
        for (std::size_t i = 0; i < now.size(); ++i)
          EXPECT_EQ(std::memcmp(now[i].data(), first[i].data(), now[i].size() * sizeof(float)), 0)
              << model->graph.outputs[i].name << " on " << isa_name(isa) << ", " << threads << " threads, flush "
              << flush;
      }
    });
  }
}

TEST(Denormals, OfResultsAreFlushedUnlessToldOtherwise) {
  ModelBuilder builder;
  builder.input("x", {1, 20, 9, 9}).output("y").output("unchanged");
  builder.constant("half", Tensor::scalar(0.5f)).node("Mul", {"x", "half"}, {"y"}).node("Relu", {"x"}, {"unchanged"});
  const Tensor x = tiny({1, 20, 9, 9}, 12);
  const auto model = builder.share();
  const Outputs flushed = run(model, x, {});
  const Outputs kept = run(model, x, {.flush_denormals = false});
  EXPECT_EQ(denormals(flushed[0]), 0);
  EXPECT_GT(denormals(kept[0]), 100);
  EXPECT_GT(denormals(flushed[1]), 100) << "a value that is only chosen keeps its bits";
  for (std::size_t i = 0; i < kept[0].size(); ++i)
    ASSERT_LT(std::fabs(static_cast<double>(flushed[0][i]) - kept[0][i]), kLeastNormal);

  const auto evaluated = evaluate(model, {{"x", x}}).value();
  EXPECT_EQ(std::memcmp(evaluated.at("y").view().data, kept[0].data(), kept[0].size() * sizeof(float)), 0);
}

TEST(Denormals, TheModeOfTheProgramHasNoSayAndComesBack) {
  const auto model = kernels();
  const Tensor x = tiny({1, 20, 9, 9}, 13);
  const Outputs plain = run(model, x, {.threads = 2});
  const std::uint32_t odd = kPlainFloatMode | kFlushResults | 0x40 | 0x2000;  // fast mathematics, rounding down
  PlanOptions plan_options;
  plan_options.threads = 2;
  const auto session = Session::create(Plan::make(model, plan_options).value(), {.threads = 2}).value();
  ASSERT_TRUE(session->set_input("x", x.view()).has_value());
  set_float_mode(odd);
  session->run();
  const std::uint32_t after = float_mode();
  set_float_mode(kPlainFloatMode);
  EXPECT_EQ(after, odd);
  for (std::size_t i = 0; i < plain.size(); ++i)
    EXPECT_EQ(std::memcmp(session->output(i).data, plain[i].data(), plain[i].size() * sizeof(float)), 0)
        << model->graph.outputs[i].name;
}

}  // namespace
}  // namespace pleat
