#include "runtime/plan/planner.h"

#include <algorithm>
#include <atomic>
#include <new>

#include "runtime/graph/inline_functions.h"
#include "runtime/ops/registry.h"
#include "runtime/passes/passes.h"
#include "runtime/plan/bind_inputs.h"
#include "runtime/plan/compute_constants.h"
#include "runtime/plan/near_names.h"

namespace pleat {
namespace {

Status load_constants(std::vector<Fact>& facts) {
  for (Fact& fact : facts)
    if (fact.constant) {
      PLEAT_ASSIGN(fact.constant, fact.constant->loaded());
    }
  return {};
}

std::string typed_text(const Fact& fact) { return std::string(dtype_name(fact.dtype)) + fact.shape.text(); }

}  // namespace

Result<std::shared_ptr<const Plan>> Plan::make(std::shared_ptr<const Model> model, const PlanOptions& options) {
  return Planner(std::move(model), options).make();
}

Result<std::shared_ptr<const Plan>> Planner::make() {
  PLEAT_TRY(check_options());
  PLEAT_TRY(check(*model_));
  if (!model_->functions.empty()) {
    PLEAT_ASSIGN(Model inlined, inline_functions(*model_));
    model_ = std::make_shared<const Model>(std::move(inlined));
  }
  plan_->threads_ = options_.threads;
  PLEAT_TRY(collect_outputs());
  mark_needed_nodes();
  PLEAT_TRY(check_operators());
  PLEAT_TRY(add_inputs());
  PLEAT_TRY(add_initializers());
  PLEAT_TRY(add_nodes());
  PLEAT_TRY(run_passes());
  PLEAT_TRY(separate_outputs_from_inputs());
  PLEAT_TRY(prepare_steps());
  PLEAT_TRY(place_values());
  return std::shared_ptr<const Plan>(std::move(plan_));
}

Status Planner::check_options() const {
  if (!model_) return fail(Error::usage("no model was given to plan"));
  if (options_.threads < 1 || options_.threads > kMostThreads)
    return fail(Error::usage("the number of threads makes no sense")
                    .expect("1 to " + std::to_string(kMostThreads))
                    .saw(std::to_string(options_.threads)));
  if (options_.open_size < 0)
    return fail(Error::usage("the size for open dimensions is negative").saw(std::to_string(options_.open_size)));
  return {};
}

/// The model's outputs in order, then the inner values asked for.
Status Planner::collect_outputs() {
  std::unordered_set<std::string_view> known;
  const Graph& graph = model_->graph;
  for (const Node& node : graph.nodes) known.insert(node.outputs.begin(), node.outputs.end());
  for (const ValueInfo& input : graph.inputs) known.insert(input.name);
  for (const Initializer& initializer : graph.initializers) known.insert(initializer.name);
  for (const ValueInfo& output : graph.outputs) output_names_.push_back(output.name);
  for (const std::string& name : options_.also_output) {
    if (name.empty() || !known.contains(name))
      return fail(Error::usage("the model has no value '" + name + "' to hand out")
                      .expect("a name such as " + quoted_list(near_names(name, {known.begin(), known.end()}))));
    if (std::find(output_names_.begin(), output_names_.end(), name) == output_names_.end())
      output_names_.push_back(name);
  }
  return {};
}

/// Backwards from the outputs: a node is needed if something reads one of its outputs.
void Planner::mark_needed_nodes() {
  const std::vector<Node>& nodes = model_->graph.nodes;
  needed_.insert(output_names_.begin(), output_names_.end());
  node_needed_.assign(nodes.size(), false);
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const auto& outputs = nodes[i].outputs;
    node_needed_[i] = std::any_of(outputs.begin(), outputs.end(),
                                  [&](const std::string& name) { return !name.empty() && needed(name); });
    if (node_needed_[i]) needed_.insert(nodes[i].inputs.begin(), nodes[i].inputs.end());
  }
}

/// Before anything else is judged: what cannot be run here needs no finer verdict.
Status Planner::check_operators() const {
  const OpRegistry& registry = OpRegistry::instance();
  for (std::size_t i = 0; i < node_needed_.size(); ++i) {
    const Node& node = model_->graph.nodes[i];
    if (node_needed_[i] && !registry.knows(node)) return fail(registry.unknown(node));
  }
  return {};
}

Status Planner::add_inputs() {
  PLEAT_ASSIGN(plan_->inputs_, bind_inputs(*model_, options_));
  for (const PlannedValue& input : plan_->inputs_) {
    auto elements = checked_elements(input.shape.dims(), size_of(input.dtype));
    if (!elements) return fail(std::move(elements).error().at("input '" + input.name + "'"));
    draft_.inputs.push_back(add_value(input.name, {input.dtype, input.shape, std::nullopt}));
    draft_.values.back().input = true;
  }
  return {};
}

