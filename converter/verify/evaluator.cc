#include "converter/verify/evaluator.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "converter/verify/widen.h"
#include "runtime/base/aligned_buffer.h"
#include "runtime/graph/uses.h"
#include "runtime/ops/registry.h"
#include "runtime/plan/bind_inputs.h"
#include "runtime/plan/compute_constants.h"

namespace pleat {
namespace {

/// One run of a graph from given values to wanted ones.
class Run {
 public:
  Run(const Model& model, Arithmetic arithmetic, ThreadPool& pool, const Evaluator::Visit& visit,
      const Evaluator::Perturb& perturb)
      : model_(model), arithmetic_(arithmetic), pool_(pool), visit_(visit), perturb_(perturb) {}

  Status give(const NamedTensors& inputs) {
    for (const auto& [name, tensor] : inputs) given_.insert(name);
    PLEAT_TRY(check_inputs(inputs));
    for (const auto& [name, tensor] : inputs) {
      if (!readers_left_.contains(name)) continue;
      auto value = widened(tensor, arithmetic_);
      if (!value) return fail(std::move(value).error().at("input '" + name + "'"));
      Fact fact = Fact::of(*value);
      fact.constant.reset();
      values_[name] = {std::move(fact), std::move(*value)};
    }
    return {};
  }

  /// Counts who reads what on the way to `wanted`; the nodes that nobody needs are left out.
  void want(const std::set<std::string>& wanted, const NamedTensors& inputs) {
    for (const std::string& name : wanted) ++readers_left_[name];
    const std::vector<Node>& nodes = model_.graph.nodes;
    for (std::size_t i = nodes.size(); i-- > 0;) {
      const bool needed = std::ranges::any_of(nodes[i].outputs, [&](const std::string& name) {
        return !name.empty() && readers_left_.contains(name) && !inputs.contains(name);
      });
      if (!needed) continue;
      needed_.push_back(&nodes[i]);
      for (const std::string& name : nodes[i].inputs)
        if (!name.empty()) ++readers_left_[name];
      for (const std::string& name : captures(nodes[i])) ++readers_left_[name];
    }
    std::ranges::reverse(needed_);
  }

  Status run() {
    const OpRegistry& registry = OpRegistry::instance();
    for (const Node* node : needed_)
      if (!registry.knows(*node)) return fail(registry.unknown(*node));
    for (const Initializer& initializer : model_.graph.initializers)
      if (readers_left_.contains(initializer.name) && !given_.contains(initializer.name))
        initializers_.emplace(initializer.name, &initializer);
    for (const Node* node : needed_)
      if (Status done = run(*node); !done) return fail(std::move(done).error().at(node->label()));
    return {};
  }

  Result<NamedTensors> take(const std::set<std::string>& wanted) {
    NamedTensors taken;
    for (const std::string& name : wanted) {
      const auto value = values_.find(name);
      const bool made = value != values_.end() && value->second.tensor.present();
      if (!made && !initializers_.contains(name))
        return fail(Error::usage("the model makes no value '" + name + "' from what was given"));
      PLEAT_ASSIGN(taken[name],
                   made ? Result<Tensor>(value->second.tensor) : widened(initializers_.at(name)->tensor, arithmetic_));
    }
    return taken;
  }

 private:
  struct Value {
    Fact fact;
    Tensor tensor;
  };

  /// Whole inputs of a network are held to what it declares.
  Status check_inputs(const NamedTensors& inputs) const {
    PlanOptions options;
    bool whole = true;
    for (const ValueInfo& input : model_.graph.inputs) {
      const auto given = inputs.find(input.name);
      if (given == inputs.end()) {
        whole = whole && model_.graph.initializer(input.name) != nullptr;
        continue;
      }
      whole = whole && input.type.dtype != DType::kUndefined;
      options.input_shapes[input.name] = given->second.shape();
      if (input.type.dtype != DType::kUndefined &&
          computed_as(given->second.dtype(), arithmetic_) != computed_as(input.type.dtype, arithmetic_))
        return fail(Error::invalid("the value is not what the model takes")
                        .at("input '" + input.name + "'")
                        .expect(std::string(dtype_name(input.type.dtype)))
                        .saw(std::string(dtype_name(given->second.dtype()))));
    }
    if (whole) PLEAT_TRY(bind_inputs(model_, options));
    return {};
  }

  Result<Fact> input_fact(const Node& node, std::size_t index) const {
    const std::string& name = node.inputs[index];
    if (name.empty()) return Fact{};
    Fact fact;
    if (const auto value = values_.find(name); value != values_.end()) {
      fact = value->second.fact;
    } else if (const auto constant = initializers_.find(name); constant != initializers_.end()) {
      const Tensor& stored = constant->second->tensor;
      if (!stored.present() || size_of(stored.dtype()) == 0)
        return fail(Error::unsupported("constants of this element type do not run").at("initializer '" + name + "'"));
      PLEAT_ASSIGN(const Tensor tensor, widened(stored, arithmetic_));
      fact = Fact::of(tensor);
    } else {
      return fail(Error::usage("nothing gives the value '" + name + "'"));
    }
    if (perturb_ && fact.constant) perturb_(node, index, *fact.constant);
    return fact;
  }

