#include "models/train/curves.h"

#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <vector>

namespace pleat {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Every tag closed in order, and only the entities XML knows.
bool well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
    const std::size_t end = svg.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = svg.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find(' '));
    if (tag.find('<') != std::string::npos) return false;
    if (tag.back() == '/') continue;
    if (tag.front() != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

const std::vector<EpochReport> kHistory = {
    {1, 0.74, 0.73, 0.81, 0.69, 20000}, {2, 0.48, 0.82, 0.55, 0.79, 20000}, {3, 0.41, 0.85, 0.47, 0.83, 20000}};

TEST(Curves, DrawsEveryEpochOfFourCurves) {
  const std::string svg = training_curves_svg(kHistory, "LeNet-BN");
  EXPECT_TRUE(well_formed(svg));
  EXPECT_EQ(count(svg, "<circle"), 12u);
  EXPECT_THAT(svg, HasSubstr("LeNet-BN"));
  EXPECT_THAT(svg, HasSubstr("train 0.850"));
  EXPECT_THAT(svg, HasSubstr("test 0.470"));
  EXPECT_EQ(svg, training_curves_svg(kHistory, "LeNet-BN"));
}

TEST(Curves, HigherLossStandsHigher) {
  const std::string svg = training_curves_svg(std::vector<EpochReport>(kHistory.begin(), kHistory.begin() + 2), "t");
  EXPECT_THAT(svg, HasSubstr("M72.0 "));  // epoch 1 at the left edge, epoch 2 at the right
  EXPECT_THAT(svg, HasSubstr("L572.0 "));
  const auto first = svg.find("class=\"curve\"");
  const std::string path = svg.substr(first, svg.find("/>", first) - first);
  const double y1 = std::stod(path.substr(path.find("M72.0 ") + 6));
  const double y2 = std::stod(path.substr(path.find("L572.0 ") + 7));
  EXPECT_LT(y1, y2);
}

TEST(Curves, EscapesTheTitle) {
  const std::string svg = training_curves_svg(kHistory, "a<b & c>d");
  EXPECT_TRUE(well_formed(svg));
  EXPECT_THAT(svg, HasSubstr("a&lt;b &amp; c&gt;d"));
}

TEST(Curves, StandsEmptyShortAndBrokenHistories) {
  auto broken = kHistory;
  broken[1].test_loss = std::numeric_limits<double>::infinity();
  broken[2].train_accuracy = std::numeric_limits<double>::quiet_NaN();
  for (const auto& history : {std::vector<EpochReport>{}, {kHistory[0]}, broken}) {
    const std::string svg = training_curves_svg(history, "t");
    EXPECT_TRUE(well_formed(svg));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf ")));
  }
}

}  // namespace
}  // namespace pleat