Status Planner::add_initializers() {
  for (const Initializer& initializer : model_->graph.initializers) {
    if (!needed(initializer.name) || value_of_.contains(initializer.name)) continue;
    if (!initializer.tensor.present() || size_of(initializer.tensor.dtype()) == 0)
      return fail(
          Error::unsupported("constants of this element type do not run").at("initializer '" + initializer.name + "'"));
    draft_.values[add_value(initializer.name, Fact::of(initializer.tensor))].constant = true;
  }
  return {};
}

Status Planner::add_nodes() {
  for (std::size_t i = 0; i < node_needed_.size(); ++i)
    if (node_needed_[i]) PLEAT_TRY(add_node(model_->graph.nodes[i]));
  for (std::size_t i = 0; i < output_names_.size(); ++i) {
    const auto made = value_of_.find(output_names_[i]);
    if (made == value_of_.end())
      return fail(Error::invalid("nothing produces this output").at("output '" + output_names_[i] + "'"));
    draft_.outputs.push_back(made->second);
    if (i >= model_->graph.outputs.size()) continue;
    const DType declared = model_->graph.outputs[i].type.dtype;
    const DType inferred = draft_.values[made->second].fact.dtype;
    if (declared != DType::kUndefined && declared != inferred)
      return fail(Error::invalid("the output is not of its declared type")
                      .at("output '" + output_names_[i] + "'")
                      .expect(std::string(dtype_name(declared)))
                      .saw(std::string(dtype_name(inferred))));
  }
  return {};
}

Status Planner::add_node(const Node& node) {
  PlanDraft::Step step{node.label(), node.op_type, nullptr, {}, {}};
  PLEAT_ASSIGN(const std::int64_t opset, opset_of(node));
  PLEAT_ASSIGN(step.op, OpRegistry::instance().make(node, opset));
  for (const std::string& name : node.inputs) {
    const auto made = value_of_.find(name);
    if (!name.empty() && made == value_of_.end())
      return fail(Error::invalid("nothing produces the input '" + name + "'").at(step.label));
    step.inputs.push_back(name.empty() ? kNone : made->second);
  }
  std::vector<Fact> inputs = draft_.facts_of(step.inputs), outputs;
  PLEAT_TRY(infer(step, node, inputs, outputs));
  PLEAT_ASSIGN(const bool constant, add_as_constants(step, node, inputs, outputs));
  if (constant) return {};
  for (std::size_t i = 0; i < outputs.size(); ++i)
    step.outputs.push_back(node.outputs[i].empty() ? kNone : add_value(node.outputs[i], std::move(outputs[i])));
  draft_.steps.push_back(std::move(step));
  return {};
}

/// `outputs` gets one fact per output of the node, an omitted one being undefined.
Status Planner::infer(PlanDraft::Step& step, const Node& node, std::vector<Fact>& inputs,
                      std::vector<Fact>& outputs) const {
  auto inferred = step.op->infer(inputs);
  if (!inferred) {
    Error error = std::move(inferred).error();
    error.got += (error.got.empty() ? "" : "; ") + describe_inputs(node, inputs);
    return fail(std::move(error).at(step.label));
  }
  outputs = std::move(*inferred);
  outputs.resize(node.outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string& name = node.outputs[i];
    if (name.empty()) {
      outputs[i] = Fact{};
      continue;
    }
    if (!outputs[i].present())
      return fail(Error::invalid("the operator has no output number " + std::to_string(i + 1))
                      .at(step.label)
                      .saw("output '" + name + "'"));
    auto elements = checked_elements(outputs[i].shape.dims(), size_of(outputs[i].dtype));
    if (!elements) return fail(std::move(elements).error().at(step.label + ": output '" + name + "'"));
  }
  return {};
}

/// True where every output is now a constant, so that no step remains.
Result<bool> Planner::add_as_constants(const PlanDraft::Step& step, const Node& node, const std::vector<Fact>& inputs,
                                       std::vector<Fact>& outputs) {
  const bool known =
      std::all_of(inputs.begin(), inputs.end(), [](const Fact& f) { return !f.present() || f.constant; });
  std::vector<Fact> loaded = inputs;
  if (known && !step.op->view_of()) PLEAT_TRY(load_constants(loaded));
  BufferArena memory;
  if (Status ready = known ? step.op->prepare(loaded, outputs, memory) : Status(); !ready)
    return fail(std::move(ready).error().at(step.label));
  const bool constant = compute_constants(*step.op, loaded, outputs);
  for (std::size_t i = 0; constant && i < outputs.size(); ++i)
    if (!node.outputs[i].empty()) draft_.values[add_value(node.outputs[i], std::move(outputs[i]))].constant = true;
  return constant;
}

