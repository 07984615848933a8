#pragma once

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/plan/plan.h"

namespace pleat {

/// Builds one Plan: binds the inputs, walks the nodes (computing what is constant), then gives every value a place.
/// Used once.
class Planner {
 public:
  Planner(std::shared_ptr<const Model> model, const PlanOptions& options)
      : model_(std::move(model)), options_(options), plan_(std::make_shared<Plan>()) {}

  Result<std::shared_ptr<const Plan>> make();

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  static constexpr int kMostThreads = 1024;

  /// A value of the graph; those that share memory have the same root.
  struct Value {
    std::string name;
    Fact fact;
    bool constant = false;      ///< fact.constant is where it lives; no arena
    std::size_t root = kNone;   ///< the value whose memory this one uses, itself if its own
    std::size_t first = kNone;  ///< of a root: the step that first writes it, or 0 for inputs
    std::size_t last = 0;       ///< of a root: the last step that needs it
    bool input = false;         ///< of a root: memory the caller writes
    bool kept = false;          ///< of a root: needed after the last step
    std::size_t place = kNone;
  };
  /// Positions are those of values_, kNone for an omitted input or output.
  struct Draft {
    std::string label;
    std::string op_type;
    std::unique_ptr<Operator> op;
    std::vector<std::size_t> inputs;
    std::vector<std::size_t> outputs;
  };

  Status check_options() const;
  Status collect_outputs();
  void mark_needed_nodes();
  Status check_operators() const;
  Status add_initializers();
  Status add_inputs();
  Status add_nodes();
  Status add_node(const Node& node);
  Status infer(Draft& draft, const Node& node, std::vector<Fact>& inputs, std::vector<Fact>& outputs) const;
  bool add_as_constants(const Draft& draft, const Node& node, const std::vector<Fact>& inputs,
                        std::vector<Fact>& outputs);
  bool add_as_view(const Draft& draft, const Node& node, std::vector<Fact>& outputs);
  void add_step(Draft draft, const Node& node, std::vector<Fact>& outputs);
  Status separate_outputs_from_inputs();
  void find_lifetimes();
  void share_in_place();
  bool may_overwrite(const Draft& draft, std::size_t step, std::size_t input) const;
  Status place_values();
  Status check_memory() const;
  std::size_t place_of(std::size_t value);

  std::size_t add_value(const std::string& name, Fact fact);
  static std::size_t input_at(const Draft& draft, int position);
  std::size_t root_of(std::size_t value) const;
  bool needed(const std::string& name) const { return needed_.contains(name); }
  Result<std::int64_t> opset_of(const Node& node) const;
  std::string describe_inputs(const Node& node, const std::vector<Fact>& inputs) const;

  std::shared_ptr<const Model> model_;
  const PlanOptions& options_;
  std::shared_ptr<Plan> plan_;
  std::vector<std::string> output_names_;
  std::unordered_set<std::string_view> needed_;  ///< names read by a needed node or handed out
  std::vector<bool> node_needed_;
  std::vector<Value> values_;
  std::unordered_map<std::string, std::size_t> value_of_;
  std::vector<std::size_t> input_values_;
  std::vector<std::size_t> output_values_;
  std::vector<Draft> drafts_;
  std::size_t absent_place_ = kNone;
};

}  // namespace pleat