  /// A constant that the network narrows is narrowed: what it computes with is the rounded one.
  Result<std::optional<Tensor>> narrowed(const Node& stored) {
    const Attribute* to = stored.is("Cast") ? stored.attribute("to") : nullptr;
    const auto* number = to == nullptr ? nullptr : std::get_if<std::int64_t>(&to->value);
    if (number == nullptr || stored.inputs.size() != 1 || stored.outputs.size() != 1) return std::nullopt;
    PLEAT_ASSIGN(const Fact input, input_fact(stored, 0));
    const auto target = static_cast<DType>(*number);
    if (!input.constant || !is_floating(input.dtype) || !is_floating(target)) return std::nullopt;
    PLEAT_ASSIGN(const std::vector<double> values, to_doubles(*input.constant));
    PLEAT_ASSIGN(const Tensor rounded, from_doubles(target, input.shape, values));
    PLEAT_ASSIGN(Tensor tensor, widened(rounded, arithmetic_));
    return tensor;
  }

  Status run(const Node& stored) {
    PLEAT_ASSIGN(const std::optional<Tensor> constant, narrowed(stored));
    if (constant) {
      release(stored);
      return keep(stored, {Fact::of(*constant)}, {*constant});
    }
    PLEAT_ASSIGN(const Node node, widened(stored, arithmetic_));
    const std::int64_t opset = model_.opset(node.domain);
    if (opset <= 0)
      return fail(Error::invalid("the model does not say which version of the operators it means")
                      .expect("an opset_import of domain '" + node.domain + "'"));
    PLEAT_ASSIGN(const auto op, OpRegistry::instance().make(node, opset));
    std::vector<Fact> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      PLEAT_ASSIGN(Fact fact, input_fact(node, i));
      inputs.push_back(std::move(fact));
    }
    PLEAT_ASSIGN(std::vector<Fact> outputs, op->infer(inputs));
    PLEAT_TRY(fit(node, outputs));
    BufferArena memory;
    PLEAT_TRY(op->prepare(inputs, outputs, memory));
    std::vector<Tensor> results;
    if (compute_constants(*op, inputs, outputs)) {
      for (const Fact& output : outputs) results.push_back(output.constant.value_or(Tensor{}));
    } else {
      PLEAT_ASSIGN(results, compute(*op, node, inputs, outputs));
    }
    inputs.clear();
    release(node);
    return keep(node, std::move(outputs), std::move(results));
  }

  /// One fact per output of the node, an omitted one being undefined.
  static Status fit(const Node& node, std::vector<Fact>& outputs) {
    outputs.resize(node.outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string& name = node.outputs[i];
      if (name.empty()) outputs[i] = Fact{};
      if (!name.empty() && !outputs[i].present())
        return fail(Error::invalid("the operator has no output number " + std::to_string(i + 1)).saw("'" + name + "'"));
    }
    return {};
  }

  Result<std::vector<Tensor>> compute(const Operator& op, const Node& node, const std::vector<Fact>& inputs,
                                      const std::vector<Fact>& outputs) {
    const auto value_at = [&](std::size_t i) -> const Tensor& {
      return inputs[i].constant ? *inputs[i].constant : values_.at(node.inputs[i]).tensor;
    };
    std::vector<Tensor> results(outputs.size());
    const auto source = op.view_of();
    if (source && outputs.size() == 1 && outputs[0].present()) {
      const Tensor& viewed = value_at(static_cast<std::size_t>(*source));
      if (viewed.dtype() == outputs[0].dtype) {
        results[0] = viewed.reshaped(outputs[0].shape);
        return results;
      }
    }
    std::vector<TensorView> read;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      read.push_back(inputs[i].present() ? value_at(i).view() : TensorView{});
    std::vector<MutableTensorView> written(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!outputs[i].present()) continue;
      PLEAT_ASSIGN(results[i], Tensor::allocate(outputs[i].dtype, outputs[i].shape));
      written[i] = results[i].mutable_view();
    }
    AlignedBuffer scratch(op.scratch_bytes(pool_.threads()));
    if (scratch.failed()) return fail(Error::resource("not enough memory for the operator's scratch"));
    op.run({read, written, scratch.data(), &pool_});
    return results;
  }

  /// Values that no node still to come reads are given up.
  void release(const Node& node) {
    const auto read = [&](const std::string& name) {
      const auto left = readers_left_.find(name);
      if (left != readers_left_.end() && --left->second == 0) values_.erase(name);
    };
    for (const std::string& name : node.inputs) read(name);
    for (const std::string& name : captures(node)) read(name);
  }

  Status keep(const Node& node, std::vector<Fact> outputs, std::vector<Tensor> results) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string& name = node.outputs[i];
      if (name.empty()) continue;
      if (visit_) PLEAT_TRY(visit_(name, results[i]));
      if (given_.contains(name) || !readers_left_.contains(name)) continue;
      values_[name] = {std::move(outputs[i]), std::move(results[i])};
    }
    return {};
  }

  const Model& model_;
  Arithmetic arithmetic_;
  ThreadPool& pool_;
  const Evaluator::Visit& visit_;
  const Evaluator::Perturb& perturb_;
  std::vector<const Node*> needed_;
  std::unordered_set<std::string> given_;
  std::unordered_map<std::string, int> readers_left_;
  std::unordered_map<std::string, const Initializer*> initializers_;
  std::unordered_map<std::string, Value> values_;
};

}  // namespace

Evaluator::Evaluator(const Model& model, Arithmetic arithmetic, int threads)
    : model_(model), arithmetic_(arithmetic), pool_(std::make_shared<ThreadPool>(threads)) {}

Result<NamedTensors> Evaluator::run(const NamedTensors& inputs, const std::set<std::string>& wanted, const Visit& visit,
                                    const Perturb& perturb) const {
  Run run(model_, arithmetic_, *pool_, visit, perturb);
  run.want(wanted, inputs);
  PLEAT_TRY(run.give(inputs));
  PLEAT_TRY(run.run());
  return run.take(wanted);
}

}  // namespace pleat
