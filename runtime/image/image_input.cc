#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/image/preprocess.h"

namespace pleat {
namespace {

using nlohmann::json;

constexpr int kLargestSide = 1 << 13;

Error bad(const char* key, const char* expected, const json& value) {
  return Error::invalid(fmt::format("bad '{}'", key))
      .expect(expected)
      .saw(value.is_null() ? "nothing" : value.dump(-1, ' ', true, json::error_handler_t::replace));
}

json member(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? json() : *found;
}

Result<std::vector<double>> per_channel(const json& object, const char* key, int channels) {
  const json value = member(object, key);
  const auto is_number = [](const json& n) { return n.is_number(); };
  if (!value.is_array() || value.size() != static_cast<std::size_t>(channels) ||
      !std::all_of(value.begin(), value.end(), is_number))
    return fail(bad(key, "one number for each channel", value));
  return value.get<std::vector<double>>();
}

Result<Invert> invert_named(const json& value) {
  if (value == "auto") return Invert::kAuto;
  if (value == "never") return Invert::kNever;
  if (value == "always") return Invert::kAlways;
  return fail(bad("invert", "\"auto\", \"never\" or \"always\"", value));
}

Result<ImageInput> read(const json& object) {
  if (!object.is_object()) return fail(Error::invalid("not a JSON object"));
  if (member(object, "format") != "pleat.input/1")
    return fail(Error::unsupported("unknown format").expect("\"pleat.input/1\" under 'format'"));
  ImageInput input;
  const json color = member(object, "color");
  if (color != "gray" && color != "rgb" && color != "bgr") return fail(bad("color", "gray, rgb or bgr", color));
  input.color = color.get<std::string>();
  PLEAT_ASSIGN(input.mean, per_channel(object, "mean", input.channels()));
  PLEAT_ASSIGN(input.std, per_channel(object, "std", input.channels()));
  if (std::any_of(input.std.begin(), input.std.end(), [](double s) { return !(s > 0); }))
    return fail(bad("std", "numbers above 0", object["std"]));
  const json size = member(object, "size");
  const auto is_side = [](const json& n) {
    return n.is_number_unsigned() && n.get<std::uint64_t>() >= 1 && n.get<std::uint64_t>() <= kLargestSide;
  };
  if (!size.is_array() || size.size() != 2 || !std::all_of(size.begin(), size.end(), is_side))
    return fail(bad("size", "height and width in pixels", size));
  input.height = size[0].get<int>();
  input.width = size[1].get<int>();
  PLEAT_ASSIGN(input.invert, invert_named(member(object, "invert")));
  return input;
}

Error no_image(const ValueInfo& value, std::string got) {
  return Error::invalid("this input does not take one image")
      .at(fmt::format("input '{}'", value.name))
      .expect("float [N,1,H,W] or [N,3,H,W] with known H and W")
      .saw(std::move(got))
      .fix("feed it tensors instead");
}

/// Sizes of the first input, -1 where open.
Result<std::vector<std::int64_t>> input_sizes(const Model& model) {
  for (const ValueInfo& value : model.graph.inputs) {
    if (model.graph.initializer(value.name) != nullptr) continue;
    std::vector<std::int64_t> sizes;
    if (value.type.shape)
      for (const Dim& dim : *value.type.shape) sizes.push_back(dim.value);
    const bool image = value.type.dtype == DType::kFloat && sizes.size() == 4 && sizes[0] <= 1;
    if (!image)
      return fail(no_image(value, fmt::format("{} [{}]", dtype_name(value.type.dtype), fmt::join(sizes, ","))));
    return sizes;
  }
  return fail(Error::invalid("the model has no input"));
}

}  // namespace

Result<ImageInput> parse_image_input(std::string_view json_text) {
  const json object = json::parse(json_text, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) return fail(Error::invalid("not valid JSON").at("metadata 'pleat.input'"));
  auto input = read(object);
  if (!input) return fail(std::move(input).error().at("metadata 'pleat.input'"));
  return input;
}

Result<ImageInput> image_input_of(const Model& model) {
  PLEAT_ASSIGN(const auto sizes, input_sizes(model));
  const std::string* text = model.metadata("pleat.input");
  if (text == nullptr) {
    const bool usual = (sizes[1] == 1 || sizes[1] == 3) && sizes[2] >= 1 && sizes[2] <= kLargestSide && sizes[3] >= 1 &&
                       sizes[3] <= kLargestSide;
    if (!usual) return fail(no_image(model.graph.inputs.front(), fmt::format("[{}]", fmt::join(sizes, ","))));
    const auto channels = static_cast<std::size_t>(sizes[1]);
    return ImageInput{static_cast<int>(sizes[2]),         static_cast<int>(sizes[3]),
                      channels == 1 ? "gray" : "rgb",     std::vector<double>(channels, 0),
                      std::vector<double>(channels, 255), Invert::kAuto};
  }
  PLEAT_ASSIGN(ImageInput input, parse_image_input(*text));
  const std::int64_t told[] = {input.channels(), input.height, input.width};
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (sizes[axis + 1] >= 0 && sizes[axis + 1] != told[axis])
      return fail(Error::invalid("metadata 'pleat.input' does not fit the model's input")
                      .expect(fmt::format("[N,{},{},{}]", sizes[1], sizes[2], sizes[3]))
                      .saw(fmt::format("[N,{}]", fmt::join(told, ","))));
  return input;
}

}  // namespace pleat
