#include "models/checkpoint/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/models/checkpoint/small_checkpoint.h"

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string file_of(const std::string& header, std::size_t data_bytes) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  bytes += header;
  for (std::size_t i = 0; i < data_bytes; ++i) bytes += static_cast<char>(i);
  return bytes;
}

class CheckpointTest : public ::testing::Test {
 protected:
  std::string path() const {
    return ::testing::TempDir() + "checkpoint_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  void TearDown() override { std::filesystem::remove(path()); }
  Result<Checkpoint> read(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary) << bytes;
    return read_checkpoint(path());
  }
  std::string failure(const std::string& header, std::size_t data_bytes) const {
    const auto checkpoint = read(file_of(header, data_bytes));
    return checkpoint ? "no error" : checkpoint.error().text();
  }
  std::string stored() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(CheckpointTest, ReadsWhatItWrote) {
  const Checkpoint written = small_checkpoint();
  ASSERT_TRUE(write_checkpoint(written, path()));
  const auto checkpoint = read_checkpoint(path());
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_EQ(checkpoint->metadata, written.metadata);
  ASSERT_EQ(checkpoint->tensors.size(), written.tensors.size());
  for (const auto& entry : written.tensors) {
    const Tensor* tensor = checkpoint->find(entry.name);
    ASSERT_NE(tensor, nullptr) << entry.name;
    EXPECT_EQ(tensor->dtype(), entry.tensor.dtype());
    EXPECT_EQ(tensor->shape(), entry.tensor.shape());
    EXPECT_EQ(std::memcmp(tensor->bytes().data(), entry.tensor.bytes().data(), tensor->byte_size()), 0);
  }
  EXPECT_EQ(checkpoint->find("no such"), nullptr);
}

TEST_F(CheckpointTest, EqualCheckpointsGiveEqualBytes) {
  ASSERT_TRUE(write_checkpoint(small_checkpoint(), path()));
  const std::string first = stored();
  ASSERT_TRUE(write_checkpoint(small_checkpoint(), path()));
  EXPECT_EQ(stored(), first);
}

TEST_F(CheckpointTest, AlignsHeaderAndTensors) {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"odd", Tensor::of<std::uint8_t>({3}, {1, 2, 3})},
                        {"float", Tensor::of<float>({1}, {1.5F})},
                        {"count", Tensor::scalar<std::int64_t>(7)}};
  ASSERT_TRUE(write_checkpoint(checkpoint, path()));
  const std::string bytes = stored();
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0U);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  for (const auto& [name, size] : {std::pair("odd", 1), std::pair("float", 4), std::pair("count", 8)})
    EXPECT_EQ(header[name]["data_offsets"][0].get<int>() % size, 0) << name;
}

TEST_F(CheckpointTest, RefusesToWriteANameTwice) {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"a", Tensor::scalar<float>(1)}, {"a", Tensor::scalar<float>(2)}};
  EXPECT_FALSE(write_checkpoint(checkpoint, path()));
  checkpoint.tensors = {{"__metadata__", Tensor::scalar<float>(1)}};
  EXPECT_FALSE(write_checkpoint(checkpoint, path()));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(CheckpointTest, RefusesToWriteWhatIsNotUtf8) {
  Checkpoint checkpoint;
  checkpoint.metadata["key"] = "\xff\xfe";
  EXPECT_FALSE(write_checkpoint(checkpoint, path()));
}

TEST_F(CheckpointTest, CopiesMisalignedTensors) {
  const auto checkpoint = read(file_of(
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"I16","shape":[2],"data_offsets":[1,5]}})",
      5));
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_THAT(checkpoint->find("b")->data<std::int16_t>(), ElementsAre(0x0201, 0x0403));
}

TEST_F(CheckpointTest, ReadsEmptyTensorsAndEmptyFiles) {
  EXPECT_TRUE(read(file_of("{}", 0)));
  const auto checkpoint = read(file_of(R"({"a":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]}}   )", 0));
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_EQ(checkpoint->find("a")->elements(), 0);
}

TEST_F(CheckpointTest, RefusesBadHeaderLengths) {
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("1234567"));
  EXPECT_FALSE(read(std::string(8, '\xff')));
  EXPECT_FALSE(read(std::string("\x10\0\0\0\0\0\0\0{}", 10)));
  EXPECT_FALSE(read(std::string(8, '\0')));
}

TEST_F(CheckpointTest, RefusesMalformedHeaders) {
  struct Case {
    const char* header;
    std::size_t data;
    const char* message;
  };
  const Case cases[] = {
      {"[]", 0, "not a JSON object"},
      {"{\"a\":", 0, "not valid JSON"},
      {"{} x", 0, "not valid JSON"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
       2, "'a' is given twice"},
      {R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1, "'dtype' is given twice"},
      {R"({"a":3})", 0, "bad entry"},
      {R"({"a":{"dtype":"U8","shape":[1]}})", 1, "bad entry"},
      {R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", 8, "bad 'dtype'"},
      {R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,8]}})", 8, "bad 'dtype'"},
      {R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, "bad 'shape'"},
      {R"({"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}})", 1, "bad 'shape'"},
      {R"({"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}})", 1, "bad 'shape'"},
      {R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0, "too large"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}})", 1, "do not match the shape"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1, "do not match the shape"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}})", 1, "bad 'data_offsets'"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 1, "beyond the file"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2, "gap"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
       3, "overlaps"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2, "belong to no tensor"},
      {R"({"__metadata__":{"a":1}})", 0, "bad metadata"},
      {R"({"__metadata__":[]})", 0, "bad metadata"},
  };
  for (const Case& c : cases) EXPECT_THAT(failure(c.header, c.data), HasSubstr(c.message)) << c.header;
}

TEST_F(CheckpointTest, RefusesEveryTruncation) {
  ASSERT_TRUE(write_checkpoint(small_checkpoint(), path()));
  const std::string whole = stored();
  for (std::size_t length = 0; length < whole.size(); length += 23)
    EXPECT_FALSE(read(whole.substr(0, length))) << length;
}

TEST_F(CheckpointTest, SurvivesFlippedBytes) {
  ASSERT_TRUE(write_checkpoint(small_checkpoint(), path()));
  const std::string whole = stored();
  for (std::size_t i = 0; i < whole.size(); i += 5) {
    std::string bytes = whole;
    bytes[i] ^= 0x15;
    const auto checkpoint = read(bytes);
    if (!checkpoint) {
      EXPECT_NE(checkpoint.error().code, ErrorCode::kInternal) << i;
    }
  }
}

}  // namespace
}  // namespace pleat
