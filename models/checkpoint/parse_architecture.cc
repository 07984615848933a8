#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "models/checkpoint/architecture.h"
#include "models/checkpoint/json_check.h"

namespace pleat {
namespace {

using nlohmann::json;

constexpr std::int64_t kLargestSize = std::int64_t{1} << 24;
constexpr std::size_t kMostLayers = 10'000;

std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

/// Reads the keys of one object; remembers the first failure, so that a reader can ask for all and check once.
class ObjectReader {
 public:
  ObjectReader(const json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object.is_object()) note(Error::invalid("not a JSON object").saw(shown(object)));
  }

  const json& any(const char* key) {
    static const json nothing;
    asked_.insert(key);
    if (!object_.is_object()) return nothing;
    const auto found = object_.find(key);
    if (found != object_.end()) return *found;
    note(Error::invalid(fmt::format("the key '{}' is missing", key)));
    return nothing;
  }

  std::string text(const char* key) {
    const json& value = any(key);
    if (value.is_string() && !value.get_ref<const std::string&>().empty()) return value.get<std::string>();
    wrong(key, value, "a text that is not empty");
    return {};
  }

  bool flag(const char* key) {
    const json& value = any(key);
    if (value.is_boolean()) return value.get<bool>();
    wrong(key, value, "true or false");
    return false;
  }

  std::int64_t size(const char* key, std::int64_t least = 1) {
    const json& value = any(key);
    if (is_size(value, least)) return value.get<std::int64_t>();
    wrong(key, value, fmt::format("a whole number from {} to {}", least, kLargestSize));
    return least;
  }

  std::vector<std::int64_t> sizes(const char* key, std::size_t count, std::int64_t least = 1) {
    const json& value = any(key);
    const auto fits = [&](const json& n) { return is_size(n, least); };
    if (value.is_array() && value.size() == count && std::all_of(value.begin(), value.end(), fits))
      return value.get<std::vector<std::int64_t>>();
    wrong(key, value, fmt::format("{} whole numbers from {} to {}", count, least, kLargestSize));
    return std::vector<std::int64_t>(count, least);
  }

  std::array<std::int64_t, 2> pair(const char* key, std::int64_t least = 1) {
    const auto list = sizes(key, 2, least);
    return {list[0], list[1]};
  }

  double number(const char* key) {
    const json& value = any(key);
    if (value.is_number()) return value.get<double>();
    wrong(key, value, "a number");
    return 0;
  }

  std::vector<double> numbers(const char* key, std::int64_t count) {
    const json& value = any(key);
    const auto is_number = [](const json& n) { return n.is_number(); };
    if (value.is_array() && static_cast<std::int64_t>(value.size()) == count &&
        std::all_of(value.begin(), value.end(), is_number))
      return value.get<std::vector<double>>();
    wrong(key, value, fmt::format("{} numbers, one for each channel", count));
    return {};
  }

  std::vector<std::string> texts(const char* key) {
    const json& value = any(key);
    const auto is_text = [](const json& t) { return t.is_string(); };
    if (value.is_array() && std::all_of(value.begin(), value.end(), is_text))
      return value.get<std::vector<std::string>>();
    wrong(key, value, "a list of texts");
    return {};
  }

  void wrong(const char* key, const json& value, std::string expected) {
    note(Error::invalid(fmt::format("bad '{}'", key)).expect(std::move(expected)).saw(shown(value)));
  }

  /// The first failure, or a key that nobody asked for.
  Status finish() {
    if (object_.is_object())
      for (const auto& [key, value] : object_.items())
        if (!asked_.contains(key)) note(Error::invalid(fmt::format("unknown key '{}'", key)));
    if (problem_) return fail(std::move(*problem_));
    return {};
  }

 private:
  static bool is_size(const json& value, std::int64_t least) {
    return value.is_number_unsigned() && value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kLargestSize) &&
           value.get<std::int64_t>() >= least;
  }
  void note(Error error) {
    if (!problem_) problem_ = std::move(error).at(place_);
  }

  const json& object_;
  std::string place_;
  std::set<std::string, std::less<>> asked_;
  std::optional<Error> problem_;
};

BatchNormSpec read_batch_norm(ObjectReader& reader, int spatial_dims) {
  BatchNormSpec layer{spatial_dims, reader.size("num_features"), reader.number("eps"), std::nullopt};
  const json& momentum = reader.any("momentum");
  if (momentum.is_number()) layer.momentum = momentum.get<double>();
  if (!momentum.is_null() && !(layer.momentum && *layer.momentum >= 0 && *layer.momentum <= 1))
    reader.wrong("momentum", momentum, "a number from 0 to 1, or null");
  if (!(layer.eps >= 0)) reader.wrong("eps", reader.any("eps"), "a number that is not negative");
  return layer;
}

