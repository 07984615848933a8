#include "converter/verify/regions.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "converter/verify/same.h"
#include "converter/verify/scope.h"
#include "converter/verify/widen.h"

namespace pleat {
namespace {

using Names = std::unordered_set<std::string>;

/// Every constant of a model, to be found again by content.
class ConstantIndex {
 public:
  explicit ConstantIndex(const Model& model) { add(model.graph); }

  bool holds(const Tensor& tensor) const {
    const auto alike = tensors_.find(key(tensor));
    return alike != tensors_.end() &&
           std::ranges::any_of(alike->second, [&](const Tensor& known) { return same_tensor(known, tensor); });
  }

 private:
  static std::string key(const Tensor& tensor) {
    return std::to_string(static_cast<int>(tensor.dtype())) + tensor.shape().text();
  }
  void add(const Graph& graph) {
    for (const Initializer& initializer : graph.initializers)
      if (initializer.tensor.present()) tensors_[key(initializer.tensor)].push_back(initializer.tensor);
    for (const Node& node : graph.nodes) {
      if (auto value = constant_value(node)) tensors_[key(*value)].push_back(std::move(*value));
      for (const Attribute& attribute : node.attributes)
        if (const Graph* inner = attribute.graph()) add(*inner);
    }
  }

  std::unordered_map<std::string, std::vector<Tensor>> tensors_;
};

/// Sets of positions, joined two at a time.
class Unions {
 public:
  explicit Unions(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t find(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  /// The smaller position stays the head.
  void join(std::size_t a, std::size_t b) {
    a = find(a), b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

/// The two graphs of one place. `unfolded` and `folded` are called sides 0 and 1.
class GraphPair {
 public:
  GraphPair(const Scope& unfolded, const Scope& folded, std::string path, const GraphPair* outer,
            const CompareOptions& options, const ConstantIndex& known, ModelDifference& result)
      : sides_{&unfolded, &folded},
        path_(std::move(path)),
        outer_(outer),
        options_(options),
        known_(known),
        result_(result) {}

  void compare() {
    find_common_nodes();
    find_borders();
    make_regions();
    check_outputs();
    for (const auto& [a, b] : common_pairs_) compare_inner(*a, *b);
  }

 private:
  bool same_value(const std::string& a, const std::string& b) const {
    const Initializer* left = sides_[0]->constant(a);
    const Initializer* right = sides_[1]->constant(b);
    if (left != nullptr && right != nullptr) return same_constant(*left, *right);
    return left == nullptr && right == nullptr && a == b;
  }

  bool same_node(const Node& a, const Node& b) const {
    if (!same_operator(a, b) || a.outputs != b.outputs || a.inputs.size() != b.inputs.size()) return false;
    for (std::size_t i = 0; i < a.inputs.size(); ++i)
      if (a.inputs[i].empty() != b.inputs[i].empty() || !same_value(a.inputs[i], b.inputs[i])) return false;
    if (!same_attributes(a, b, InnerGraphs::kIgnore)) return false;
    return std::ranges::all_of(a.attributes, [&](const Attribute& attribute) {
      const Graph* inner = attribute.graph();
      const Graph* other = inner == nullptr ? nullptr : b.attribute(attribute.name)->graph();
      return inner == nullptr ||
             (same_infos(inner->inputs, other->inputs) && same_infos(inner->outputs, other->outputs));
    });
  }

  void find_common_nodes() {
    const Names live = [&] {
      Names names;
      for (const Node* node : sides_[1]->nodes()) names.insert(node->outputs.begin(), node->outputs.end());
      return names;
    }();
    for (const Node* node : sides_[0]->nodes()) {
      const auto named = std::ranges::find_if(node->outputs, [](const std::string& name) { return !name.empty(); });
      const Node* other = named == node->outputs.end() ? nullptr : sides_[1]->maker(*named);
      if (other == nullptr || !live.contains(*named) || !same_node(*node, *other)) continue;
      common_pairs_.emplace_back(node, other);
      result_.common.emplace_back(node, other);
      common_.insert(node), common_.insert(other);
    }
    for (const int side : {0, 1})
      for (const Node* node : sides_[side]->nodes())
        if (!common_.contains(node)) changed_[side].push_back(node);
  }

  bool known_in_both(const std::string& value) const { return sides_[0]->defines(value) && sides_[1]->defines(value); }

  void find_borders() {
    Names read;
    for (const Node* node : common_)
      for (std::string& name : Scope::reads(*node)) read.insert(std::move(name));
    for (const int side : {0, 1}) {
      for (const Node* node : changed_[side]) {
        for (const std::string& name : node->outputs) {
          if (name.empty()) continue;
          const bool outside = read.contains(name) || sides_[0]->is_output(name) || sides_[1]->is_output(name);
          if (known_in_both(name) && (outside || options_.names_are_functions))
            borders_.insert(name);
          else if (outside)
            unmapped("value '" + name + "' is read outside what was rewritten, and only one of the models makes it");
        }
      }
    }
  }

  /// Whether the value stands for the same thing in both models, the regions found so far being right.
  bool shared(const std::string& value) const {
    if (borders_.contains(value)) return true;
    const Node* maker = sides_[0]->maker(value);
    if (maker != nullptr) return common_.contains(maker);
    if (sides_[0]->defines(value) || sides_[1]->defines(value))
      return sides_[0]->is_given(value) && sides_[1]->is_given(value);
    return outer_ != nullptr && outer_->shared(value);
  }

  std::size_t position(int side, std::size_t index) const { return side == 0 ? index : changed_[0].size() + index; }

  void make_regions() {
    Unions unions(changed_[0].size() + changed_[1].size());
    std::unordered_map<std::string, std::size_t> border_maker;
    for (const int side : {0, 1}) {
      std::unordered_map<std::string, std::size_t> inner_maker;
      for (std::size_t i = 0; i < changed_[side].size(); ++i) {
        for (const std::string& name : Scope::reads(*changed_[side][i]))
          if (const auto maker = inner_maker.find(name); maker != inner_maker.end())
            unions.join(maker->second, position(side, i));
        for (const std::string& name : changed_[side][i]->outputs) {
          if (name.empty()) continue;
          if (!borders_.contains(name)) {
            inner_maker[name] = position(side, i);
            continue;
          }
          const auto [maker, fresh] = border_maker.emplace(name, position(side, i));
          if (!fresh) unions.join(maker->second, position(side, i));
        }
      }
    }
    std::map<std::size_t, std::array<std::vector<const Node*>, 2>> groups;
    for (const int side : {0, 1})
      for (std::size_t i = 0; i < changed_[side].size(); ++i)
        groups[unions.find(position(side, i))][static_cast<std::size_t>(side)].push_back(changed_[side][i]);
    for (const auto& [head, nodes] : groups) add_region(nodes);
  }

  void add_region(const std::array<std::vector<const Node*>, 2>& nodes) {
    Region region;
    region.graph = path_;
    Names made[2], read, outputs;
    for (const std::size_t side : {0, 1})
      for (const Node* node : nodes[side])
        for (const std::string& name : node->outputs) {
          made[side].insert(name);
          if (borders_.contains(name) && outputs.insert(name).second) region.outputs.push_back(name);
        }
    for (const std::size_t side : {0, 1})
      for (const Node* node : nodes[side])
        for (const std::string& name : Scope::reads(*node)) {
          if (made[side].contains(name) || sides_[side]->constant(name) != nullptr) continue;
          if (!read.insert(name).second) continue;
          region.inputs.push_back(name);
          if (!shared(name)) unmapped("value '" + name + "' is read by " + node->label() + " of one model alone");
        }
    if (region.outputs.empty())
      return unmapped((nodes[0].empty() ? nodes[1] : nodes[0]).front()->label() + " has no counterpart");
    region.unfolded = part(*sides_[0], nodes[0], region);
    region.folded = part(*sides_[1], nodes[1], region);
    annotate(region);
    name_nodes(region, made[1]);
    result_.regions.push_back(std::move(region));
  }

  static Model part(const Scope& scope, const std::vector<const Node*>& nodes, const Region& region) {
    Model model;
    model.ir_version = std::max<std::int64_t>(scope.model().ir_version, 4);
    model.opset_imports = scope.model().opset_imports;
    model.functions = scope.model().functions;
    model.storage = scope.model().storage;
    model.graph.name = scope.graph().name;
    Names taken;
    const auto take = [&](const std::string& name) {
      const Initializer* constant = scope.constant(name);
      if (constant != nullptr && taken.insert(name).second) model.graph.initializers.push_back(*constant);
    };
    for (const Node* node : nodes) {
      model.graph.nodes.push_back(*node);
      for (const std::string& name : Scope::reads(*node)) take(name);
    }
    const auto add = [&](const std::string& name, std::vector<ValueInfo>& infos) {
      infos.emplace_back().name = name;
      if (const TensorType* type = scope.annotation(name)) infos.back().type.dtype = type->dtype;
    };
    for (const std::string& name : region.inputs) add(name, model.graph.inputs);
    for (const std::string& name : region.outputs) {
      add(name, model.graph.outputs);
      take(name);
    }
    return model;
  }

  void annotate(Region& region) const {
    for (const Scope* side : sides_)
      for (const std::string& name : region.inputs)
        if (const TensorType* type = side->annotation(name)) region.annotations.emplace(name, *type);
  }

  /// Where names are kept a constant is told by its name: a new one may round to the same bits as an old one.
  bool is_new(const Initializer& constant) const {
    if (!options_.names_are_functions) return !known_.holds(constant.tensor);
    const Initializer* old = sides_[0]->constant(constant.name);
    return old == nullptr || !same_constant(*old, constant);
  }

  void name_nodes(Region& region, const Names& made_by_folded) {
    for (const Node& node : region.unfolded.graph.nodes) {
      if (!node.is("BatchNormalization")) continue;
      const Node* kept = made_by_folded.contains(node.outputs[0]) ? sides_[1]->maker(node.outputs[0]) : nullptr;
      if (kept != nullptr && kept->is("BatchNormalization")) continue;
      region.batch_norms.push_back(name_of(node));
      ++result_.batch_norms_gone;
    }
    for (const Initializer& constant : region.folded.graph.initializers)
      if (is_floating(constant.tensor.dtype()) && is_new(constant)) region.new_constants.push_back(constant.name);
    const Names fresh(region.new_constants.begin(), region.new_constants.end());
    for (const Node& node : region.folded.graph.nodes)
      if (std::ranges::any_of(node.inputs, [&](const std::string& name) { return fresh.contains(name); }))
        region.targets.push_back(name_of(node));
  }

  /// Outputs that are constants in both models belong to no region.
  void check_outputs() {
    for (const ValueInfo& output : sides_[0]->graph().outputs) {
      const Initializer* a = sides_[0]->constant(output.name);
      const Initializer* b = sides_[1]->constant(output.name);
      const bool same = a == nullptr || b == nullptr ? borders_.contains(output.name) || (a == nullptr && b == nullptr)
                                                     : same_constant(*a, *b);
      if (!same) unmapped("the output '" + output.name + "' is a constant, but not the same in both models");
    }
  }

  void compare_inner(const Node& a, const Node& b) {
    for (const Attribute& attribute : a.attributes) {
      const Graph* left = attribute.graph();
      if (left == nullptr) continue;
      const Graph* right = b.attribute(attribute.name)->graph();
      if (left == right) continue;
      const Scope unfolded(sides_[0]->model(), *left, sides_[0], options_.freeze_inputs);
      const Scope folded(sides_[1]->model(), *right, sides_[1], options_.freeze_inputs);
      const std::string step = name_of(a) + "." + attribute.name;
      GraphPair(unfolded, folded, path_.empty() ? step : path_ + "/" + step, this, options_, known_, result_).compare();
    }
  }

  void unmapped(std::string sentence) {
    result_.unmapped.push_back(path_.empty() ? std::move(sentence) : path_ + ": " + sentence);
  }

  const Scope* sides_[2];
  std::string path_;
  const GraphPair* outer_;
  const CompareOptions& options_;
  const ConstantIndex& known_;
  ModelDifference& result_;
  std::vector<std::pair<const Node*, const Node*>> common_pairs_;
  std::unordered_set<const Node*> common_;
  std::vector<const Node*> changed_[2];
  Names borders_;
};

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

std::string Region::label() const {
  if (!batch_norms.empty()) return joined(batch_norms) + (targets.empty() ? "" : " into " + joined(targets));
  const Graph& shown = unfolded.graph.nodes.empty() ? folded.graph : unfolded.graph;
  return shown.nodes.empty() ? "'" + joined(outputs) + "'" : shown.nodes.front().label();
}

ModelDifference difference(const Model& unfolded, const Model& folded, const CompareOptions& options) {
  ModelDifference result;
  const Scope before(unfolded, unfolded.graph, nullptr, options.freeze_inputs);
  const Scope after(folded, folded.graph, nullptr, options.freeze_inputs);
  const ConstantIndex known(unfolded);
  GraphPair(before, after, "", nullptr, options, known, result).compare();
  return result;
}

}  // namespace pleat
