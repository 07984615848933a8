#include "runtime/onnx/metadata_entry.h"

#include <gtest/gtest.h>

#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

std::string joined(const std::vector<std::string_view>& pieces) {
  std::string out;
  for (const std::string_view piece : pieces) out += piece;
  return out;
}

TEST(MetadataEntry, AppendedIsPartOfTheModelAndCanBeLeftOutAgain) {
  Model model = small_lenet();
  model.set_metadata("first", "1");
  const std::string bytes = serialize(model).value();
  const std::string with = bytes + encode_metadata_entry("key", "the value") + encode_metadata_entry("last", "");
  const Model read = parse_model(std::as_bytes(std::span(with)), nullptr).value();
  ASSERT_NE(read.metadata("key"), nullptr);
  EXPECT_EQ(*read.metadata("key"), "the value");
  EXPECT_EQ(*read.metadata("first"), "1");
  EXPECT_EQ(joined(without_metadata_entry(with, "key").value()), bytes + encode_metadata_entry("last", ""));
  EXPECT_EQ(joined(without_metadata_entry(with, "other").value()), with);
  EXPECT_EQ(joined(without_metadata_entry(bytes, "key").value()), bytes);
}

TEST(MetadataEntry, RefusesBytesThatAreNoModel) {
  EXPECT_FALSE(without_metadata_entry("\x72\x7F", "key").has_value());
  EXPECT_TRUE(without_metadata_entry("", "key").value().empty());
}

}  // namespace
}  // namespace pleat
