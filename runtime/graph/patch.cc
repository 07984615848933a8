#include "runtime/graph/patch.h"

#include <algorithm>
#include <unordered_set>

#include "runtime/graph/uses.h"

namespace pleat {
namespace {

using Names = std::unordered_set<std::string>;

std::string quoted(const std::string& name) { return "'" + name + "'"; }

/// One patch being checked against one graph, then applied to it.
class Application {
 public:
  Application(Patch& patch, Graph& graph) : patch_(patch), graph_(graph) {}

  Status check_positions() {
    auto& positions = patch_.remove_nodes;
    std::sort(positions.begin(), positions.end());
    if (std::adjacent_find(positions.begin(), positions.end()) != positions.end())
      return fail(Error::internal("a node is removed twice"));
    if (!positions.empty() && positions.back() >= graph_.nodes.size())
      return fail(Error::internal("a node is removed that does not exist"));
    for (const std::size_t position : positions)
      for (const std::string& name : graph_.nodes[position].outputs)
        if (!name.empty()) unmade_.insert(name);
    return {};
  }

  /// What the patch brings may take the names of what it takes away, and no other of the graph's.
  Status check_names() {
    for (std::string& name : value_names(graph_)) taken_.insert(std::move(name));
    for (const Initializer& initializer : patch_.add_initializers) PLEAT_TRY(make(initializer.name, "an initializer"));
    for (const Node& node : patch_.add_nodes)
      for (const std::string& name : node.outputs)
        if (!name.empty()) PLEAT_TRY(make(name, node.label()));
    return {};
  }

  Status check_order() {
    known_ = captures(graph_);
    for (const ValueInfo& input : graph_.inputs) known_.insert(input.name);
    for (const Initializer& initializer : graph_.initializers) known_.insert(initializer.name);
    for (const Initializer& initializer : patch_.add_initializers) known_.insert(initializer.name);
    const auto& removed = patch_.remove_nodes;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (!std::binary_search(removed.begin(), removed.end(), i)) PLEAT_TRY(check_node(graph_.nodes[i]));
      if (!removed.empty() && i == removed.back()) PLEAT_TRY(check_added());
    }
    if (removed.empty()) PLEAT_TRY(check_added());
    for (const ValueInfo& output : graph_.outputs)
      if (!known_.contains(output.name))
        return fail(Error::internal("nothing makes the graph output " + quoted(output.name) + " any more"));
    return {};
  }

  void commit() {
    const auto read_by_removed = reads_of_removed();
    std::vector<Node> nodes;
    nodes.reserve(graph_.nodes.size() + patch_.add_nodes.size());
    const auto& removed = patch_.remove_nodes;
    const auto add = [&] { std::move(patch_.add_nodes.begin(), patch_.add_nodes.end(), std::back_inserter(nodes)); };
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (!std::binary_search(removed.begin(), removed.end(), i)) nodes.push_back(std::move(graph_.nodes[i]));
      if (!removed.empty() && i == removed.back()) add();
    }
    if (removed.empty()) add();
    graph_.nodes = std::move(nodes);
    drop_orphans(read_by_removed);
    std::move(patch_.add_initializers.begin(), patch_.add_initializers.end(), std::back_inserter(graph_.initializers));
    std::erase_if(graph_.value_info,
                  [&](const ValueInfo& info) { return unmade_.contains(info.name) && !made_.contains(info.name); });
  }

 private:
  Status make(const std::string& name, const std::string& maker) {
    if (name.empty()) return fail(Error::internal(maker + " of the patch has no name"));
    if (!made_.insert(name).second) return fail(Error::internal("the patch makes " + quoted(name) + " twice"));
    if (taken_.contains(name) && !unmade_.contains(name))
      return fail(Error::internal("the patch makes " + quoted(name) + ", a name the graph already has").at(maker));
    return {};
  }

  Status check_added() {
    for (const Node& node : patch_.add_nodes) PLEAT_TRY(check_node(node));
    return {};
  }

  Status check_node(const Node& node) {
    const auto known = [&](const std::string& name) -> Status {
      if (name.empty() || known_.contains(name)) return {};
      return fail(Error::internal("reads " + quoted(name) + ", which nothing makes before it").at(node.label()));
    };
    for (const std::string& name : node.inputs) PLEAT_TRY(known(name));
    for (const std::string& name : captures(node)) PLEAT_TRY(known(name));
    known_.insert(node.outputs.begin(), node.outputs.end());
    return {};
  }

  std::set<std::string> reads_of_removed() const {
    std::set<std::string> reads;
    for (const std::size_t position : patch_.remove_nodes) {
      const Node& node = graph_.nodes[position];
      reads.insert(node.inputs.begin(), node.inputs.end());
      reads.merge(captures(node));
    }
    return reads;
  }

  void drop_orphans(const std::set<std::string>& candidates) {
    const Uses uses(graph_);
    std::erase_if(graph_.initializers, [&](const Initializer& initializer) {
      const std::string& name = initializer.name;
      return candidates.contains(name) && uses.readers(name).empty() && !uses.is_graph_output(name) &&
             graph_.input(name) == nullptr;
    });
  }

  Patch& patch_;
  Graph& graph_;
  Names taken_;   ///< every value of the graph before
  Names unmade_;  ///< made by the removed nodes
  Names made_;    ///< made by the patch
  std::set<std::string> known_;
};

}  // namespace

Status apply(Patch patch, Graph& graph) {
  Application application(patch, graph);
  Status status = application.check_positions();
  if (status) status = application.check_names();
  if (status) status = application.check_order();
  if (!status) return fail(std::move(status).error().at("patch '" + patch.reason + "'"));
  application.commit();
  return {};
}

std::string fresh_name(const Graph& graph, const std::string& wanted) {
  const std::vector<std::string> names = all_names(graph);
  const Names taken(names.begin(), names.end());
  std::string name = wanted;
  for (int i = 1; name.empty() || taken.contains(name); ++i) name = wanted + "_" + std::to_string(i);
  return name;
}

}  // namespace pleat
