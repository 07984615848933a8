#include "converter/report/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "runtime/base/files.h"
#include "runtime/onnx/metadata_entry.h"
#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "tests/converter/report/made_up.h"

namespace pleat {
namespace {

using testing::HasSubstr;
using testing::Not;

Evidence made_up_evidence() {
  MadeUpFold fold = made_up_fold();
  return {{sha256("unfolded"), 8}, {}, fold.map, fold.verdict};
}

Certificate made_up_certificate() {
  return make_certificate(made_up_evidence(), {sha256("folded"), 6}, false, hash_constants(made_up_fold().folded));
}

TEST(Certificate, IsReadBackAsItWasMade) {
  const Certificate made = made_up_certificate();
  const auto read = parse_certificate(made.text);
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->text, made.text);
  EXPECT_TRUE(read->verified);
  EXPECT_EQ(read->verdict, "verified");
  EXPECT_EQ(read->source.sha256, sha256("unfolded"));
  EXPECT_EQ(read->folded.sha256, sha256("folded"));
  EXPECT_EQ(read->folded.bytes, 6U);
  EXPECT_EQ(read->folds, 3);
  EXPECT_EQ(read->version, made.version);
  EXPECT_EQ(read->constants, made.constants);
  EXPECT_EQ(read->constants.size(), 6U);
}

TEST(Certificate, CarriesEveryOption) {
  Evidence evidence = made_up_evidence();
  evidence.options = {false, true, true, true, true, true};
  const auto read = parse_certificate(make_certificate(evidence, {}, true, {}).text);
  ASSERT_TRUE(read.has_value());
  EXPECT_FALSE(read->options.flush_subnormals);
  EXPECT_TRUE(read->options.assume_inference && read->options.freeze_inputs && read->options.dequantize_weights &&
              read->options.decompose && read->options.keep_ir);
  EXPECT_TRUE(read->external_data);
}

TEST(Certificate, IsTheSameForTheSameEvidenceAndTellsNoPath) {
  const Certificate made = made_up_certificate();
  EXPECT_EQ(made.text, made_up_certificate().text);
  EXPECT_THAT(made.text, HasSubstr("\"pictures\""));
  EXPECT_THAT(made.text, Not(HasSubstr("/data/")));
  EXPECT_THAT(made.text, HasSubstr("\"isa\":\"avx2\""));
  EXPECT_THAT(made.text, HasSubstr("\"seed\":20240229"));
}

TEST(Certificate, IsRefusedWhenAnyByteOfItChanged) {
  const std::string text = made_up_certificate().text;
  for (std::size_t at = 0; at < text.size(); at += 97) {
    std::string changed = text;
    changed[at] ^= 1;
    EXPECT_FALSE(parse_certificate(changed).has_value()) << at;
  }
  EXPECT_FALSE(parse_certificate(text.substr(0, text.size() - 1)).has_value());
  EXPECT_FALSE(parse_certificate(text + " ").has_value());
  EXPECT_FALSE(parse_certificate("").has_value());
}

TEST(Certificate, SaysWhenNothingWasProved) {
  Evidence evidence = made_up_evidence();
  evidence.verdict.reset();
  const Certificate made = make_certificate(evidence, {}, false, {});
  EXPECT_FALSE(made.verified);
  EXPECT_EQ(made.verdict, "not verified: --unverified");
  EXPECT_FALSE(parse_certificate(made.text)->verified);
}

TEST(Certificate, LeavesAModelThatIsStripped) {
  Model model = small_lenet();
  model.set_metadata("kept", "yes");
  EXPECT_FALSE(read_certificate(model).has_value());
  model.set_metadata(kCertificateKey, made_up_certificate().text);
  model.set_metadata(kVerifiedKey, "false");
  EXPECT_TRUE(read_certificate(model).has_value());
  strip_certificate(model);
  ASSERT_EQ(model.metadata_props.size(), 1U);
  EXPECT_EQ(model.metadata_props[0].first, "kept");
}

TEST(HashConstants, SeesInnerGraphsAndConstantNodes) {
  auto inner = std::make_shared<Graph>();
  inner->initializers.push_back({"inside", Tensor::of<float>({2}, {1, 2}), {}, {}});
  ModelBuilder builder;
  builder.constant("w", Tensor::of<float>({1}, {3}));
  builder.node("Constant", {}, {"c"}, {Attribute::tensor("value", Tensor::of<std::int64_t>({1}, {7}))});
  Attribute branch{"then_branch", Attribute::Type::kGraph, inner, {}, {}, {}, {}};
  builder.node("If", {"x"}, {"if1"}, {branch});
  const auto hashes = hash_constants(builder.model());
  ASSERT_EQ(hashes.size(), 3U);
  EXPECT_EQ(hashes[0].name, "w");
  EXPECT_EQ(hashes[0].sha256, sha256(std::string("\0\0\x40\x40", 4)));
  EXPECT_EQ(hashes[1].name, "c");
  EXPECT_EQ(hashes[2].graph, "if1.then_branch");
}

/// A model folded, certified and written; what is checked again.
class CheckCertificateTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    ASSERT_TRUE(write_file(unfolded_, serialize(small_lenet()).value()));
    const auto model = read_model(unfolded_).value();
    folded_model_ = fold(*model).value();
    evidence_.source = hash_file(unfolded_).value();
    evidence_.map = folded_model_.map;
    evidence_.verdict = made_up_fold().verdict;
    certify(folded_model_.folded);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Writes `model` with a certificate that fits it.
  void certify(const Model& model) {
    bytes_ = serialize(model).value();
    const auto certificate = make_certificate(evidence_, {sha256(bytes_), bytes_.size()}, false, hash_constants(model));
    bytes_ += encode_metadata_entry(kCertificateKey, certificate.text);
    ASSERT_TRUE(write_file(folded_, bytes_));
  }

