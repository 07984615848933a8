#include "converter/verify/evaluator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "converter/verify/widen.h"
#include "runtime/session/session.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

std::set<std::string> output_names(const Model& model) {
  std::set<std::string> names;
  for (const ValueInfo& output : model.graph.outputs) names.insert(output.name);
  return names;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() && std::ranges::equal(a.bytes(), b.bytes());
}

void expect_session_bits(const Model& model, const NamedTensors& inputs, int threads = 1) {
  const auto session = evaluate(std::make_shared<const Model>(model), inputs);
  ASSERT_TRUE(session.has_value()) << session.error().text();
  const auto values = Evaluator(model, Arithmetic::kOwn, threads).run(inputs, output_names(model));
  ASSERT_TRUE(values.has_value()) << values.error().text();
  ASSERT_EQ(values->size(), session->size());
  for (const auto& [name, value] : *session) EXPECT_TRUE(same_bits(values->at(name), value)) << name;
}

Tensor rounded(const Tensor& tensor, DType dtype) {
  return from_doubles(dtype, tensor.shape(), to_doubles(tensor).value()).value();
}

Model in_type(Model model, DType dtype) {
  for (Initializer& constant : model.graph.initializers) constant.tensor = rounded(constant.tensor, dtype);
  model.graph.inputs[0].type.dtype = model.graph.outputs[0].type.dtype = dtype;
  return model;
}

/// Views, constants made of constants, an operator with several readers, and a value that is an output on the way.
Model with_branches() {
  ModelBuilder builder;
  builder.input("x", {-1, 6}).output("y").output("h");
  builder.constant("shape", Tensor::of<std::int64_t>({4}, {-1, 3, 2, 1}));
  builder.node("Reshape", {"x", "shape"}, {"r"});
  builder.node("Constant", {}, {"c"}, {Attribute::tensor("value", random_tensor({3, 1, 1}, 3))});
  builder.constant("d", random_tensor({1, 2, 1}, 4));
  builder.node("Add", {"c", "d"}, {"cd"}).node("Mul", {"r", "cd"}, {"h"});
  builder.node("Sub", {"h", "r"}, {"s"}).node("Sigmoid", {"s"}, {"g"}).node("Add", {"g", "h"}, {"y"});
  return builder.model();
}

TEST(Evaluator, GivesTheBitsOfASession) {
  const NamedTensors image = {{"x", random_tensor({3, 1, 16, 16}, 5)}};
  expect_session_bits(small_lenet(), image);
  expect_session_bits(small_lenet(), image, 2);
  expect_session_bits(with_branches(), {{"x", random_tensor({4, 6}, 6)}});
  Model wide = in_type(small_lenet(), DType::kDouble);
  expect_session_bits(wide, {{"x", rounded(image.at("x"), DType::kDouble)}});
}

TEST(Evaluator, InDoubleIsTheModelWithEverythingWidened) {
  const Tensor x = random_tensor({2, 1, 16, 16}, 5);
  const auto truth = Evaluator(small_lenet(), Arithmetic::kDouble, 1).run({{"x", x}}, {"y"});
  ASSERT_TRUE(truth.has_value()) << truth.error().text();
  const Model wide = in_type(small_lenet(), DType::kDouble);
  const auto session = evaluate(std::make_shared<const Model>(wide), {{"x", rounded(x, DType::kDouble)}});
  EXPECT_TRUE(same_bits(truth->at("y"), session->at("y")));
}

TEST(Evaluator, ComputesHalfNetworksInFloat) {
  const Tensor x = rounded(random_tensor({2, 1, 16, 16}, 5), DType::kFloat16);
  const Model half = in_type(small_lenet(), DType::kFloat16);
  const auto values = Evaluator(half, Arithmetic::kOwn, 1).run({{"x", x}}, {"y", "bn1"});
  ASSERT_TRUE(values.has_value()) << values.error().text();
  EXPECT_EQ(values->at("y").dtype(), DType::kFloat);
  const Model widened_model = in_type(half, DType::kFloat);
  const auto session =
      evaluate(std::make_shared<const Model>(widened_model), {{"x", rounded(x, DType::kFloat)}}).value();
  EXPECT_TRUE(same_bits(values->at("y"), session.at("y")));
}

TEST(Evaluator, RunsAPartBetweenGivenAndWantedValues) {
  const Model model = small_lenet();
  const Tensor x = random_tensor({2, 1, 16, 16}, 5);
  const auto whole = Evaluator(model, Arithmetic::kOwn, 1).run({{"x", x}}, {"pool1", "bn2", "y"});
  std::vector<std::string> visited;
  const auto visit = [&](const std::string& name, const Tensor&) -> Status {
    visited.push_back(name);
    return {};
  };
  const auto part = Evaluator(model, Arithmetic::kOwn, 1).run({{"pool1", whole->at("pool1")}}, {"bn2"}, visit);
  ASSERT_TRUE(part.has_value()) << part.error().text();
  EXPECT_TRUE(same_bits(part->at("bn2"), whole->at("bn2")));
  EXPECT_EQ(visited, (std::vector<std::string>{"conv2", "bn2"}));
}

