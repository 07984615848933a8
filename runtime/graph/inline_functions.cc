#include "runtime/graph/inline_functions.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "runtime/graph/function_call.h"
#include "runtime/graph/uses.h"

namespace pleat {
namespace {

constexpr std::size_t kMostNodes = 1'000'000;
constexpr std::size_t kDeepest = 100;

using Key = std::tuple<std::string_view, std::string_view, std::string_view>;

Key key_of(const Function& function) { return {short_domain(function.domain), function.name, function.overload}; }
Key key_of(const Node& node) { return {short_domain(node.domain), node.op_type, node.overload}; }

template <class Visit>
void visit_nodes(const std::vector<Node>& nodes, const Visit& visit);

template <class Visit>
void visit_inner_nodes(const std::vector<Attribute>& attributes, const Visit& visit) {
  for (const Attribute& attribute : attributes)
    if (const Graph* inner = attribute.graph()) visit_nodes(inner->nodes, visit);
}

/// Calls visit(node) for each, those of inner graphs included.
template <class Visit>
void visit_nodes(const std::vector<Node>& nodes, const Visit& visit) {
  for (const Node& node : nodes) {
    visit(node);
    visit_inner_nodes(node.attributes, visit);
  }
}

template <class Visit>
void visit_nodes(const Function& function, const Visit& visit) {
  visit_nodes(function.nodes, visit);
  visit_inner_nodes(function.attribute_defaults, visit);
}

std::size_t count_nodes(const Function& function) {
  std::size_t count = 0;
  visit_nodes(function, [&](const Node&) { ++count; });
  return count;
}

class Inliner {
 public:
  Inliner(const Model& model, FunctionRef<bool(const Function&)> wanted)
      : model_(model), names_(all_names(model.graph)) {
    for (const Function& function : model.functions)
      functions_[key_of(function)] = {&function, wanted(function), 1 + count_nodes(function)};
  }

  Result<Model> run() {
    result_ = model_;
    PLEAT_TRY(expand(result_.graph));
    const std::set<Key> needed = called_by_the_rest();
    std::erase_if(result_.functions, [&](const Function& function) { return !needed.contains(key_of(function)); });
    return std::move(result_);
  }

 private:
  struct Known {
    const Function* function;
    bool wanted;
    std::size_t nodes;  ///< made by a call, more or less
  };

  Status expand(Graph& graph) {
    const Level level(*this);
    PLEAT_TRY(check_depth());
    std::vector<Node> nodes = std::exchange(graph.nodes, {});
    for (Node& node : nodes) PLEAT_TRY(add(std::move(node), graph));
    return {};
  }

  /// Adds the node, or the body of what it calls, to `graph`.
  Status add(Node node, Graph& graph) {
    for (Attribute& attribute : node.attributes) {
      const Graph* inner = attribute.graph();
      if (inner == nullptr) continue;
      auto copy = std::make_shared<Graph>(*inner);
      if (auto status = expand(*copy); !status) return fail(std::move(status).error().at(node.label()));
      attribute.value = std::move(copy);
    }
    const auto callee = functions_.find(key_of(node));
    if (callee == functions_.end() || !callee->second.wanted) {
      graph.nodes.push_back(std::move(node));
      return {};
    }
    if (auto status = add_body(node, callee->second, graph); !status)
      return fail(std::move(status).error().at(node.label()));
    return {};
  }

  Status add_body(const Node& node, const Known& callee, Graph& graph) {
    const Function& function = *callee.function;
    if (std::find(active_.begin(), active_.end(), &function) != active_.end())
      return fail(Error::invalid("the function calls itself, directly or through others").at(function.label()));
    const Level level(*this);
    PLEAT_TRY(check_depth());
    if ((nodes_made_ += callee.nodes) > kMostNodes)
      return fail(Error::resource("the functions of the model unfold to too many nodes")
                      .expect("at most " + std::to_string(kMostNodes)));
    PLEAT_TRY(import_for(function));
    FunctionCall call(node, function, names_);
    PLEAT_TRY(call.bind());
    active_.push_back(&function);
    for (const Node& body : function.nodes) {
      PLEAT_ASSIGN(Node translated, call.translate(body));
      PLEAT_TRY(add(std::move(translated), graph));
    }
    active_.pop_back();
    PLEAT_ASSIGN(std::vector<Node> copies, call.copies());
    for (Node& copy : copies) {
      PLEAT_TRY(import_for(copy, function));
      graph.nodes.push_back(std::move(copy));
    }
    for (ValueInfo& info : call.value_info()) graph.value_info.push_back(std::move(info));
    return {};
  }

  /// Makes sure that the nodes of the function mean in the model what they mean in the function.
  Status import_for(const Function& function) {
    if (!imported_.insert(&function).second) return {};
    Status status;
    visit_nodes(function, [&](const Node& node) {
      if (status) status = import_for(node, function);
    });
    return status;
  }

  Status import_for(const Node& node, const Function& function) {
    const std::int64_t meant = opset_in(function.opset_imports, node.domain);
    const std::int64_t imported = result_.opset(node.domain);
    if (meant == 0 || meant == imported) return {};
    if (imported == 0) {
      add_import(node.domain, meant);
      return {};
    }
    if (functions_.contains(key_of(node))) return {};  // functions have no versions
    return fail(Error::unsupported("the function was written for other versions of its operators than the model")
                    .at(function.label())
                    .expect("operators of domain '" + node.domain + "', version " + std::to_string(imported))
                    .saw("version " + std::to_string(meant) + ", used by " + node.label())
                    .fix("convert model and functions to one opset, or export the model without functions"));
  }

  /// An import of no version is given one.
  void add_import(const std::string& domain, std::int64_t version) {
    bool found = false;
    for (OpsetImport& import : result_.opset_imports) {
      if (short_domain(import.domain) != short_domain(domain)) continue;
      import.version = version;
      found = true;
    }
    if (!found) result_.opset_imports.push_back({domain, version});
  }

  /// The functions that stay: the unwanted ones and what they call.
  std::set<Key> called_by_the_rest() const {
    std::set<Key> needed;
    std::vector<const Function*> open;
    const auto need = [&](const Key& key) {
      const auto it = functions_.find(key);
      if (it != functions_.end() && needed.insert(it->first).second) open.push_back(it->second.function);
    };
    for (const auto& [key, known] : functions_)
      if (!known.wanted) need(key);
    while (!open.empty()) {
      const Function* function = open.back();
      open.pop_back();
      visit_nodes(*function, [&](const Node& node) { need(key_of(node)); });
    }
    return needed;
  }

  /// One more graph or body around what is being added.
  struct Level {
    explicit Level(Inliner& inliner) : depth(++inliner.depth_) {}
    ~Level() { --depth; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    std::size_t& depth;
  };

  Status check_depth() const {
    if (depth_ <= kDeepest + 1) return {};
    return fail(Error::unsupported("functions and graphs are nested too deep").expect("at most 100 levels"));
  }

  const Model& model_;
  std::map<Key, Known> functions_;
  FreshNames names_;
  Model result_;
  std::vector<const Function*> active_;  ///< the calls being unfolded, outermost first
  std::set<const Function*> imported_;
  std::size_t depth_ = 0;
  std::size_t nodes_made_ = 0;
};

}  // namespace

Result<Model> inline_functions(const Model& model, FunctionRef<bool(const Function&)> wanted) {
  if (model.functions.empty()) return model;
  return Inliner(model, wanted).run();
}

Result<Model> inline_functions(const Model& model) {
  return inline_functions(model, [](const Function&) { return true; });
}

}  // namespace pleat
