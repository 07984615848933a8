#include "converter/build/build_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/checkpoint/small_checkpoint.h"

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string failure_of(const Checkpoint& checkpoint, const ExportOptions& options = {}) {
  const auto built = build_graph(checkpoint, options);
  return built ? "no error" : built.error().text();
}

TEST(BuildGraph, GivesOneNodeForEachLayer) {
  const auto built = build_graph(small_checkpoint());
  ASSERT_TRUE(built) << built.error().text();
  const Model& model = built->model;
  EXPECT_TRUE(built->warnings.empty());
  EXPECT_TRUE(check(model));
  std::vector<std::string> nodes;
  for (const Node& node : model.graph.nodes) nodes.push_back(node.name + " " + node.op_type);
  EXPECT_THAT(nodes, ElementsAre("0_Conv2d Conv", "1_BatchNorm2d BatchNormalization", "2_Sigmoid Sigmoid",
                                 "3_AvgPool2d AveragePool", "4_MaxPool2d MaxPool", "5_Flatten Flatten", "6_Linear Gemm",
                                 "7_BatchNorm1d BatchNormalization", "8_ReLU Relu"));
  EXPECT_THAT(model.graph.nodes[0].inputs, ElementsAre("input", "0.weight", "0.bias"));
  EXPECT_THAT(model.graph.nodes[8].outputs, ElementsAre("output"));
  EXPECT_EQ(model.graph.initializers.size(), 12U);
  EXPECT_EQ(model.producer_name, "pleat");
  EXPECT_EQ(*model.metadata("pleat.architecture"), "small");
  EXPECT_EQ(*model.metadata("pleat.labels"), R"(["a","b","c"])");
  EXPECT_EQ(*model.metadata("pleat.train"), "{\"seed\":1}");
  EXPECT_THAT(*model.metadata("pleat.input"), HasSubstr("\"size\":[10,10]"));
}

TEST(BuildGraph, KeepsBatchNormalizationInInferenceForm) {
  for (int opset = kLowestOpset; opset <= kHighestOpset; ++opset) {
    const auto built = build_graph(small_checkpoint(), {opset, false});
    ASSERT_TRUE(built) << built.error().text();
    const Node& bn = built->model.graph.nodes[1];
    EXPECT_EQ(built->model.opset(), opset);
    EXPECT_EQ(bn.outputs.size(), 1U);
    EXPECT_EQ(bn.attribute("training_mode"), nullptr);
    EXPECT_EQ(std::get<float>(bn.attribute("epsilon")->value), 1e-5F);
    EXPECT_EQ(std::get<float>(bn.attribute("momentum")->value), 0.9F);
  }
}

TEST(BuildGraph, IrVersionFitsTheOpset) {
  const std::pair<int, int> pairs[] = {{13, 7}, {14, 7}, {15, 8}, {16, 8}, {17, 8},
                                       {18, 8}, {19, 9}, {20, 9}, {21, 10}};
  for (const auto& [opset, ir] : pairs)
    EXPECT_EQ(build_graph(small_checkpoint(), {opset, false})->model.ir_version, ir);
  EXPECT_THAT(failure_of(small_checkpoint(), {12, false}), HasSubstr("13 to 21"));
  EXPECT_THAT(failure_of(small_checkpoint(), {22, false}), HasSubstr("13 to 21"));
}

TEST(BuildGraph, TellsTheShapes) {
  const auto fixed = build_graph(small_checkpoint());
  EXPECT_EQ(fixed->model.graph.inputs[0].type.static_shape(), (Shape{1, 1, 10, 10}));
  EXPECT_EQ(fixed->model.graph.outputs[0].type.static_shape(), (Shape{1, 3}));
  const auto open = build_graph(small_checkpoint(), {17, true});
  EXPECT_EQ(open->model.graph.inputs[0].type.shape->front().param, "N");
  EXPECT_FALSE(open->model.graph.inputs[0].type.shape->front().known());
  EXPECT_EQ(open->model.graph.outputs[0].type.shape->front().param, "N");
}

TEST(BuildGraph, SharesTheCheckpointsMemory) {
  const Checkpoint checkpoint = small_checkpoint();
  const auto built = build_graph(checkpoint);
  EXPECT_EQ(built->model.graph.initializer("0.weight")->tensor.bytes().data(),
            checkpoint.find("0.weight")->bytes().data());
}

TEST(BuildGraph, RefusesTensorsThatDoNotFit) {
  Checkpoint missing = small_checkpoint();
  missing.tensors.erase(missing.tensors.begin());
  EXPECT_THAT(failure_of(missing), HasSubstr("tensor '0.weight': missing"));

  Checkpoint surplus = small_checkpoint();
  surplus.tensors.push_back({"2.weight", Tensor::scalar<float>(1)});
  EXPECT_THAT(failure_of(surplus), HasSubstr("tensor '2.weight': belongs to no layer"));

  Checkpoint shape = small_checkpoint();
  replace(shape, "1.bias", Tensor::of<float>({3}, {1, 2, 3}));
  EXPECT_THAT(failure_of(shape), HasSubstr("expected: float [2]\n  got: float [3]"));

  Checkpoint dtype = small_checkpoint();
  replace(dtype, "1.bias", Tensor::of<double>({2}, {1, 2}));
  EXPECT_THAT(failure_of(dtype), HasSubstr("got: double [2]"));
}

TEST(BuildGraph, RefusesValuesNoNetworkCanHave) {
  Checkpoint nan = small_checkpoint();
  replace(nan, "6.bias", Tensor::of<float>({3}, {1, NAN, 3}));
  EXPECT_THAT(failure_of(nan), HasSubstr("tensor '6.bias'"));
  EXPECT_THAT(failure_of(nan), HasSubstr("nan at index 1"));

  Checkpoint infinite = small_checkpoint();
  replace(infinite, "1.weight", Tensor::of<float>({2}, {1, INFINITY}));
  EXPECT_THAT(failure_of(infinite), HasSubstr("not finite"));

  Checkpoint negative = small_checkpoint();
  replace(negative, "1.running_var", Tensor::of<float>({2}, {1, -0.25F}));
  EXPECT_THAT(failure_of(negative), HasSubstr("negative variance"));
}

TEST(BuildGraph, WarnsOfUntrainedStatistics) {
  Checkpoint untrained = small_checkpoint();
  replace(untrained, "1.num_batches_tracked", Tensor::scalar<std::int64_t>(0));
  const auto built = build_graph(untrained);
  ASSERT_TRUE(built) << built.error().text();
  EXPECT_THAT(built->warnings, ElementsAre(HasSubstr("1.num_batches_tracked")));
}

TEST(BuildGraph, RefusesAnArchitectureThatDoesNotHold) {
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.metadata["architecture"] = replaced(small_architecture(), "\"in_features\":8", "\"in_features\":7");
  EXPECT_THAT(failure_of(checkpoint), HasSubstr("layer 6 (Linear)"));
  checkpoint.metadata["architecture"] = replaced(small_architecture(), "[\"a\",\"b\",\"c\"]", "[\"a\"]");
  EXPECT_THAT(failure_of(checkpoint), HasSubstr("as many labels as outputs"));
  checkpoint.metadata["architecture"] =
      replaced(small_architecture(), "{\"name\":\"output\"}", "{\"name\":\"0.bias\"}");
  EXPECT_THAT(failure_of(checkpoint), HasSubstr("inner value"));
  checkpoint.metadata.erase("architecture");
  EXPECT_THAT(failure_of(checkpoint), HasSubstr("does not tell its architecture"));
}

}  // namespace
}  // namespace pleat
