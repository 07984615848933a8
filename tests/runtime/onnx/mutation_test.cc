// Damaged files give a Result: no crash, no endless work. The same under the sanitizers is what gives this test its
// teeth.
#include <gtest/gtest.h>

#include <random>

#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "tests/runtime/onnx/official_models.h"

namespace pleat {
namespace {

/// Copied to memory of its exact size, so that a read past the end is seen.
void read_damaged(const std::string& bytes) {
  const std::vector<std::byte> exact(reinterpret_cast<const std::byte*>(bytes.data()),
                                     reinterpret_cast<const std::byte*>(bytes.data()) + bytes.size());
  const auto model = parse_model(exact, nullptr);
  if (model) {
    EXPECT_TRUE(serialize(*model));
  } else {
    EXPECT_NE(model.error().code, ErrorCode::kInternal) << model.error().text();
    EXPECT_FALSE(model.error().what.empty());
  }
}

std::vector<std::string> small_models() {
  std::vector<std::string> models;
  for (const char* name : {"test_if", "test_loop11", "test_constant", "test_conv_with_strides_padding", "test_scan_sum",
                           "test_batchnorm_epsilon", "test_sequence_map_identity_1_sequence"}) {
    const auto path = test::debian_root() / "node" / name / "model.onnx";
    if (test::fs::exists(path)) models.push_back(test::slurp(path));
  }
  return models;
}

TEST(Mutation, EveryTruncationGivesAResult) {
  const auto models = small_models();
  if (models.empty()) GTEST_SKIP() << "the package libonnx-testdata is not installed";
  for (const std::string& model : models)
    for (std::size_t size = 0; size < model.size(); ++size) read_damaged(model.substr(0, size));
}

TEST(Mutation, FlippedBytesGiveAResult) {
  const auto models = small_models();
  if (models.empty()) GTEST_SKIP() << "the package libonnx-testdata is not installed";
  std::mt19937 random(20260721);
  for (const std::string& model : models) {
    for (int i = 0; i < 3000; ++i) {
      std::string damaged = model;
      for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      read_damaged(damaged);
    }
  }
}

TEST(Mutation, BytesMovedOrRepeatedGiveAResult) {
  const auto models = small_models();
  if (models.empty()) GTEST_SKIP() << "the package libonnx-testdata is not installed";
  std::mt19937 random(7);
  for (const std::string& model : models) {
    for (int i = 0; i < 1000; ++i) {
      std::string damaged = model;
      const std::size_t from = random() % damaged.size();
      damaged.insert(random() % damaged.size(), model.substr(from, 1 + random() % 40));
      read_damaged(damaged);
    }
  }
}

}  // namespace
}  // namespace pleat
