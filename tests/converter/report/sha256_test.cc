#include "converter/report/sha256.h"

#include <gtest/gtest.h>

#include <fstream>

namespace pleat {
namespace {

// The examples NIST publishes with FIPS 180-4.
TEST(Sha256, GivesThePublishedHashes) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
                   "mnopqrstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowItIsFed) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string_view part = std::string_view(text).substr(0, length);
    Sha256 bytes;
    for (const char c : part) bytes.add(std::string_view(&c, 1));
    Sha256 halves;
    halves.add(part.substr(0, length / 3));
    halves.add(part.substr(length / 3));
    EXPECT_EQ(bytes.hex(), sha256(part)) << length;
    EXPECT_EQ(halves.hex(), sha256(part)) << length;
    EXPECT_EQ(halves.hex(), sha256(part)) << "asking changes nothing";
  }
}

TEST(HashFile, ReadsTheWholeFile) {
  const std::string path = testing::TempDir() + "/hash_file_test";
  const std::string content((std::size_t{1} << 21) + 13, 'x');
  std::ofstream(path, std::ios::binary) << content;
  const auto hash = hash_file(path);
  ASSERT_TRUE(hash.has_value());
  EXPECT_EQ(hash->sha256, sha256(content));
  EXPECT_EQ(hash->bytes, content.size());
  std::ofstream(path, std::ios::binary).close();
  EXPECT_EQ(hash_file(path)->sha256, sha256(""));
  EXPECT_FALSE(hash_file(path + ".missing").has_value());
}

}  // namespace
}  // namespace pleat
