#include "converter/emit/emit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "converter/fold/fold.h"
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

Evidence evidence_for(FoldMap map, Verdict verdict) {
  return {{sha256("the unfolded file"), 17}, {}, std::move(map), std::move(verdict)};
}

Evidence proved_evidence(const FoldResult& result) {
  Verdict verdict;
  verdict.passed = verdict.layers_checked = true;
  for (int rung = 1; rung <= kRungs; ++rung)
    verdict.rungs.push_back({static_cast<Rung>(rung), true, true, false, "holds", {}, {}});
  return evidence_for(result.map, std::move(verdict));
}

/// Rung 2 found channel 3 of conv2 wrong.
Evidence disproved_evidence(const FoldResult& result) {
  Evidence evidence = proved_evidence(result);
  evidence.verdict->passed = false;
  RungReport& rung = evidence.verdict->rungs[1];
  rung.passed = false;
  Finding finding;
  finding.node = "conv2";
  finding.channel = 3;
  rung.first_failure = finding;
  return evidence;
}

TEST_F(EmitTest, WritesAProvedFoldWithItsCertificate) {
  const FoldResult result = fold(named_lenet()).value();
  const auto emitted = emit_proved(result.folded, proved_evidence(result), path());
  ASSERT_TRUE(emitted.has_value()) << emitted.error().text();
  EXPECT_TRUE(emitted->judged) << emitted->judgement;
  EXPECT_EQ(emitted->bytes, fs::file_size(path()));
  const auto read = read_model(path()).value();
  for (const Node& node : read->graph.nodes) EXPECT_FALSE(node.is("BatchNormalization"));
  EXPECT_EQ(read->metadata(kVerifiedKey), nullptr);
  const auto check = check_certificate(path());
  ASSERT_TRUE(check.has_value()) << check.error().text();
  EXPECT_TRUE(check->holds()) << to_text(*check);
  EXPECT_TRUE(check->certificate.verified);
  EXPECT_EQ(check->certificate.text, emitted->certificate->text);
  EXPECT_EQ(files(), 1U);
}

TEST_F(EmitTest, WritesTheSameBytesForTheSameFold) {
  const FoldResult result = fold(named_lenet()).value();
  ASSERT_TRUE(emit_proved(result.folded, proved_evidence(result), path()).has_value());
  const std::string first = hash_file(path()).value().sha256;
  ASSERT_TRUE(emit_proved(result.folded, proved_evidence(result), path()).has_value());
  EXPECT_EQ(hash_file(path()).value().sha256, first);
}

TEST_F(EmitTest, GivesAFoldedFileAgainWithTheCertificateItHas) {
  const FoldResult result = fold(named_lenet()).value();
  ASSERT_TRUE(emit_proved(result.folded, proved_evidence(result), path()).has_value());
  const std::string first = hash_file(path()).value().sha256;
  const auto read = read_model(path()).value();
  const FoldResult again = fold(*read).value();
  Evidence evidence = proved_evidence(again);
  evidence.source = hash_file(path()).value();
  ASSERT_TRUE(emit_proved(again.folded, evidence, path()).has_value());
  EXPECT_EQ(hash_file(path()).value().sha256, first);
}

TEST_F(EmitTest, CertifiesConstantsInASecondFile) {
  const std::string unfolded = (folder_ / "net.onnx").string();
  ASSERT_TRUE(emit(named_lenet(), unfolded).has_value());
  const FoldResult result = fold(named_lenet()).value();
  Evidence evidence = proved_evidence(result);
  evidence.source = hash_file(unfolded).value();
  const auto emitted = emit_proved(result.folded, evidence, path(), {WriteOptions::ExternalData::kAlways});
  ASSERT_TRUE(emitted.has_value()) << emitted.error().text();
  EXPECT_TRUE(emitted->judged) << emitted->judgement;
  EXPECT_EQ(files(), 3U);
  EXPECT_TRUE(emitted->certificate->external_data);
  const auto whole = check_certificate(path(), unfolded);
  ASSERT_TRUE(whole.has_value()) << whole.error().text();
  EXPECT_TRUE(whole->holds()) << to_text(*whole);
  const std::string data = path() + ".data";
  std::fstream file(data, std::ios::in | std::ios::out | std::ios::binary);
  char byte = 0;
  file.read(&byte, 1);
  byte ^= 1;
  file.seekp(0);
  file.write(&byte, 1);
  file.close();
  const auto check = check_certificate(path());
  ASSERT_TRUE(check.has_value());
  EXPECT_TRUE(check->points[0].holds) << "the model's own file is as it was";
  EXPECT_FALSE(check->points[1].holds);
  EXPECT_THAT(check->points[1].text, HasSubstr("was changed"));
}

TEST_F(EmitTest, WithholdsAFoldThatIsNotProvedAndSaysWhere) {
  const FoldResult result = fold(named_lenet()).value();
  for (const Unproved unproved : {Unproved::kRefused, Unproved::kAllowed}) {
    const auto emitted = emit_proved(result.folded, disproved_evidence(result), path(), {}, unproved);
    ASSERT_FALSE(emitted.has_value());
    EXPECT_EQ(emitted.error().code, ErrorCode::kCheckFailed);
    EXPECT_THAT(emitted.error().got, HasSubstr("rung 2 (parameters)"));
    EXPECT_THAT(emitted.error().got, HasSubstr("node 'conv2', channel 3"));
    EXPECT_EQ(files(), 0U);
  }
}

TEST_F(EmitTest, WritesAnUnprovedFoldOnlyWhereAskedTo) {
  const FoldResult result = fold(named_lenet()).value();
  Evidence evidence = proved_evidence(result);
  evidence.verdict.reset();
  EXPECT_FALSE(emit_proved(result.folded, evidence, path()).has_value());
  EXPECT_EQ(files(), 0U);
  const auto emitted = emit_proved(result.folded, evidence, path(), {}, Unproved::kAllowed);
  ASSERT_TRUE(emitted.has_value()) << emitted.error().text();
  const auto read = read_model(path()).value();
  ASSERT_NE(read->metadata(kVerifiedKey), nullptr);
  EXPECT_EQ(*read->metadata(kVerifiedKey), "false");
  const auto check = check_certificate(path());
  EXPECT_TRUE(check->holds());
  EXPECT_FALSE(check->certificate.verified);
  EXPECT_EQ(check->certificate.verdict, "not verified: --unverified");
}

TEST_F(EmitTest, TheMarkOfAnUnprovedFoldGoesWithItsProof) {
  const FoldResult result = fold(named_lenet()).value();
  Evidence evidence = proved_evidence(result);
  evidence.verdict.reset();
  ASSERT_TRUE(emit_proved(result.folded, evidence, path(), {}, Unproved::kAllowed).has_value());
  const auto read = read_model(path()).value();
  ASSERT_TRUE(emit_proved(*read, proved_evidence(result), path()).has_value());
  EXPECT_EQ(read_model(path()).value()->metadata(kVerifiedKey), nullptr);
  EXPECT_TRUE(check_certificate(path())->certificate.verified);
}

TEST_F(EmitTest, LeavesWhatWasThereWhenItWithholds) {
  std::ofstream(path()) << "what was there";
  const FoldResult result = fold(named_lenet()).value();
  ASSERT_FALSE(emit_proved(result.folded, disproved_evidence(result), path()).has_value());
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
