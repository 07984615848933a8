#include "runtime/graph/attributes.h"

#include <type_traits>
#include <variant>

namespace pleat {
namespace {

/// What the alternatives of Attribute::Value are called in ONNX, in their order.
constexpr std::string_view kValueNames[] = {
    "of a type not read here", "a float", "an int", "a string", "a tensor", "a graph", "floats", "ints", "strings"};

template <class T, class... Types>
constexpr std::size_t position_in(const std::variant<Types...>*) {
  std::size_t position = 0;
  static_cast<void>(((std::is_same_v<T, Types> || (++position, false)) || ...));
  return position;
}

template <class T>
constexpr std::string_view value_name() {
  return kValueNames[position_in<T>(static_cast<const Attribute::Value*>(nullptr))];
}

}  // namespace

template <class T>
const T* AttributeReader::find(std::string_view name) {
  asked_.emplace(name);
  const Attribute* attribute = node_.attribute(name);
  if (attribute == nullptr) return nullptr;
  const T* value = std::get_if<T>(&attribute->value);
  if (value == nullptr && wrong_.what.empty()) {
    wrong_ = Error::invalid("the attribute '" + std::string(name) + "' has the wrong type")
                 .expect(std::string(value_name<T>()))
                 .saw(attribute->ref_attr_name.empty()
                          ? std::string(kValueNames[attribute->value.index()])
                          : "a reference to the function attribute '" + attribute->ref_attr_name + "'");
  }
  return value;
}

bool AttributeReader::has(std::string_view name) {
  asked_.emplace(name);
  return node_.attribute(name) != nullptr;
}

float AttributeReader::number(std::string_view name, float otherwise) {
  const float* value = find<float>(name);
  return value != nullptr ? *value : otherwise;
}

std::int64_t AttributeReader::integer(std::string_view name, std::int64_t otherwise) {
  const std::int64_t* value = find<std::int64_t>(name);
  return value != nullptr ? *value : otherwise;
}

std::string AttributeReader::text(std::string_view name, std::string otherwise) {
  const std::string* value = find<std::string>(name);
  if (value != nullptr) return *value;
  return otherwise;
}

std::vector<std::int64_t> AttributeReader::integers(std::string_view name, std::vector<std::int64_t> otherwise) {
  const auto* value = find<std::vector<std::int64_t>>(name);
  if (value != nullptr) return *value;
  return otherwise;
}

std::vector<float> AttributeReader::numbers(std::string_view name, std::vector<float> otherwise) {
  const auto* value = find<std::vector<float>>(name);
  if (value != nullptr) return *value;
  return otherwise;
}

std::vector<std::string> AttributeReader::texts(std::string_view name, std::vector<std::string> otherwise) {
  const auto* value = find<std::vector<std::string>>(name);
  if (value != nullptr) return *value;
  return otherwise;
}

Tensor AttributeReader::tensor(std::string_view name) {
  const Tensor* value = find<Tensor>(name);
  return value != nullptr ? *value : Tensor{};
}

std::shared_ptr<const Graph> AttributeReader::graph(std::string_view name) {
  const auto* value = find<std::shared_ptr<Graph>>(name);
  return value != nullptr ? *value : nullptr;
}

void AttributeReader::ignore(std::string_view name) { asked_.emplace(name); }

Status AttributeReader::finish() const {
  if (!wrong_.what.empty()) return fail(Error(wrong_));
  for (const Attribute& attribute : node_.attributes)
    if (!asked_.contains(attribute.name))
      return fail(Error::unsupported("the attribute '" + attribute.name + "' is not known to this operator"));
  return {};
}

}  // namespace pleat
