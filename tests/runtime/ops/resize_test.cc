#include <cmath>
#include <limits>

#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor list(Ints values) { return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values); }
Tensor row(std::vector<float> values) { return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values); }

Node resize(std::string mode, std::string coordinates, std::vector<Attribute> more = {}) {
  more.push_back(Attribute::text("mode", std::move(mode)));
  more.push_back(Attribute::text("coordinate_transformation_mode", std::move(coordinates)));
  return node_of("Resize", std::move(more));
}

Tensor to_size(const Node& node, const Tensor& x, Ints sizes, int opset = 19) {
  return only_output(run_op(node, {x, {}, {}, list(std::move(sizes))}, opset));
}
Tensor by_scale(const Node& node, const Tensor& x, std::vector<float> scales, int opset = 19) {
  return only_output(run_op(node, {x, {}, row(std::move(scales))}, opset));
}

void expect_near(const Tensor& got, const std::vector<float>& expected) {
  ASSERT_EQ(got.elements(), static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got.data<float>()[i], expected[i], 1e-5) << i;
}

TEST(Resize, NearestTakesTheNeighbourThatTheModesSay) {
  const Tensor x = row({1, 2, 3});
  const auto nearest = [&](const char* coordinates, const char* rounding, std::int64_t size) {
    return to_size(resize("nearest", coordinates, {Attribute::text("nearest_mode", rounding)}), x, {size});
  };
  expect_same(nearest("asymmetric", "floor", 6), row({1, 1, 2, 2, 3, 3}));
  expect_same(nearest("asymmetric", "ceil", 6), row({1, 2, 2, 3, 3, 3}));
  expect_same(nearest("asymmetric", "round_prefer_floor", 6), row({1, 1, 2, 2, 3, 3}));
  expect_same(nearest("asymmetric", "round_prefer_ceil", 6), row({1, 2, 2, 3, 3, 3}));
  expect_same(nearest("half_pixel", "round_prefer_floor", 6), row({1, 1, 2, 2, 3, 3}));
  expect_same(nearest("align_corners", "floor", 5), row({1, 1, 2, 2, 3}));
  expect_same(nearest("pytorch_half_pixel", "floor", 1), row({1}));
  expect_same(nearest("half_pixel", "floor", 1), row({2}));
}

TEST(Resize, NearestMovesAnyType) {
  const Tensor x = Tensor::of<std::int16_t>({1, 2, 1}, {7, 8});
  expect_same(by_scale(resize("nearest", "half_pixel"), x, {1, 2, 2}),
              Tensor::of<std::int16_t>({1, 4, 2}, {7, 7, 7, 7, 8, 8, 8, 8}));
}

TEST(Resize, LinearWeighsTwoNeighboursAlongEachAxis) {
  const Tensor x = row({0, 4, 8});
  expect_near(to_size(resize("linear", "half_pixel"), x, {6}), {0, 1, 3, 5, 7, 8});
  expect_near(to_size(resize("linear", "asymmetric"), x, {6}), {0, 2, 4, 6, 8, 8});
  expect_near(to_size(resize("linear", "align_corners"), x, {5}), {0, 2, 4, 6, 8});
  const Tensor square = Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  expect_near(to_size(resize("linear", "align_corners"), square, {1, 1, 3, 3}), {1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4});
}

TEST(Resize, CubicHasTheCoefficientAsked) {
  const Tensor x = row({0, 1, 0, 0});
  // Halfway between two inputs the weights are (a, 4 - a, 4 - a, a) / 8.
  const Node plain = resize("cubic", "asymmetric"),
             half = resize("cubic", "asymmetric", {Attribute::number("cubic_coeff_a", -0.5)});
  EXPECT_NEAR(by_scale(plain, x, {2}).data<float>()[3], 4.75 / 8, 1e-6);
  EXPECT_NEAR(by_scale(half, x, {2}).data<float>()[3], 4.5 / 8, 1e-6);
  EXPECT_NEAR(by_scale(half, x, {2}).data<float>()[5], -0.5 / 8, 1e-6);
  const Node inside = resize("cubic", "asymmetric", {Attribute::integer("exclude_outside", 1)});
  EXPECT_NEAR(by_scale(inside, x, {2}).data<float>()[1], 4.75 / (4.75 + 4.75 - 0.75), 1e-6);
}

TEST(Resize, AntialiasWidensTheFilter) {
  const Tensor x = row({0, 0, 6, 0, 0, 0});
  const Node node = resize("linear", "half_pixel", {Attribute::integer("antialias", 1)});
  expect_near(by_scale(node, x, {0.5}, 18), {0.75, 2.25, 0});
  expect_near(by_scale(node, row({0, 4}), {2}, 18), {0, 1, 3, 4});
}

