#include "models/checkpoint/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/models/checkpoint/small_checkpoint.h"

namespace pleat {
namespace {

using ::testing::HasSubstr;

std::string failure_of(const std::string& json) {
  const auto architecture = parse_architecture(json);
  return architecture ? "no error" : architecture.error().text();
}

TEST(Architecture, IsRead) {
  const auto architecture = parse_architecture(small_architecture());
  ASSERT_TRUE(architecture) << architecture.error().text();
  EXPECT_EQ(architecture->name, "small");
  EXPECT_EQ(architecture->input.shape, (Shape{1, 10, 10}));
  EXPECT_EQ(architecture->labels.size(), 3U);
  ASSERT_EQ(architecture->layers.size(), 9U);
  EXPECT_EQ(layer_label(*architecture, 7), "layer 7 (BatchNorm1d)");
  EXPECT_EQ(std::get<BatchNormSpec>(architecture->layers[1]).momentum, 0.1);
  EXPECT_FALSE(std::get<BatchNormSpec>(architecture->layers[7]).momentum.has_value());
  EXPECT_EQ(state_of(*architecture).size(), 2U + 5U + 2U + 5U);
}

TEST(Architecture, ShapesPropagate) {
  const auto shapes = activation_shapes(parse_architecture(small_architecture()).value());
  ASSERT_TRUE(shapes) << shapes.error().text();
  EXPECT_EQ((*shapes)[1], (Shape{2, 8, 8}));
  EXPECT_EQ((*shapes)[6], (Shape{8}));
  EXPECT_EQ(shapes->back(), (Shape{3}));
}

TEST(Architecture, RefusesMalformedText) {
  struct Case {
    const char *from, *to, *message;
  };
  const Case cases[] = {
      {"{\"format\"", "[\"format\"", "not valid JSON"},
      {"architecture/1", "architecture/2", "unknown format"},
      {"\"name\":\"small\",", "", "'name' is missing"},
      {"\"name\":\"small\"", "\"name\":\"\"", "bad 'name'"},
      {"\"name\":\"small\"", "\"name\":\"small\",\"name\":\"b\"", "given twice"},
      {"\"name\":\"small\"", "\"name\":\"small\",\"extra\":1", "unknown key 'extra'"},
      {"\"Sigmoid\"", "\"GELU\"", "unknown layer type"},
      {"{\"type\":\"Sigmoid\"}", "3", "layer 2: not a JSON object"},
      {"\"bias\":true", "\"bias\":1", "bad 'bias'"},
      {"\"bias\":true", "\"bias\":true,\"dilation\":2", "unknown key 'dilation'"},
      {"\"kernel_size\":[3,3]", "\"kernel_size\":3", "bad 'kernel_size'"},
      {"\"kernel_size\":[3,3]", "\"kernel_size\":[3,-3]", "bad 'kernel_size'"},
      {"\"stride\":[1,1]", "\"stride\":[0,1]", "bad 'stride'"},
      {"\"out_channels\":2", "\"out_channels\":99999999999999999999", "bad 'out_channels'"},
      {"\"eps\":1e-05", "\"eps\":-1", "bad 'eps'"},
      {"\"momentum\":0.1", "\"momentum\":2", "bad 'momentum'"},
      {"\"padding\":[0,0]},", "\"padding\":[2,0]},", "at most half"},
      {"\"color\":\"gray\"", "\"color\":\"rgb\"", "bad 'color'"},
      {"\"std\":[255]", "\"std\":[0]", "bad 'std'"},
      {"\"mean\":[0]", "\"mean\":[0,0]", "bad 'mean'"},
      {"\"output\":{\"name\":\"output\"}", "\"output\":{\"name\":\"input\"}", "another name"},
      {"[\"a\",\"b\",\"c\"]", "\"abc\"", "bad 'labels'"},
  };
  for (const Case& c : cases)
    EXPECT_THAT(failure_of(replaced(small_architecture(), c.from, c.to)), HasSubstr(c.message)) << c.from << c.to;
}

TEST(Architecture, RefusesLayersThatDoNotFit) {
  struct Case {
    const char *from, *to, *message;
  };
  const Case cases[] = {
      {"\"in_features\":8", "\"in_features\":9", "layer 6 (Linear)"},
      {"\"num_features\":2", "\"num_features\":3", "layer 1 (BatchNorm2d)"},
      {"\"BatchNorm2d\"", "\"BatchNorm1d\"", "layer 1 (BatchNorm1d)"},
      {"\"in_channels\":1", "\"in_channels\":3", "layer 0 (Conv2d)"},
      {"\"kernel_size\":[3,3]", "\"kernel_size\":[11,3]", "larger than what comes in"},
      {"{\"type\":\"Flatten\"},", "", "layer 5 (Linear)"},
      {"\"shape\":[1,10,10]", "\"shape\":[1,16777216,16777216]", "layer 6 (Linear)"},
  };
  for (const Case& c : cases) {
    const auto architecture = parse_architecture(replaced(small_architecture(), c.from, c.to));
    ASSERT_TRUE(architecture) << architecture.error().text();
    const auto shapes = activation_shapes(*architecture);
    ASSERT_FALSE(shapes) << c.to;
    EXPECT_THAT(shapes.error().text(), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace pleat
