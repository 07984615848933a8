#include "models/data/idx_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IdxFileTest : public ::testing::Test {
 protected:
  std::string path() const {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return ::testing::TempDir() + "idx_" + test->name();
  }
  void TearDown() override { std::filesystem::remove(path()); }

  void write_plain(const std::string& bytes) { std::ofstream(path(), std::ios::binary) << bytes; }
  void write_gzip(const std::string& bytes) {
    gzFile file = gzopen(path().c_str(), "wb");
    ASSERT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())), static_cast<int>(bytes.size()));
    gzclose(file);
  }
  std::string stored() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string failure(int rank) const {
    const auto file = read_idx(path(), rank);
    return file ? "no error" : file.error().text();
  }
};

std::string header(std::initializer_list<std::uint32_t> dims, char type = 0x08) {
  std::string out{0, 0, type, static_cast<char>(dims.size())};
  for (std::uint32_t dim : dims)
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(dim >> shift & 0xff);
  return out;
}

TEST_F(IdxFileTest, ReadsPlain) {
  write_plain(header({2, 1, 3}) + "abcdef");
  const auto file = read_idx(path(), 3);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_THAT(file->dims, ElementsAre(2, 1, 3));
  EXPECT_THAT(file->values, ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
}

TEST_F(IdxFileTest, ReadsGzip) {
  write_gzip(header({4}) + "wxyz");
  const auto file = read_idx(path(), 1);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_THAT(file->values, ElementsAre('w', 'x', 'y', 'z'));
}

TEST_F(IdxFileTest, ReadsMoreThanOneChunk) {
  std::string values((1U << 22) + 5, 'x');
  values.back() = 'e';
  write_gzip(header({static_cast<std::uint32_t>(values.size())}) + values);
  const auto file = read_idx(path(), 1);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->values.size(), values.size());
  EXPECT_EQ(file->values.back(), 'e');
}

TEST_F(IdxFileTest, ReadsNoValues) {
  write_plain(header({0}));
  const auto file = read_idx(path(), 1);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_TRUE(file->values.empty());
}

TEST_F(IdxFileTest, RefusesAMissingFile) { EXPECT_THAT(failure(1), HasSubstr("cannot open")); }

TEST_F(IdxFileTest, RefusesAFolder) {
  const auto file = read_idx(::testing::TempDir(), 1);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kInvalid);
}

TEST_F(IdxFileTest, RefusesAnotherMagicNumber) {
  write_plain("PNG image");
  EXPECT_THAT(failure(3), HasSubstr("expected: magic number 00 00 08 03"));
}

TEST_F(IdxFileTest, RefusesAnotherElementType) {
  write_plain(header({1}, 0x0d) + "abcd");
  EXPECT_THAT(failure(1), HasSubstr("got: 00 00 0d 01"));
}

TEST_F(IdxFileTest, RefusesAnotherRank) {
  write_plain(header({1}) + "a");
  EXPECT_THAT(failure(3), HasSubstr("not an IDX file of this kind"));
}

TEST_F(IdxFileTest, RefusesEveryTruncation) {
  const std::string whole = header({1, 2, 2}) + "abcd";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write_plain(whole.substr(0, length));
    EXPECT_THAT(failure(3), HasSubstr("truncated")) << length;
  }
}

TEST_F(IdxFileTest, RefusesBytesAfterTheLastValue) {
  write_plain(header({2}) + "abc");
  EXPECT_THAT(failure(1), HasSubstr("bytes are left"));
}

TEST_F(IdxFileTest, LyingHeaderCostsNoMemory) {
  write_plain(header({0x7fffffff}) + "ab");
  EXPECT_THAT(failure(1), HasSubstr("truncated"));
}

TEST_F(IdxFileTest, RefusesAbsurdSizes) {
  write_plain(header({0xffffffff, 0xffffffff, 0xffffffff}) + "ab");
  const auto file = read_idx(path(), 3);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kResource);
}

TEST_F(IdxFileTest, RefusesTruncatedGzip) {
  write_gzip(header({3}) + "abc");
  const std::string whole = stored();
  write_plain(whole.substr(0, whole.size() - 6));
  EXPECT_THAT(failure(1), HasSubstr("too early"));
}

TEST_F(IdxFileTest, RefusesGzipWithAWrongChecksum) {
  write_gzip(header({3}) + "abc");
  std::string bytes = stored();
  bytes[bytes.size() - 8] ^= 1;
  write_plain(bytes);
  EXPECT_THAT(failure(1), HasSubstr("corrupt"));
}

TEST_F(IdxFileTest, SurvivesAnyFlippedByte) {
  write_gzip(header({2, 3, 4}) + std::string(24, 'q'));
  const std::string whole = stored();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] ^= 0x55;
    write_plain(bytes);
    const auto file = read_idx(path(), 3);
    if (file) {
      EXPECT_EQ(file->values.size(), 24U) << i;
    }
  }
}

}  // namespace
}  // namespace pleat
