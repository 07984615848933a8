#include "runtime/ops/registry.h"

#include <algorithm>

namespace pleat {
namespace {

std::string_view canonical(std::string_view domain) { return domain == "ai.onnx" ? std::string_view{} : domain; }

}  // namespace

const OpRegistry& OpRegistry::instance() {
  static const OpRegistry registry = [] {
    OpRegistry all;
    register_all_ops(all);
    return all;
  }();
  return registry;
}

void OpRegistry::add(std::string_view op_type, MakeOperator maker, std::string_view domain) {
  entries_.push_back({domain, op_type, maker});
}

Result<std::unique_ptr<Operator>> OpRegistry::make(const Node& node, std::int64_t opset) const {
  for (const Entry& entry : entries_) {
    if (entry.op_type != node.op_type || entry.domain != canonical(node.domain)) continue;
    auto op = entry.make(node, opset);
    if (!op) return fail(std::move(op).error().at(node.label()));
    return op;
  }
  return fail(unknown(node));
}

Error OpRegistry::unknown(const Node& node) {
  const std::string domain = node.domain.empty() ? "" : " of domain '" + node.domain + "'";
  return Error::unsupported("no operator '" + node.op_type + "'" + domain)
      .at(node.label())
      .fix("`pleat inspect --operators` lists what this build runs");
}

bool OpRegistry::knows(const Node& node) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.op_type == node.op_type && entry.domain == canonical(node.domain);
  });
}

std::vector<std::string> OpRegistry::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_)
    names.push_back(entry.domain.empty() ? std::string(entry.op_type)
                                         : std::string(entry.domain) + "." + std::string(entry.op_type));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace pleat