/// Whatever the passes leave has the outputs of the model in order; those of two names may be one value.
Status Planner::run_passes() {
  for (const std::string& name : options_.without_passes) {
    const auto passes = all_passes();
    if (std::none_of(passes.begin(), passes.end(), [&](const Pass& pass) { return pass.name == name; }))
      return fail(Error::usage("there is no pass of this name").saw(name));
  }
  for (const Pass& pass : all_passes()) {
    if (options_.without_passes.contains(std::string(pass.name))) continue;
    if (options_.exact && pass.run == choose_winograd) continue;
    if (!options_.share_memory && pass.run == skip_identities) continue;
    PLEAT_TRY(pass.run(draft_));
  }
  return {};
}

/// Where all is fused and laid out: constants are packed, algorithms settled. Threads take the next step in turn.
Status Planner::prepare_steps() {
  std::vector<Preparation> done(draft_.steps.size());
  std::atomic<std::size_t> next{0};
  ThreadPool pool(options_.threads);
  pool.parallel_for(pool.threads(), 1, [&](std::int64_t, std::int64_t) {
    for (std::size_t i = next++; i < done.size(); i = next++) done[i] = prepare(draft_.steps[i]);
  });
  for (std::size_t i = 0; i < done.size(); ++i) {
    PlanDraft::Step& step = draft_.steps[i];
    if (!done[i].status) return fail(std::move(done[i].status).error().at(step.label));
    for (std::size_t j = 0; j < step.inputs.size(); ++j) {
      if (step.inputs[j] == kNone || !draft_.values[step.inputs[j]].constant) continue;
      if (done[i].kept[j].present())
        draft_.values[step.inputs[j]].fact.constant = std::move(done[i].kept[j]);
      else
        step.inputs[j] = kNone;
    }
  }
  return {};
}

/// Constants are loaded for this step alone; what it has packed need not stay in memory.
Planner::Preparation Planner::prepare(const PlanDraft::Step& step) {
  std::vector<Fact> inputs = draft_.facts_of(step.inputs);
  Preparation done;
  done.kept.resize(inputs.size());
  const auto pack = [&]() -> Status {
    if (!step.op->takes_unaligned_constants()) PLEAT_TRY(load_constants(inputs));
    PLEAT_TRY(step.op->prepare(inputs, draft_.facts_of(step.outputs), memory_));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].constant) continue;
      if (step.op->reads_constant(i)) {
        PLEAT_ASSIGN(done.kept[i], inputs[i].constant->loaded());
      }
      draft_.values[step.inputs[i]].fact.constant->release();
    }
    return {};
  };
  try {
    done.status = pack();
  } catch (const std::bad_alloc&) {
    done.status = fail(Error::resource("not enough memory to prepare the operator"));
  }
  return done;
}

/// A model's output that is one of its inputs is handed out as a copy, which the caller's next input does not touch.
Status Planner::separate_outputs_from_inputs() {
  for (std::size_t& output : draft_.outputs) {
    if (!draft_.values[output].input) continue;
    Node copy;
    copy.op_type = "Identity";
    copy.name = "output " + draft_.values[output].name;
    copy.outputs = {draft_.values[output].name};
    PlanDraft::Step step{copy.label(), copy.op_type, nullptr, {output}, {}};
    PLEAT_ASSIGN(step.op, OpRegistry::instance().make(copy, 1));
    PLEAT_ASSIGN(std::vector<Fact> copied, step.op->infer(draft_.facts_of(step.inputs)));
    output = draft_.add_value(draft_.values[output].name, std::move(copied[0]));
    step.outputs = {output};
    draft_.steps.push_back(std::move(step));
  }
  return {};
}

std::size_t Planner::add_value(const std::string& name, Fact fact) {
  return value_of_[name] = draft_.add_value(name, std::move(fact));
}

Result<std::int64_t> Planner::opset_of(const Node& node) const {
  const std::int64_t opset = model_->opset(node.domain);
  if (opset > 0) return opset;
  return fail(Error::invalid("the model does not say which version of the operators it means")
                  .at(node.label())
                  .expect("an opset_import of domain '" + node.domain + "'"));
}

std::string Planner::describe_inputs(const Node& node, const std::vector<Fact>& inputs) const {
  std::string out = "inputs";
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    out += i == 0 ? " " : ", ";
    out += inputs[i].present() ? "'" + node.inputs[i] + "' " + typed_text(inputs[i]) : "(omitted)";
  }
  return inputs.empty() ? "no inputs" : out;
}

}  // namespace pleat
