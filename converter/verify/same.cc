#include "converter/verify/same.h"

#include <algorithm>
#include <bit>

namespace pleat {
namespace {

/// In every bit: a NaN is itself, and the two zeros are two numbers.
bool same_plain(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }
bool same_plain(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(a, b, [](float x, float y) { return same_plain(x, y); });
}
bool same_plain(const auto& a, const auto& b) { return a == b; }

bool same_value(const Attribute::Value& a, const Attribute::Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* tensor = std::get_if<Tensor>(&a)) return same_tensor(*tensor, std::get<Tensor>(b));
  if (const auto* graph = std::get_if<std::shared_ptr<Graph>>(&a)) {
    const auto& other = std::get<std::shared_ptr<Graph>>(b);
    return *graph == other || (*graph != nullptr && other != nullptr && same_graph(**graph, *other));
  }
  return std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, Tensor> || std::is_same_v<T, std::shared_ptr<Graph>>)
          return true;
        else
          return same_plain(value, std::get<T>(b));
      },
      a);
}

bool same_attribute(const Attribute& a, const Attribute& b) {
  if (a.name != b.name || a.type != b.type || a.ref_attr_name != b.ref_attr_name) return false;
  if (std::holds_alternative<std::monostate>(a.value)) return a.encoded == b.encoded;
  return same_value(a.value, b.value);
}

bool same_node(const Node& a, const Node& b) {
  return same_operator(a, b) && a.inputs == b.inputs && a.outputs == b.outputs && same_attributes(a, b);
}

bool same_initializer(const Initializer& a, const Initializer& b) { return a.name == b.name && same_constant(a, b); }

}  // namespace

bool same_tensor(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  return a.bytes().data() == b.bytes().data() || std::ranges::equal(a.bytes(), b.bytes());
}

bool same_constant(const Initializer& a, const Initializer& b) {
  if (!a.tensor.present() && !b.tensor.present()) return a.encoded == b.encoded;
  return same_tensor(a.tensor, b.tensor);
}

bool same_operator(const Node& a, const Node& b) {
  const auto domain = [](const Node& node) { return node.domain == "ai.onnx" ? std::string() : node.domain; };
  return a.op_type == b.op_type && domain(a) == domain(b) && a.overload == b.overload;
}

bool same_type(const TensorType& a, const TensorType& b) {
  if (a.dtype != b.dtype || a.shape.has_value() != b.shape.has_value()) return false;
  return !a.shape || std::ranges::equal(*a.shape, *b.shape, [](const Dim& x, const Dim& y) {
    return x.known() == y.known() && (!x.known() || x.value == y.value) && x.param == y.param;
  });
}

bool same_infos(const std::vector<ValueInfo>& a, const std::vector<ValueInfo>& b) {
  return std::ranges::equal(
      a, b, [](const ValueInfo& x, const ValueInfo& y) { return x.name == y.name && same_type(x.type, y.type); });
}

bool same_graph(const Graph& a, const Graph& b) {
  return same_infos(a.inputs, b.inputs) && same_infos(a.outputs, b.outputs) &&
         std::ranges::equal(a.nodes, b.nodes, same_node) &&
         std::ranges::equal(a.initializers, b.initializers, same_initializer);
}

bool same_function(const Function& a, const Function& b) {
  const auto same_opset = [](const OpsetImport& x, const OpsetImport& y) {
    return x.domain == y.domain && x.version == y.version;
  };
  return a.name == b.name && a.domain == b.domain && a.overload == b.overload && a.inputs == b.inputs &&
         a.outputs == b.outputs && a.attributes == b.attributes &&
         std::ranges::equal(a.attribute_defaults, b.attribute_defaults, same_attribute) &&
         std::ranges::equal(a.nodes, b.nodes, same_node) &&
         std::ranges::equal(a.opset_imports, b.opset_imports, same_opset);
}

bool same_attributes(const Node& a, const Node& b, InnerGraphs inner) {
  const auto covered = [&](const Node& from, const Node& in) {
    return std::ranges::all_of(from.attributes, [&](const Attribute& attribute) {
      const Attribute* other = in.attribute(attribute.name);
      if (other == nullptr) return false;
      const bool graphs = attribute.graph() != nullptr && other->graph() != nullptr;
      return (graphs && inner == InnerGraphs::kIgnore) || same_attribute(attribute, *other);
    });
  };
  return covered(a, b) && covered(b, a);
}

}  // namespace pleat