  static const CertificateCheck::Point* failure(const CertificateCheck& check) {
    for (const auto& point : check.points)
      if (!point.holds) return &point;
    return nullptr;
  }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string unfolded_ = (folder_ / "net.onnx").string();
  std::string folded_ = (folder_ / "net.folded.onnx").string();
  FoldResult folded_model_;
  Evidence evidence_;
  std::string bytes_;
};

TEST_F(CheckCertificateTest, HoldsForWhatWasWritten) {
  const auto alone = check_certificate(folded_);
  ASSERT_TRUE(alone.has_value()) << alone.error().text();
  EXPECT_TRUE(alone->holds()) << to_text(*alone);
  EXPECT_EQ(alone->points.size(), 2U);
  const auto whole = check_certificate(folded_, unfolded_);
  ASSERT_TRUE(whole.has_value()) << whole.error().text();
  EXPECT_TRUE(whole->holds()) << to_text(*whole);
  EXPECT_EQ(whole->points.size(), 6U);
  EXPECT_THAT(to_text(*whole), HasSubstr("the certificate holds"));
  EXPECT_THAT(to_json(*whole), HasSubstr("\"schema\": \"pleat.certificate_check/1\""));
}

TEST_F(CheckCertificateTest, NamesTheConstantInWhichOneBitFlipped) {
  const std::string& name = folded_model_.map.entries.at(1).new_constants.at(0);
  const Initializer* weight = folded_model_.folded.graph.initializer(name);
  ASSERT_NE(weight, nullptr);
  const auto content = weight->tensor.bytes();
  const std::size_t at = bytes_.find(std::string_view(reinterpret_cast<const char*>(content.data()), content.size()));
  ASSERT_NE(at, std::string::npos);
  for (std::size_t offset = 0; offset < content.size(); offset += 17) {
    std::string changed = bytes_;
    changed[at + offset] ^= static_cast<char>(1 << (offset % 8));
    ASSERT_TRUE(write_file(folded_, changed));
    const auto check = check_certificate(folded_);
    ASSERT_TRUE(check.has_value()) << check.error().text();
    EXPECT_FALSE(check->points[0].holds);
    EXPECT_FALSE(check->points[1].holds);
    EXPECT_THAT(check->points[1].text, HasSubstr("'" + name + "' was changed"));
    EXPECT_THAT(to_text(*check), HasSubstr("does NOT hold"));
  }
}

TEST_F(CheckCertificateTest, NoticesABitAnywhereInTheFile) {
  for (std::size_t at = 0; at < bytes_.size(); at += bytes_.size() / 61) {
    std::string changed = bytes_;
    changed[at] ^= 4;
    ASSERT_TRUE(write_file(folded_, changed));
    const auto check = check_certificate(folded_);
    EXPECT_TRUE(!check || !check->holds()) << "byte " << at;
  }
}

TEST_F(CheckCertificateTest, TellsAnotherSource) {
  Model other = small_lenet();
  other.graph.initializers[0].tensor = random_tensor(other.graph.initializers[0].tensor.shape(), 77);
  ASSERT_TRUE(write_file(unfolded_, serialize(other).value()));
  const auto check = check_certificate(folded_, unfolded_);
  ASSERT_TRUE(check.has_value());
  ASSERT_NE(failure(*check), nullptr);
  EXPECT_EQ(failure(*check)->what, "unfolded file");
}

TEST_F(CheckCertificateTest, SeesAForgedFoldWhoseHashesAllFit) {
  const std::string& name = folded_model_.map.entries.at(2).new_constants.at(0);
  Model forged = folded_model_.folded;
  for (Initializer& initializer : forged.graph.initializers) {
    if (initializer.name != name) continue;
    std::vector<float> values(initializer.tensor.data<float>().begin(), initializer.tensor.data<float>().end());
    values[5] = std::nextafter(values[5], 10.0F);
    initializer.tensor = Tensor::of(initializer.tensor.shape(), values);
  }
  certify(forged);
  EXPECT_TRUE(check_certificate(folded_)->holds());
  const auto check = check_certificate(folded_, unfolded_);
  ASSERT_TRUE(check.has_value());
  EXPECT_FALSE(check->holds());
  const auto values = std::find_if(check->points.begin(), check->points.end(),
                                   [](const auto& point) { return point.what == "folded values"; });
  ASSERT_NE(values, check->points.end());
  EXPECT_FALSE(values->holds);
  EXPECT_THAT(values->text, HasSubstr("'" + name + "' from element 5"));
}

TEST_F(CheckCertificateTest, IsAnErrorWithoutCertificate) {
  const auto check = check_certificate(unfolded_);
  ASSERT_FALSE(check.has_value());
  EXPECT_EQ(check.error().code, ErrorCode::kInvalid);
  EXPECT_THAT(check.error().text(), HasSubstr("no certificate"));
}

}  // namespace
}  // namespace pleat
