#include "runtime/graph/patch.h"

#include <algorithm>
#include <unordered_set>

#include "runtime/graph/fresh_names.h"
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
    auto& removed = patch_.remove_nodes;
    auto& replaced = patch_.replace_nodes;
    std::sort(removed.begin(), removed.end());
    std::sort(replaced.begin(), replaced.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    leaving_ = removed;
    for (const auto& [position, node] : replaced) leaving_.push_back(position);
    std::sort(leaving_.begin(), leaving_.end());
    if (std::adjacent_find(leaving_.begin(), leaving_.end()) != leaving_.end())
      return fail(Error::internal("a node is removed or replaced twice"));
    if (!leaving_.empty() && leaving_.back() >= graph_.nodes.size())
      return fail(Error::internal("a node is removed or replaced that does not exist"));
    for (const std::size_t position : leaving_)
      for (const std::string& name : graph_.nodes[position].outputs)
        if (!name.empty()) unmade_.insert(name);
    return {};
  }

  /// What the patch brings may take the names of what it takes away, and no other of the graph's.
  Status check_names() {
    for (std::string& name : value_names(graph_)) taken_.insert(std::move(name));
    for (const Initializer& initializer : patch_.add_initializers) PLEAT_TRY(make(initializer.name, "an initializer"));
    for (const auto& [position, node] : patch_.replace_nodes) PLEAT_TRY(make_outputs(node));
    for (const auto& [position, node] : patch_.insert_nodes) PLEAT_TRY(make_outputs(node));
    for (const Node& node : patch_.add_nodes) PLEAT_TRY(make_outputs(node));
    return {};
  }

  Status check_order() {
    known_ = captures(graph_);
    for (const ValueInfo& input : graph_.inputs) known_.insert(input.name);
    for (const Initializer& initializer : graph_.initializers) known_.insert(initializer.name);
    for (const Initializer& initializer : patch_.add_initializers) known_.insert(initializer.name);
    for (Node* node : nodes_after()) PLEAT_TRY(check_node(*node));
    for (const ValueInfo& output : graph_.outputs)
      if (!known_.contains(output.name))
        return fail(Error::internal("nothing makes the graph output " + quoted(output.name) + " any more"));
    return {};
  }

  void commit() {
    const auto read_by_leaving = reads_of_leaving();
    std::vector<Node> nodes;
    nodes.reserve(graph_.nodes.size() + patch_.insert_nodes.size() + patch_.add_nodes.size());
    for (Node* node : nodes_after()) nodes.push_back(std::move(*node));
    graph_.nodes = std::move(nodes);
    drop_orphans(read_by_leaving);
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

  Status make_outputs(const Node& node) {
    for (const std::string& name : node.outputs)
      if (!name.empty()) PLEAT_TRY(make(name, node.label()));
    return {};
  }

  /// Where the added nodes go: before the node at this position.
  std::size_t place_of_added() const {
    if (!patch_.remove_nodes.empty()) return patch_.remove_nodes.back();
    return patch_.replace_nodes.empty() ? graph_.nodes.size() : patch_.replace_nodes.front().first;
  }

  /// The nodes of the graph as it will be, still lying where they are now.
  std::vector<Node*> nodes_after() {
    std::vector<Node*> nodes;
    nodes.reserve(graph_.nodes.size() + patch_.insert_nodes.size() + patch_.add_nodes.size());
    auto removed = patch_.remove_nodes.begin();
    auto replaced = patch_.replace_nodes.begin();
    const std::size_t place = place_of_added();
    for (std::size_t i = 0; i <= graph_.nodes.size(); ++i) {
      if (i == place)
        for (Node& node : patch_.add_nodes) nodes.push_back(&node);
      if (i == graph_.nodes.size()) break;
      if (removed != patch_.remove_nodes.end() && *removed == i)
        ++removed;
      else if (replaced != patch_.replace_nodes.end() && replaced->first == i)
        nodes.push_back(&replaced++->second);
      else
        nodes.push_back(&graph_.nodes[i]);
      for (auto& [position, node] : patch_.insert_nodes)
        if (position == i) nodes.push_back(&node);
    }
    return nodes;
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

  std::set<std::string> reads_of_leaving() const {
    std::set<std::string> reads;
    for (const std::size_t position : leaving_) {
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
  std::vector<std::size_t> leaving_;  ///< positions of the removed and replaced nodes
  Names taken_;                       ///< every value of the graph before
  Names unmade_;                      ///< made by the leaving nodes
  Names made_;                        ///< made by the patch
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
  return FreshNames(all_names(graph)).fresh(wanted);
}

std::string fresh_name(const Model& model, const std::string& wanted) {
  return FreshNames(all_names(model)).fresh(wanted);
}

}  // namespace pleat
