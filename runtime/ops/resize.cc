#include "runtime/graph/attributes.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/resize_shared.h"

namespace pleat {
namespace {

template <class Value>
struct Choice {
  std::string_view name;
  Value value;
  std::int64_t from_opset = 0, to_opset = 1 << 30;
};

template <class Value, std::size_t kCount>
Status choose(AttributeReader& reader, const char* attribute, const Choice<Value> (&choices)[kCount],
              std::int64_t opset, Value& value) {
  const std::string name = reader.text(attribute, std::string(choices[0].name));
  std::string known;
  for (const auto& choice : choices) {
    if (opset < choice.from_opset || opset > choice.to_opset) continue;
    if (choice.name == name) {
      value = choice.value;
      return {};
    }
    known += (known.empty() ? "" : ", ") + std::string(choice.name);
  }
  return fail(Error::invalid("the attribute '" + std::string(attribute) + "' has no such value")
                  .expect(known + " (opset " + std::to_string(opset) + ")")
                  .saw(name));
}

constexpr Choice<ResizeMode> kModes[] = {
    {"nearest", ResizeMode::kNearest}, {"linear", ResizeMode::kLinear}, {"cubic", ResizeMode::kCubic, 11}};
constexpr Choice<CoordinateMode> kCoordinateModes[] = {
    {"half_pixel", CoordinateMode::kHalfPixel},
    {"half_pixel_symmetric", CoordinateMode::kHalfPixelSymmetric, 19},
    {"pytorch_half_pixel", CoordinateMode::kPytorchHalfPixel},
    {"align_corners", CoordinateMode::kAlignCorners},
    {"asymmetric", CoordinateMode::kAsymmetric},
    {"tf_half_pixel_for_nn", CoordinateMode::kTfHalfPixelForNn, 11, 12},
    {"tf_crop_and_resize", CoordinateMode::kTfCropAndResize}};
constexpr Choice<NearestMode> kNearestModes[] = {{"round_prefer_floor", NearestMode::kRoundPreferFloor},
                                                 {"round_prefer_ceil", NearestMode::kRoundPreferCeil},
                                                 {"floor", NearestMode::kFloor},
                                                 {"ceil", NearestMode::kCeil}};
constexpr Choice<ResizeForm::Policy> kPolicies[] = {{"stretch", ResizeForm::Policy::kStretch},
                                                    {"not_larger", ResizeForm::Policy::kNotLarger},
                                                    {"not_smaller", ResizeForm::Policy::kNotSmaller}};

Result<std::unique_ptr<Operator>> make_resize(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  ResizeForm form;
  PLEAT_TRY(choose(reader, "mode", kModes, opset, form.filter.mode));
  if (opset < 11) {
    PLEAT_TRY(reader.finish());
    form.legacy_nearest = true;
    form.scales_input = 1;
    return make_resize_operator(std::move(form));
  }
  PLEAT_TRY(choose(reader, "coordinate_transformation_mode", kCoordinateModes, opset, form.filter.coordinates));
  PLEAT_TRY(choose(reader, "nearest_mode", kNearestModes, opset, form.filter.nearest));
  form.filter.cubic_a = static_cast<double>(reader.number("cubic_coeff_a", -0.75F));
  form.filter.exclude_outside = reader.integer("exclude_outside", 0) != 0;
  form.extrapolation_value = static_cast<double>(reader.number("extrapolation_value", 0));
  if (opset >= 18) {
    form.filter.antialias = reader.integer("antialias", 0) != 0;
    PLEAT_TRY(choose(reader, "keep_aspect_ratio_policy", kPolicies, opset, form.policy));
    if (reader.has("axes")) form.axes = reader.integers("axes");
  }
  PLEAT_TRY(reader.finish());
  if (form.filter.antialias && form.filter.coordinates == CoordinateMode::kTfCropAndResize)
    return fail(Error::unsupported("antialias does not go together with tf_crop_and_resize"));
  form.roi_input = 1;
  form.scales_input = 2;
  form.sizes_input = 3;
  return make_resize_operator(std::move(form));
}

}  // namespace

void register_resize(OpRegistry& registry) { registry.add("Resize", make_resize); }

}  // namespace pleat
