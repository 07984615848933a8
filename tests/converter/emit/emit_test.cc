#include "converter/emit/emit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "runtime/onnx/reader.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class EmitTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  std::string path() const { return (folder_ / "folded.onnx").string(); }

  fs::path folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

Model named_lenet() {
  Model model = small_lenet();
  // ONNX's checker asks for these.
  model.graph.name = "lenet";
  model.graph.outputs[0].type.shape.emplace(2);
  model.graph.outputs[0].type.shape->back().value = 10;
  return model;
}

/// The right fold of small_lenet with one bit of one weight of the second convolution flipped, and its verdict.
VerifiedFold wrong_fold() {
  const Model model = named_lenet();
  auto samples = generated_samples(model).value();
  FoldResult result = fold(model).value();
  const FoldEntry& entry = result.map.entries.at(1);
  for (Initializer& initializer : result.folded.graph.initializers) {
    if (initializer.name != entry.new_weight) continue;
    std::vector<float> values(initializer.tensor.data<float>().begin(), initializer.tensor.data<float>().end());
    values.back() *= 2;
    initializer.tensor = Tensor::of(initializer.tensor.shape(), values);
  }
  Verdict verdict = verify_fold(model, result.folded, result.map, samples).value();
  return {std::move(result), std::move(verdict)};
}

TEST_F(EmitTest, WritesAProvedFoldThatReadsBackWithoutBatchNormalization) {
  const Model model = named_lenet();
  const auto proved = fold_and_verify(model, {}, generated_samples(model).value()).value();
  const auto emitted = emit_proved(proved, path());
  ASSERT_TRUE(emitted.has_value()) << emitted.error().text();
  EXPECT_TRUE(emitted->judged) << emitted->judgement;
  EXPECT_EQ(emitted->bytes, fs::file_size(path()));
  const auto read = read_model(path()).value();
  for (const Node& node : read->graph.nodes) EXPECT_FALSE(node.is("BatchNormalization"));
  EXPECT_EQ(files(), 1U);
}

TEST_F(EmitTest, WithholdsAFoldThatIsNotProvedAndSaysWhere) {
  const VerifiedFold wrong = wrong_fold();
  ASSERT_FALSE(wrong.verdict.passed);
  const auto emitted = emit_proved(wrong, path());
  ASSERT_FALSE(emitted.has_value());
  EXPECT_EQ(emitted.error().code, ErrorCode::kCheckFailed);
  EXPECT_THAT(emitted.error().got, HasSubstr("rung 2 (parameters)"));
  EXPECT_THAT(emitted.error().got, HasSubstr("node '" + wrong.fold.map.entries.at(1).target + "'"));
  EXPECT_THAT(emitted.error().got, HasSubstr("channel 3"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(EmitTest, LeavesWhatWasThereWhenItWithholds) {
  std::ofstream(path()) << "what was there";
  ASSERT_FALSE(emit_proved(wrong_fold(), path()).has_value());
  std::string content;
  std::getline(std::ifstream(path()), content);
  EXPECT_EQ(content, "what was there");
}

TEST_F(EmitTest, WritesNothingThatOnnxRejects) {
  Model model = named_lenet();
  model.graph.nodes.front().attributes.push_back(Attribute::integer("no_such_attribute", 1));
  const auto emitted = emit(model, path());
  ASSERT_FALSE(emitted.has_value());
  EXPECT_EQ(emitted.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace pleat
