#include "runtime/image/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kJson =
    R"({"format":"pleat.input/1","color":"gray","mean":[0],"std":[255],"size":[28,28],"invert":"auto"})";

ImageInput grey(int height, int width, Invert invert = Invert::kAuto) {
  return {height, width, "gray", {0}, {255}, invert};
}

Image filled(int height, int width, std::uint8_t value) {
  return {height, width, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width), value)};
}

std::vector<float> values(const Image& image, const ImageInput& input) {
  const auto tensor = to_input(image, input);
  EXPECT_TRUE(tensor) << tensor.error().text();
  if (!tensor) return {};
  EXPECT_EQ(tensor->shape(), (Shape{1, input.channels(), input.height, input.width}));
  return {tensor->data<float>().begin(), tensor->data<float>().end()};
}

TEST(ToInput, KeepsPreparedImagesToTheBit) {
  Image image = filled(28, 28, 255);
  for (std::size_t i = 0; i < image.samples.size(); i += 3) image.samples[i] = static_cast<std::uint8_t>(i);
  const auto out = values(image, grey(28, 28));
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], static_cast<float>(image.samples[i]) / 255.0F);
}

TEST(ToInput, InvertsDrawingsOnPaper) {
  Image drawing = filled(56, 56, 255);
  for (int y = 24; y < 32; ++y)
    for (int x = 24; x < 32; ++x) drawing.samples[static_cast<std::size_t>(y * 56 + x)] = 0;
  const auto out = values(drawing, grey(28, 28));
  EXPECT_EQ(out.front(), 0.0F);
  EXPECT_EQ(out[14 * 28 + 14], 1.0F);
  EXPECT_EQ(values(drawing, grey(28, 28, Invert::kNever)).front(), 1.0F);
  EXPECT_EQ(values(filled(56, 56, 0), grey(28, 28)).front(), 0.0F);
  EXPECT_EQ(values(filled(28, 28, 0), grey(28, 28, Invert::kAlways)).front(), 1.0F);
}

TEST(ToInput, AveragesAreasWhenShrinking) {
  const Image image{2, 4, 1, {0, 10, 100, 110, 20, 30, 120, 50}};
  EXPECT_THAT(values(image, {1, 2, "gray", {0}, {1}, Invert::kNever}), ElementsAre(15, 95));
}

TEST(ToInput, KeepsTheAspectAndFillsWithTheBorder) {
  Image wide = filled(2, 8, 40);
  const auto out = values(wide, {4, 4, "gray", {0}, {1}, Invert::kNever});
  EXPECT_EQ(std::count(out.begin(), out.end(), 40.0F), 16);
  Image tall{4, 2, 1, {9, 9, 9, 9, 9, 9, 9, 9}};
  EXPECT_EQ(values(tall, {8, 8, "gray", {0}, {1}, Invert::kNever}).size(), 64U);
  EXPECT_EQ(values(filled(1, 4096, 7), {28, 28, "gray", {0}, {1}, Invert::kNever})[14 * 28], 7.0F);
}

TEST(ToInput, OrdersAndScalesChannels) {
  const Image pixel{1, 1, 3, {10, 20, 30}};
  EXPECT_THAT(values(pixel, {1, 1, "rgb", {1, 2, 3}, {1, 2, 3}, Invert::kNever}), ElementsAre(9, 9, 9));
  EXPECT_THAT(values(pixel, {1, 1, "bgr", {0, 0, 0}, {1, 1, 1}, Invert::kNever}), ElementsAre(30, 20, 10));
  EXPECT_THAT(values(pixel, {1, 1, "gray", {0}, {1}, Invert::kNever}), ElementsAre(18));
  EXPECT_THAT(pixel.samples, ElementsAre(10, 20, 30));
  EXPECT_THAT(values(filled(1, 1, 5), {1, 1, "rgb", {0, 0, 0}, {1, 1, 1}, Invert::kNever}), ElementsAre(5, 5, 5));
}

TEST(ToInput, RefusesWhatIsNoImage) {
  EXPECT_FALSE(to_input({}, grey(28, 28)));
  EXPECT_FALSE(to_input({2, 2, 1, {1, 2, 3}}, grey(28, 28)));
  EXPECT_FALSE(to_input({1, 1, 4, {1, 2, 3, 4}}, grey(28, 28)));
  EXPECT_FALSE(to_input(filled(2, 2, 1), {28, 28, "rgb", {0}, {255}, Invert::kNever}));
}

TEST(ImageInput, IsReadFromMetadata) {
  const auto input = parse_image_input(kJson);
  ASSERT_TRUE(input) << input.error().text();
  EXPECT_EQ(input->height, 28);
  EXPECT_EQ(input->channels(), 1);
  EXPECT_EQ(input->invert, Invert::kAuto);
}

TEST(ImageInput, RefusesMalformedMetadata) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"{\"format", "\"format", "not valid JSON"},
      {"input/1", "input/9", "unknown format"},
      {"\"gray\"", "\"pink\"", "bad 'color'"},
      {"\"gray\"", "\"rgb\"", "bad 'mean'"},
      {"[255]", "[0]", "bad 'std'"},
      {"[28,28]", "[28]", "bad 'size'"},
      {"[28,28]", "[28,-1]", "bad 'size'"},
      {"[28,28]", "[28,1000000]", "bad 'size'"},
      {"\"auto\"", "\"perhaps\"", "bad 'invert'"},
      {",\"invert\":\"auto\"", "", "bad 'invert'"},
  };
  for (const auto& [from, to, message] : cases) {
    std::string text = kJson;
    ASSERT_NE(text.find(from), std::string::npos);
    const auto input = parse_image_input(text.replace(text.find(from), std::string(from).size(), to));
    ASSERT_FALSE(input) << to;
    EXPECT_THAT(input.error().text(), HasSubstr(message));
  }
  EXPECT_FALSE(parse_image_input("[]"));
}

Model model_of(std::vector<std::int64_t> sizes) {
  Model model;
  ValueInfo input;
  input.name = "x";
  input.type.dtype = DType::kFloat;
  input.type.shape.emplace();
  for (const auto size : sizes) input.type.shape->push_back({size, {}, {}, {}});
  model.graph.inputs.push_back(input);
  return model;
}

TEST(ImageInput, ComesFromTheShapeWhereTheModelSaysNothing) {
  EXPECT_EQ(image_input_of(model_of({1, 3, 8, 9}))->color, "rgb");
  EXPECT_EQ(image_input_of(model_of({-1, 1, 8, 9}))->width, 9);
  EXPECT_FALSE(image_input_of(model_of({1, 2, 8, 9})));
  EXPECT_FALSE(image_input_of(model_of({1, 784})));
  EXPECT_FALSE(image_input_of(model_of({1, 1, -1, 9})));
  EXPECT_FALSE(image_input_of(Model{}));
}

TEST(ImageInput, MustFitTheModel) {
  Model model = model_of({1, 1, 28, 28});
  model.set_metadata("pleat.input", kJson);
  EXPECT_TRUE(image_input_of(model));
  Model other = model_of({1, 1, 32, 32});
  other.set_metadata("pleat.input", kJson);
  EXPECT_THAT(image_input_of(other).error().text(), HasSubstr("does not fit"));
}

}  // namespace
}  // namespace pleat
