#include "runtime/base/markup.h"

#include <gtest/gtest.h>

namespace pleat {
namespace {

TEST(EscapeMarkup, LeavesNothingThatMarkupCouldTakeForItsOwn) {
  EXPECT_EQ(escape_markup("<b a=\"x\" c='y'>&</b>"), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;&lt;/b&gt;");
  EXPECT_EQ(escape_markup("a\nb\tc\x01"
                          "d\x7F"),
            "a b c d ");
}

TEST(EscapeMarkup, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(escape_markup("σ²…𝔹"), "σ²…𝔹");
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(escape_markup("a\xFF"
                          "b"),
            "a" + bad + "b");
  EXPECT_EQ(escape_markup("\xC3"), bad) << "cut off";
  EXPECT_EQ(escape_markup("\xC0\xBC"), bad + bad) << "an overlong <";
  EXPECT_EQ(escape_markup("\xE0\x80\xBC"), bad + bad + bad) << "likewise";
  EXPECT_EQ(escape_markup("\xED\xA0\x80"), bad + bad + bad) << "half a surrogate pair";
  EXPECT_EQ(escape_markup("\xE2<"), bad + "&lt;") << "a broken character hides nothing";
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc…");
  EXPECT_EQ(shortened("aσb", 2), "a…");
  EXPECT_EQ(shortened("", 0), "");
}

}  // namespace
}  // namespace pleat
