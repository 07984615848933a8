#include "converter/report/certificate.h"
#include "converter/verify/regions.h"
#include "converter/verify/same.h"

namespace pleat {
namespace {

void hash_into(std::vector<ConstantHash>& out, const Graph& graph, const std::string& path);

void add(std::vector<ConstantHash>& out, const std::string& path, const std::string& name, const Tensor& tensor) {
  if (!tensor.present()) return;
  Sha256 hash;
  hash.add(tensor.bytes());
  out.push_back({path, name, tensor.dtype(), tensor.shape(), hash.hex()});
}

void hash_node(std::vector<ConstantHash>& out, const Node& node, const std::string& path) {
  for (const Attribute& attribute : node.attributes) {
    if (const auto* tensor = std::get_if<Tensor>(&attribute.value); tensor != nullptr && node.is("Constant"))
      add(out, path, node.outputs.empty() ? std::string() : node.outputs[0], *tensor);
    if (const Graph* inner = attribute.graph())
      hash_into(out, *inner, (path.empty() ? "" : path + "/") + name_of(node) + "." + attribute.name);
  }
}

void hash_into(std::vector<ConstantHash>& out, const Graph& graph, const std::string& path) {
  for (const Initializer& initializer : graph.initializers) add(out, path, initializer.name, initializer.tensor);
  for (const Node& node : graph.nodes) hash_node(out, node, path);
}

}  // namespace

std::vector<ConstantHash> hash_constants(const Model& model) {
  std::vector<ConstantHash> out;
  hash_into(out, model.graph, {});
  return out;
}

}  // namespace pleat