TEST(Resize, CropTakesThePartAndFillsBeyondIt) {
  const Tensor x = row({0, 1, 2, 3, 4});
  const Node node = resize("linear", "tf_crop_and_resize", {Attribute::number("extrapolation_value", 9)});
  expect_near(only_output(run_op(node, {x, row({0.25, 0.75}), {}, list({3})}, 11)), {1, 2, 3});
  expect_near(only_output(run_op(node, {x, row({0.5, 1.5}), {}, list({3})}, 11)), {2, 4, 9});
  expect_near(only_output(run_op(node, {x, row({0, 0.5}), row({1})}, 13)), {0, 2});
  const Node nearest = resize("nearest", "tf_crop_and_resize", {Attribute::number("extrapolation_value", 9)});
  expect_near(only_output(run_op(nearest, {x, row({0.5, 1.5}), {}, list({3})}, 11)), {2, 4, 9});
  const Tensor odd = row({std::numeric_limits<float>::quiet_NaN(), 1});
  expect_near(only_output(run_op(node, {x, odd, {}, list({2})}, 11)), {9, 9});
  expect_failure(run_op(node, {x, {}, {}, list({3})}, 11), ErrorCode::kInvalid, "needs the input roi");
}

TEST(Resize, AxesAndPolicyOfNewerOpsets) {
  const Tensor x = *Tensor::allocate(DType::kFloat, {1, 4, 2});
  const auto shape = [&](const char* policy) {
    return to_size(resize("nearest", "half_pixel",
                          {Attribute::integers("axes", {-1, 1}), Attribute::text("keep_aspect_ratio_policy", policy)}),
                   x, {7, 6}, 18)
        .shape();
  };
  EXPECT_EQ(shape("stretch"), (Shape{1, 6, 7}));
  EXPECT_EQ(shape("not_larger"), (Shape{1, 6, 3}));
  EXPECT_EQ(shape("not_smaller"), (Shape{1, 14, 7}));
}

TEST(Resize, BeforeOpset11NearestCeilsWhereItShrinks) {
  const auto run = [](const Tensor& x, float scale) {
    return only_output(run_op(node_of("Resize"), {x, row({scale})}, 10));
  };
  expect_same(run(row({1, 2, 3, 4}), 0.6F), row({1, 3}));
  expect_same(run(row({1, 2}), 1.5F), row({1, 1, 2}));
}

TEST(Resize, SameBitsHoweverItIsRun) {
  const auto values = random_values<float>(2 * 3 * 13 * 11, 1);
  const Tensor x = Tensor::of({2, 3, 13, 11}, values);
  for (const char* mode : {"linear", "cubic"}) {
    Tensor reference;
    for_each_isa([&](Isa) {
      for (int threads : {1, 3}) {
        const std::vector<Tensor> inputs = {x, {}, {}, list({2, 3, 20, 29})};
        const Tensor y = only_output(run_op(resize(mode, "half_pixel"), inputs, 13, threads));
        if (!reference.present()) reference = y;
        expect_same(y, reference);
      }
    });
  }
}

TEST(Resize, RefusesWhatDoesNotFit) {
  const Tensor x = row({1, 2});
  const Node node = resize("nearest", "half_pixel");
  const auto run = [&](std::vector<Tensor> more) {
    more.insert(more.begin(), x);
    return run_op(node, std::move(more), 13);
  };
  expect_failure(run({}), ErrorCode::kInvalid, "neither");
  expect_failure(run({{}, row({1}), list({2})}), ErrorCode::kInvalid, "both");
  expect_failure(run({{}, row({1, 1})}), ErrorCode::kInvalid, "scales");
  expect_failure(run({{}, {}, list({1, 1})}), ErrorCode::kInvalid, "sizes");
  expect_failure(run({{}, {}, list({-1})}), ErrorCode::kInvalid, "negative");
  expect_failure(run({{}, row({0})}), ErrorCode::kInvalid, "above 0");
  expect_failure(run({{}, row({1e12F})}), ErrorCode::kResource, "too long");
  expect_failure(run({{}, row({1e30F})}), ErrorCode::kResource, "too large");
  expect_failure(run_op(resize("bicubic", "half_pixel"), {x, {}, row({1})}, 13), ErrorCode::kInvalid, "cubic");
  expect_failure(run_op(resize("nearest", "half_pixel_symmetric"), {x, {}, row({1})}, 18), ErrorCode::kInvalid,
                 "opset 18");
  expect_failure(run_op(resize("linear", "half_pixel"), {list({1}), {}, row({2})}, 13), ErrorCode::kUnsupported,
                 "int64");
  const Tensor none = *Tensor::allocate(DType::kFloat, {0});
  expect_failure(run_op(node, {none, {}, {}, list({2})}, 13), ErrorCode::kInvalid, "nothing to resize");
  EXPECT_EQ(to_size(resize("linear", "half_pixel"), x, {0}).shape(), (Shape{0}));
}

}  // namespace
}  // namespace pleat