TEST(Evaluator, LetsConstantsBePerturbed) {
  const Model model = small_lenet();
  const Tensor x = random_tensor({2, 1, 16, 16}, 5);
  std::set<std::string> seen;
  const auto zero = [&](const Node& node, std::size_t input, Tensor& constant) {
    seen.insert(node.inputs[input]);
    EXPECT_EQ(constant.dtype(), DType::kDouble);
    if (node.name != "y" || input != 1) return;
    constant = Tensor::allocate(constant.dtype(), constant.shape()).value();
  };
  const auto values = Evaluator(model, Arithmetic::kDouble, 1).run({{"x", x}}, {"y"}, {}, zero);
  ASSERT_TRUE(values.has_value()) << values.error().text();
  EXPECT_EQ(seen.size(), model.graph.initializers.size());
  const auto bias = to_doubles(model.graph.initializer("b5")->tensor).value();
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(values->at("y").data<double>()[i], bias[i % 10]);
}

TEST(Evaluator, TellsWhatItCannotRun) {
  Model unknown = small_lenet();
  unknown.graph.nodes.back().domain = "elsewhere";
  const auto run = [](const Model& model, const NamedTensors& inputs, const std::set<std::string>& wanted) {
    const auto values = Evaluator(model, Arithmetic::kOwn, 1).run(inputs, wanted);
    return values ? std::string() : std::to_string(static_cast<int>(values.error().code)) + values.error().text();
  };
  const Tensor x = random_tensor({2, 1, 16, 16}, 5);
  EXPECT_EQ(run(unknown, {{"x", x}}, {"y"}).front(), '4');
  EXPECT_EQ(run(unknown, {{"x", x}}, {"bn4"}), "");
  EXPECT_NE(run(small_lenet(), {}, {"y"}).find("'x'"), std::string::npos);
  EXPECT_NE(run(small_lenet(), {{"x", x}}, {"nothing"}).find("'nothing'"), std::string::npos);
  EXPECT_EQ(run(small_lenet(), {{"x", random_tensor({2, 1, 16}, 5)}}, {"y"}).front(), '3');
  EXPECT_EQ(run(small_lenet(), {{"x", Tensor::allocate(DType::kInt64, {2, 1, 16, 16}).value()}}, {"y"}).front(), '3');
}

TEST(Widen, KeepsValuesExactlyAndIntegersAsTheyAre) {
  const Tensor weights = Tensor::of<float>({2}, {0.1F, 0x1p-149F});
  const auto wide = widened(weights, Arithmetic::kDouble);
  ASSERT_TRUE(wide.has_value());
  EXPECT_EQ(wide->data<double>()[0], static_cast<double>(0.1F));
  EXPECT_EQ(wide->data<double>()[1], 0x1p-149);
  EXPECT_EQ(widened(weights, Arithmetic::kOwn)->bytes().data(), weights.bytes().data());
  for (const DType half : {DType::kFloat16, DType::kBfloat16}) {
    const Tensor stored = from_doubles(half, {3}, std::vector<double>{1.5, -0x1p-14, INFINITY}).value();
    EXPECT_TRUE(std::ranges::equal(widened(stored, Arithmetic::kOwn)->data<float>(),
                                   std::vector<float>{1.5F, -0x1p-14F, INFINITY}));
    EXPECT_EQ(widened(stored, Arithmetic::kDouble)->data<double>()[1], -0x1p-14);
  }
  const Tensor indices = Tensor::of<std::int64_t>({1}, {2});
  EXPECT_EQ(widened(indices, Arithmetic::kDouble)->dtype(), DType::kInt64);
}

TEST(Widen, ReachesTypesAndConstantsOfNodes) {
  Node cast;
  cast.op_type = "Cast";
  cast.attributes = {Attribute::integer("to", static_cast<std::int64_t>(DType::kFloat16))};
  const auto target = [&](Arithmetic arithmetic) {
    return static_cast<DType>(std::get<std::int64_t>(widened(cast, arithmetic)->attributes[0].value));
  };
  EXPECT_EQ(target(Arithmetic::kOwn), DType::kFloat);
  EXPECT_EQ(target(Arithmetic::kDouble), DType::kDouble);
  Node constant;
  constant.op_type = "Constant";
  constant.attributes = {Attribute::number("value_float", 0.3F)};
  EXPECT_EQ(std::get<Tensor>(widened(constant, Arithmetic::kDouble)->attributes[0].value).data<double>()[0],
            static_cast<double>(0.3F));
  EXPECT_EQ(std::get<float>(widened(constant, Arithmetic::kOwn)->attributes[0].value), 0.3F);
}

}  // namespace
}  // namespace pleat