Pool2dSpec read_pool(ObjectReader& reader, Pool2dSpec::Kind kind) {
  const Pool2dSpec layer{kind, reader.pair("kernel_size"), reader.pair("stride"), reader.pair("padding", 0)};
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (2 * layer.padding[axis] > layer.kernel_size[axis])
      reader.wrong("padding", reader.any("padding"), "at most half of the kernel");
  return layer;
}

Result<LayerSpec> read_layer(const json& object, std::size_t index) {
  ObjectReader reader(object, fmt::format("layer {}", index));
  const std::string type = reader.text("type");
  LayerSpec layer = SigmoidSpec{};
  if (type == "Conv2d") {
    layer = Conv2dSpec{reader.size("in_channels"), reader.size("out_channels"), reader.pair("kernel_size"),
                       reader.pair("stride"),      reader.pair("padding", 0),   reader.flag("bias")};
  } else if (type == "Linear") {
    layer = LinearSpec{reader.size("in_features"), reader.size("out_features"), reader.flag("bias")};
  } else if (type == "BatchNorm1d") {
    layer = read_batch_norm(reader, 0);
  } else if (type == "BatchNorm2d") {
    layer = read_batch_norm(reader, 2);
  } else if (type == "AvgPool2d") {
    layer = read_pool(reader, Pool2dSpec::Kind::kAverage);
  } else if (type == "MaxPool2d") {
    layer = read_pool(reader, Pool2dSpec::Kind::kMax);
  } else if (type == "ReLU") {
    layer = ReluSpec{};
  } else if (type == "Flatten") {
    layer = FlattenSpec{};
  } else if (type != "Sigmoid" && !type.empty()) {
    return fail(Error::unsupported("unknown layer type")
                    .at(fmt::format("layer {}", index))
                    .expect("Conv2d, Linear, BatchNorm1d, BatchNorm2d, AvgPool2d, MaxPool2d, Sigmoid, ReLU or Flatten")
                    .saw(type));
  }
  PLEAT_TRY(reader.finish());
  return layer;
}

Result<InputSpec> read_input(const json& object) {
  ObjectReader reader(object, "input");
  InputSpec input;
  input.name = reader.text("name");
  input.shape = Shape(reader.sizes("shape", 3));
  input.color = reader.text("color");
  input.mean = reader.numbers("mean", input.shape[0]);
  input.std = reader.numbers("std", input.shape[0]);
  const std::int64_t channels = input.color == "gray" ? 1 : input.color == "rgb" || input.color == "bgr" ? 3 : 0;
  if (channels != input.shape[0])
    reader.wrong("color", reader.any("color"),
                 fmt::format("gray for 1 channel, rgb or bgr for 3; the shape has {}", input.shape[0]));
  if (std::any_of(input.std.begin(), input.std.end(), [](double s) { return !(s > 0); }))
    reader.wrong("std", reader.any("std"), "numbers above 0");
  PLEAT_TRY(reader.finish());
  return input;
}

Result<Architecture> read_architecture(const json& object) {
  ObjectReader reader(object, "");
  const std::string format = reader.text("format");
  if (object.is_object() && format != "pleat.architecture/1")
    return fail(Error::unsupported("unknown format of architecture")
                    .expect("\"pleat.architecture/1\" under the key 'format'")
                    .saw(format.empty() ? "none" : format));
  Architecture architecture;
  architecture.name = reader.text("name");
  architecture.labels = reader.texts("labels");
  const json& input = reader.any("input");
  const json& output = reader.any("output");
  const json& layers = reader.any("layers");
  if (!layers.is_array() || layers.empty() || layers.size() > kMostLayers)
    reader.wrong("layers", layers, fmt::format("a list of 1 to {} layers", kMostLayers));
  PLEAT_TRY(reader.finish());
  PLEAT_ASSIGN(architecture.input, read_input(input));
  ObjectReader output_reader(output, "output");
  architecture.output_name = output_reader.text("name");
  if (architecture.output_name == architecture.input.name)
    output_reader.wrong("name", output.at("name"), "another name than the input's");
  PLEAT_TRY(output_reader.finish());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    PLEAT_ASSIGN(LayerSpec layer, read_layer(layers[i], i));
    architecture.layers.push_back(layer);
  }
  return architecture;
}

}  // namespace

Result<Architecture> parse_architecture(std::string_view json_text) {
  const auto parse = [&]() -> Result<Architecture> {
    PLEAT_TRY(check_json(json_text));
    return read_architecture(json::parse(json_text, nullptr, /*allow_exceptions=*/false));
  };
  auto architecture = parse();
  if (!architecture) return fail(std::move(architecture).error().at("the architecture"));
  return architecture;
}

}  // namespace pleat
