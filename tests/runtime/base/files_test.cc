#include "runtime/base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace pleat {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

/// A folder of its own for each test.
class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "pleat_files_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_)) out.push_back(entry.path().filename().string());
    return out;
  }
  std::string content(const std::string& name) const {
    const auto file = MappedFile::open(path(name));
    return file ? text_of(**file) : "(" + file.error().text() + ")";
  }

 private:
  fs::path folder_;
};

TEST_F(FilesTest, AWrittenFileMapsBackWhole) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(write_file(path("x"), bytes).has_value());
  EXPECT_EQ(content("x"), bytes);
  EXPECT_THAT(names(), ::testing::ElementsAre("x"));
}

TEST_F(FilesTest, AnEmptyFileMapsToNoBytes) {
  ASSERT_TRUE(write_file(path("x"), "").has_value());
  EXPECT_EQ(MappedFile::open(path("x")).value()->bytes().size(), 0U);
}

TEST_F(FilesTest, AMappingOutlivesTheName) {
  ASSERT_TRUE(write_file(path("x"), "old").has_value());
  const auto file = MappedFile::open(path("x")).value();
  ASSERT_TRUE(write_file(path("x"), "new").has_value());
  EXPECT_EQ(text_of(*file), "old");
  EXPECT_EQ(content("x"), "new");
}

TEST_F(FilesTest, OpeningWhatIsNotThereNamesThePathAndTheReason) {
  const auto file = MappedFile::open(path("nowhere"));
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(file.error().where, path("nowhere"));
  EXPECT_THAT(file.error().got, HasSubstr("No such file"));
}

TEST_F(FilesTest, OpeningAFolderIsAnError) {
  const auto file = MappedFile::open(path("."));
  ASSERT_FALSE(file.has_value());
  EXPECT_THAT(file.error().text(), HasSubstr("not a regular file"));
}

TEST_F(FilesTest, OpeningAPipeDoesNotBlock) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(MappedFile::open(path("pipe")).has_value());
}

TEST_F(FilesTest, WritingReplacesTheWholeOldContent) {
  ASSERT_TRUE(write_file(path("x"), "a long old text").has_value());
  ASSERT_TRUE(write_file(path("x"), "new").has_value());
  EXPECT_EQ(content("x"), "new");
}

TEST_F(FilesTest, WritingIntoAMissingFolderIsAnErrorWithARemedy) {
  const Status status = write_file(path("no/such/x"), "text");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().where, path("no/such/x"));
  EXPECT_FALSE(status.error().remedy.empty());
  EXPECT_TRUE(names().empty());
}

TEST_F(FilesTest, APendingFileIsVisibleOnlyUnderItsTemporaryNameUntilCommitted) {
  auto pending = PendingFile::write(path("x"), "text");
  ASSERT_TRUE(pending.has_value());
  EXPECT_FALSE(fs::exists(path("x")));
  EXPECT_EQ(text_of(*MappedFile::open(pending->temporary_path()).value()), "text");
  ASSERT_TRUE(std::move(*pending).commit().has_value());
  EXPECT_EQ(content("x"), "text");
  EXPECT_THAT(names(), ::testing::ElementsAre("x"));
}

TEST_F(FilesTest, APendingFileThatIsNotCommittedLeavesNothing) {
  { ASSERT_TRUE(PendingFile::write(path("x"), "text").has_value()); }
  EXPECT_TRUE(names().empty());
}

TEST_F(FilesTest, APendingFileThatIsNotCommittedLeavesTheOldFileAsItWas) {
  ASSERT_TRUE(write_file(path("x"), "old").has_value());
  { ASSERT_TRUE(PendingFile::write(path("x"), "new").has_value()); }
  EXPECT_EQ(content("x"), "old");
  EXPECT_THAT(names(), ::testing::ElementsAre("x"));
}

TEST_F(FilesTest, APendingFileTakesItsContentInParts) {
  auto pending = PendingFile::create(path("x"), path("chosen"));
  ASSERT_TRUE(pending.has_value());
  EXPECT_EQ(pending->temporary_path(), path("chosen"));
  ASSERT_TRUE(pending->append("one ").has_value());
  ASSERT_TRUE(pending->append("two").has_value());
  ASSERT_TRUE(pending->finish().has_value());
  ASSERT_TRUE(std::move(*pending).commit().has_value());
  EXPECT_EQ(content("x"), "one two");
  EXPECT_THAT(names(), ::testing::ElementsAre("x"));
  EXPECT_FALSE(PendingFile::create(path("y"), path("x")).has_value()) << "the temporary name must be free";
  EXPECT_EQ(content("x"), "one two");
}

TEST_F(FilesTest, ATemporaryFolderGoesWithItsFiles) {
  {
    auto folder = TemporaryFolder::beside(path("x"));
    ASSERT_TRUE(folder.has_value());
    const TemporaryFolder moved = std::move(*folder);
    ASSERT_TRUE(write_file(moved.path() + "/inside", "text").has_value());
    EXPECT_EQ(names().size(), 1U);
  }
  EXPECT_TRUE(names().empty());
  const auto nowhere = TemporaryFolder::beside(path("no/such/x"));
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_FALSE(nowhere.error().remedy.empty());
}

TEST_F(FilesTest, AMovedPendingFileBelongsToItsNewOwnerAlone) {
  auto pending = PendingFile::write(path("x"), "text");
  ASSERT_TRUE(pending.has_value());
  {
    PendingFile taken = std::move(*pending);
    EXPECT_TRUE(fs::exists(taken.temporary_path()));
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(FilesTest, ACommitThatFailsLeavesNothing) {
  auto pending = PendingFile::write(path("x"), "text");
  ASSERT_TRUE(pending.has_value());
  fs::create_directories(path("x/in the way"));
  {
    PendingFile taken = std::move(*pending);
    EXPECT_FALSE(std::move(taken).commit().has_value());
  }
  EXPECT_THAT(names(), ::testing::ElementsAre("x"));
  EXPECT_TRUE(fs::is_directory(path("x")));
}

TEST_F(FilesTest, PermissionsFollowTheUmask) {
  const mode_t before = umask(0027);
  const Status status = write_file(path("x"), "text");
  umask(before);
  ASSERT_TRUE(status.has_value());
  struct stat info {};
  ASSERT_EQ(stat(path("x").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
}

TEST_F(FilesTest, AFileThatMayNotBeReadIsAnError) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  ASSERT_TRUE(write_file(path("x"), "text").has_value());
  fs::permissions(path("x"), fs::perms::none);
  EXPECT_FALSE(MappedFile::open(path("x")).has_value());
}

TEST_F(FilesTest, WhatIsNoRegularFileIsNotReplaced) {
  const auto device = write_file("/dev/null", "text");
  ASSERT_FALSE(device.has_value());
  EXPECT_EQ(device.error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(write_file(path("pipe"), "text").has_value());
  EXPECT_FALSE(write_file(path("."), "text").has_value());
}

TEST_F(FilesTest, WhetherAFileCouldBeWrittenIsToldWithoutATrace) {
  EXPECT_TRUE(check_writable(path("new")).has_value());
  EXPECT_EQ(names().size(), 0U);
  EXPECT_FALSE(check_writable(path("no/such/folder/new")).has_value());
}

}  // namespace
}  // namespace pleat
