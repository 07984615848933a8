#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/base/buffer_arena.h"
#include "runtime/passes/plan_draft.h"
#include "runtime/plan/plan.h"

namespace pleat {

/// Builds one Plan: binds the inputs, drafts the nodes (computing what is constant), lets the passes rewrite the draft,
/// prepares every operator and gives every value a place. Used once.
class Planner {
 public:
  Planner(std::shared_ptr<const Model> model, const PlanOptions& options)
      : model_(std::move(model)), options_(options), plan_(std::make_shared<Plan>()) {}

  Result<std::shared_ptr<const Plan>> make();

 private:
  static constexpr std::size_t kNone = PlanDraft::kNone;
  static constexpr int kMostThreads = 1024;

  /// Of a value: whose memory it uses, and for how long. Those that share memory have the same root.
  struct Storage {
    std::size_t root = kNone;
    std::size_t offset = 0;     ///< bytes from the start of the root's memory
    std::size_t first = kNone;  ///< of a root: the step that first writes it, or 0 for inputs
    std::size_t last = 0;       ///< of a root: the last step that needs it
    bool kept = false;          ///< of a root: needed after the last step
    std::size_t place = kNone;
  };

  struct Preparation {
    Status status;
    std::vector<Tensor> kept;  ///< constants that the step reads when it runs, by input; absent otherwise
  };

  Status check_options() const;
  Status collect_outputs();
  void mark_needed_nodes();
  Status check_operators() const;
  Status add_inputs();
  Status add_initializers();
  Status add_nodes();
  Status add_node(const Node& node);
  Status infer(PlanDraft::Step& step, const Node& node, std::vector<Fact>& inputs, std::vector<Fact>& outputs) const;
  Result<bool> add_as_constants(const PlanDraft::Step& step, const Node& node, const std::vector<Fact>& inputs,
                                std::vector<Fact>& outputs);
  Status run_passes();
  Status separate_outputs_from_inputs();
  Status prepare_steps();
  Preparation prepare(const PlanDraft::Step& step);

  void share_views();
  bool is_view(const PlanDraft::Step& step) const;
  void place_parts();
  bool place_parts(const PlanDraft::Step& step, const std::vector<std::size_t>& offsets);
  void find_lifetimes();
  void share_in_place();
  bool may_overwrite(const PlanDraft::Step& step, std::size_t index, std::size_t input) const;
  Status place_values();
  Status check_memory() const;
  std::size_t place_of(std::size_t value);
  std::size_t root_of(std::size_t value) const;
  std::size_t offset_of(std::size_t value) const;

  std::size_t add_value(const std::string& name, Fact fact);
  bool needed(const std::string& name) const { return needed_.contains(name); }
  Result<std::int64_t> opset_of(const Node& node) const;
  std::string describe_inputs(const Node& node, const std::vector<Fact>& inputs) const;

  std::shared_ptr<const Model> model_;
  const PlanOptions& options_;
  std::shared_ptr<Plan> plan_;
  std::vector<std::string> output_names_;
  std::unordered_set<std::string_view> needed_;  ///< names read by a needed node or handed out
  std::vector<bool> node_needed_;
  PlanDraft draft_;
  BufferArena memory_;  ///< of packed weights
  std::unordered_map<std::string, std::size_t> value_of_;
  std::vector<Storage> storage_;  ///< one per value of the draft
  std::size_t absent_place_ = kNone;
};

}  // namespace pleat
