#include "runtime/graph/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pleat {
namespace {

constexpr std::int64_t kMostValuesShown = 8;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string name_of(const std::string& value) { return value.empty() ? "_" : "%" + value; }

template <class Names>
std::string names_of(const Names& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ", ") + name_of(value);
  return out;
}

std::string text_of(const Dim& dim) {
  if (dim.known()) return std::to_string(dim.value);
  return dim.param.empty() ? "?" : dim.param;
}

std::string text_of(const ValueInfo& info) {
  std::string out = name_of(info.name) + ": ";
  if (info.type.dtype == DType::kUndefined) return out + "?";
  out += dtype_name(info.type.dtype);
  if (!info.type.shape) return out + "[...]";
  std::string dims;
  for (const Dim& dim : *info.type.shape) dims += (dims.empty() ? "" : ",") + text_of(dim);
  return out + "[" + dims + "]";
}

std::string type_of(const Tensor& tensor) {
  return tensor.present() ? std::string(dtype_name(tensor.dtype())) + tensor.shape().text() : "?";
}

std::string text_of(const Tensor& tensor) {
  if (!tensor.present() || tensor.elements() > kMostValuesShown) return type_of(tensor);
  const auto values = to_doubles(tensor);
  return values ? fmt::format("{}({})", type_of(tensor), fmt::join(*values, ",")) : type_of(tensor);
}

struct AttributeText {
  std::string operator()(std::monostate) const { return "?"; }
  std::string operator()(float value) const { return fmt::format("{}", value); }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return quoted(value); }
  std::string operator()(const Tensor& value) const { return text_of(value); }
  std::string operator()(const std::shared_ptr<Graph>&) const { return "graph"; }
  std::string operator()(const std::vector<float>& values) const { return fmt::format("[{}]", fmt::join(values, ",")); }
  std::string operator()(const std::vector<std::int64_t>& values) const {
    return fmt::format("[{}]", fmt::join(values, ","));
  }
  std::string operator()(const std::vector<std::string>& values) const {
    std::string out;
    for (const std::string& value : values) out += (out.empty() ? "" : ",") + quoted(value);
    return "[" + out + "]";
  }
};

std::vector<const Attribute*> sorted(const std::vector<Attribute>& attributes) {
  std::vector<const Attribute*> out;
  out.reserve(attributes.size());
  for (const Attribute& attribute : attributes) out.push_back(&attribute);
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  return out;
}

void append_graph(std::string& out, const Graph& graph, const std::string& title, int depth);

std::string text_of(const Attribute& attribute) {
  return attribute.name + "=" +
         (attribute.ref_attr_name.empty() ? std::visit(AttributeText{}, attribute.value)
                                          : "@" + attribute.ref_attr_name);
}

std::string text_of(const std::vector<OpsetImport>& imports) {
  std::string out;
  for (const OpsetImport& import : imports)
    out += fmt::format(", opset {}{}", import.domain.empty() ? "" : import.domain + " ", import.version);
  return out;
}

void append_node(std::string& out, const Node& node, int depth) {
  const std::string domain = node.domain.empty() || node.domain == "ai.onnx" ? "" : node.domain + "::";
  out.append(2 * static_cast<std::size_t>(depth), ' ');
  if (!node.outputs.empty()) out += names_of(node.outputs) + " = ";
  out += domain + node.op_type + (node.overload.empty() ? "" : ":" + node.overload) + "(" + names_of(node.inputs) + ")";
  const auto attributes = sorted(node.attributes);
  std::string text;
  for (const Attribute* attribute : attributes) text += (text.empty() ? "" : ", ") + text_of(*attribute);
  if (!text.empty()) out += " {" + text + "}";
  if (!node.name.empty()) out += "  # " + node.name;
  out += '\n';
  for (const Attribute* attribute : attributes) {
    if (const Graph* inner = attribute->graph()) append_graph(out, *inner, attribute->name + " = graph", depth + 1);
  }
}

void append_graph(std::string& out, const Graph& graph, const std::string& title, int depth) {
  const std::string indent(static_cast<std::size_t>(2 * depth), ' ');
  out += indent + title + (graph.name.empty() ? "" : " " + graph.name) + " {\n";
  for (const ValueInfo& input : graph.inputs) out += indent + "  input " + text_of(input) + '\n';
  for (const Initializer& initializer : graph.initializers)
    out += indent + "  initializer " + name_of(initializer.name) + ": " + type_of(initializer.tensor) + '\n';
  for (const Node& node : graph.nodes) append_node(out, node, depth + 1);
  for (const ValueInfo& output : graph.outputs) out += indent + "  output " + text_of(output) + '\n';
  out += indent + "}\n";
}

void append_function(std::string& out, const Function& function) {
  std::string attributes;
  for (const std::string& name : function.attributes) attributes += (attributes.empty() ? "" : ", ") + name;
  for (const Attribute* attribute : sorted(function.attribute_defaults))
    attributes += (attributes.empty() ? "" : ", ") + text_of(*attribute);
  out += "function " + (function.domain.empty() ? "" : function.domain + "::") + function.name;
  if (!function.overload.empty()) out += ":" + function.overload;
  out += "(" + names_of(function.inputs) + ")";
  if (!attributes.empty()) out += " {" + attributes + "}";
  out += text_of(function.opset_imports) + " {\n";
  for (const Node& node : function.nodes) append_node(out, node, 1);
  for (const std::string& name : function.outputs) out += "  output " + name_of(name) + '\n';
  out += "}\n";
}

}  // namespace

std::string to_text(const Model& model) {
  std::string out = fmt::format("ir_version {}{}\n", model.ir_version, text_of(model.opset_imports));
  append_graph(out, model.graph, "graph", 0);
  for (const Function& function : model.functions) append_function(out, function);
  return out;
}

std::string to_text(const Graph& graph) {
  std::string out;
  append_graph(out, graph, "graph", 0);
  return out;
}

}  // namespace pleat
