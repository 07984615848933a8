#include "converter/judge/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/base/files.h"
#include "runtime/onnx/write_model.h"
#include "runtime/onnx/writer.h"

namespace pleat {
namespace {

using ::testing::HasSubstr;
using Verdict = Judgement::Verdict;

ValueInfo value(std::string name, std::vector<std::int64_t> sizes, DType dtype = DType::kFloat) {
  ValueInfo info;
  info.name = std::move(name);
  info.type.dtype = dtype;
  info.type.shape.emplace();
  for (const std::int64_t size : sizes) info.type.shape->emplace_back().value = size;
  return info;
}

/// y = MatMul(x, w) with x of 1×3 and w of 3×2.
Model product() {
  Model model;
  model.opset_imports.push_back({"", 17});
  model.graph.name = "product";
  model.graph.inputs.push_back(value("x", {1, 3}));
  Initializer w;
  w.name = "w";
  w.tensor = Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  model.graph.initializers.push_back(w);
  Node node;
  node.op_type = "MatMul";
  node.inputs = {"x", "w"};
  node.outputs = {"y"};
  model.graph.nodes.push_back(node);
  model.graph.outputs.push_back(value("y", {1, 2}));
  return model;
}

Judgement judged(const Model& model) { return judge(serialize(model).value()); }

TEST(Judge, AcceptsASoundModel) {
  const Judgement judgement = judged(product());
  EXPECT_EQ(judgement.verdict, Verdict::kAccepted) << judgement.reason;
  EXPECT_EQ(judgement.reason, "");
}

TEST(Judge, RejectsWhatTheCheckerRejects) {
  Model model = product();
  model.graph.nodes[0].op_type = "MatMull";
  EXPECT_THAT(judged(model).reason, HasSubstr("MatMull"));
  EXPECT_TRUE(judged(model).rejected());
  model = product();
  model.graph.nodes[0].attributes.push_back(Attribute::integer("axis", 1));
  EXPECT_TRUE(judged(model).rejected());
  model = product();
  model.graph.nodes[0].inputs[1] = "nothing";
  EXPECT_TRUE(judged(model).rejected());
  EXPECT_TRUE(judge("no model").rejected());
}

TEST(Judge, RejectsShapesThatCannotBe) {
  Model model = product();
  model.graph.inputs[0] = value("x", {1, 4});
  EXPECT_TRUE(judged(model).rejected());
  for (const auto& output : {value("y", {1, 3}), value("y", {2}), value("y", {1, 2}, DType::kDouble)}) {
    model = product();
    model.graph.outputs[0] = output;
    EXPECT_TRUE(judged(model).rejected()) << "declared output contradicts what is inferred";
  }
}

TEST(Judge, DoesNotJudgeWhatItsLibraryDoesNotKnow) {
  Model model = product();
  model.opset_imports[0].version = 21;
  EXPECT_EQ(judged(model).verdict, Verdict::kNotJudged);
  EXPECT_THAT(judged(model).reason, HasSubstr("21"));
  model = product();
  model.ir_version = 99;
  EXPECT_EQ(judged(model).verdict, Verdict::kNotJudged);
  model = product();
  model.opset_imports.push_back({"com.example", 1});
  EXPECT_EQ(judged(model).verdict, Verdict::kNotJudged);
  EXPECT_FALSE(judged(model).rejected());
}

TEST(JudgeFile, SaysOfAFileWhatIsSaidOfItsBytes) {
  const std::string path = testing::TempDir() + "/judge_file_test.onnx";
  Model large = product();
  large.graph.initializers[0].tensor = Tensor::allocate(DType::kFloat, {3, 2000}).value();
  large.graph.outputs[0] = value("y", {1, 2000});
  for (const auto external : {WriteOptions::ExternalData::kNever, WriteOptions::ExternalData::kAlways}) {
    ASSERT_TRUE(write_model(large, path, {external}));
    const Judgement judgement = judge_file(path);
    EXPECT_EQ(judgement.verdict, Verdict::kAccepted) << judgement.reason;
    Model wrong = large;
    wrong.graph.outputs[0] = value("y", {1, 2001});
    ASSERT_TRUE(write_model(wrong, path, {external}));
    EXPECT_TRUE(judge_file(path).rejected());
  }
  std::filesystem::remove(path + ".data");
  EXPECT_TRUE(judge_file(path).rejected()) << "its data are gone";
  ASSERT_TRUE(write_file(path, "no model"));
  EXPECT_TRUE(judge_file(path).rejected());
  EXPECT_TRUE(judge_file(path + ".missing").rejected());
}

}  // namespace
}  // namespace pleat
