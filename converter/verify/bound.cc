#include "converter/verify/bound.h"

#include <algorithm>
#include <cmath>

#include "converter/verify/constant_facts.h"
#include "converter/verify/linear_node.h"
#include "converter/verify/operator_bounds.h"
#include "converter/verify/widen.h"
#include "runtime/graph/uses.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Peaks are sums of few products in double.
constexpr double kPeakSlack = 1 + 0x1p-20;
/// The same for magnitudes held against the largest number of an arithmetic.
constexpr double kReachSlack = 1 + 1e-6;

bool zeros_are_exact(const std::string& name, const Tensor& tensor, const ExactConstants* exact) {
  if (exact == nullptr) return false;
  const auto known = exact->find(name);
  if (known == exact->end() || known->second.shape != tensor.shape()) return false;
  bool all = true;
  for_each_value(tensor, [&](std::size_t i, double value) {
    if (value == 0 && all) all = known->second.value(i).hi == 0;
  });
  return all;
}

Tensor absolute(const Tensor& tensor, double sign = 1) {
  auto out = Tensor::allocate(DType::kDouble, tensor.shape());
  if (!out) return {};
  auto values = out->mutable_data<double>();
  for_each_value(tensor, [&](std::size_t i, double value) { values[i] = sign * std::fabs(value); });
  return std::move(*out);
}

/// What every constant becomes in a run on magnitudes. A variance stays: the scale is γ/√(σ²+ε) in both.
void magnify_constant(const Node& node, std::size_t input, Tensor& constant) {
  if (!is_floating(constant.dtype())) return;
  const bool batch_norm = node.is("BatchNormalization");
  if (batch_norm && input == 4) return;
  constant = absolute(constant, batch_norm && input == 3 ? -1 : 1);
}

}  // namespace

Precision precision_of(DType floating) {
  switch (floating) {
    case DType::kDouble: return kDoubleArithmetic;
    case DType::kFloat16: return {0x1p-11, 0x1p-14, 0x1p-25, 65504};
    case DType::kBfloat16: return {0x1p-8, 0x1p-126, 0x1p-134, 0x1.fep127};
    default: return kFloatArithmetic;
  }
}

double gamma(double n, double u) {
  const double loss = n * u;
  return loss < 1 ? loss / (1 - loss) : HUGE_VAL;
}

OutputBound output_bound(const RoundingCount& unfolded, const RoundingCount& folded, const Precision& arithmetic,
                         const Precision& storage) {
  const double before = gamma(unfolded.roundings, arithmetic.unit_roundoff);
  const double after = gamma(folded.roundings, arithmetic.unit_roundoff);
  const double stored = gamma(folded.stored, storage.unit_roundoff);
  const double slack = 1 + 2 * gamma(unfolded.roundings + 8, kDoubleArithmetic.unit_roundoff);
  OutputBound bound;
  bound.per_magnitude = (before + after + stored + after * stored) * slack;
  bound.fixed = (unfolded.underflows + folded.underflows) * arithmetic.half_subnormal + folded.lost;
  bound.roundings = unfolded.roundings + folded.roundings + folded.stored;
  return bound;
}

struct BoundedPart::Resolved {
  Model model;              ///< nodes that work on data, as magnitudes see them; every constant an initializer
  std::vector<Node> nodes;  ///< the same nodes as they are
  std::map<std::string, BoundedConstant> constants;
  int threads = 1;

  BoundedNode bounded(const Node& node, const std::map<std::string, RoundingCount>* data, const Shapes* shapes) const {
    return {node, model.opset(node.domain), constants, data, shapes};
  }

  /// Computes now what constants alone decide.
  Status resolve(const Model& part, const std::set<std::string>& fresh, const ExactConstants* exact) {
    for (const Initializer& initializer : part.graph.initializers) {
      BoundedConstant constant{initializer.tensor, 0, fresh.contains(initializer.name), true};
      if (constant.fresh) constant.zeros_are_exact = zeros_are_exact(initializer.name, initializer.tensor, exact);
      constants.emplace(initializer.name, std::move(constant));
    }
    for (const Node& node : part.graph.nodes) {
      const bool constant = captures(node).empty() && std::ranges::all_of(node.inputs, [&](const std::string& name) {
                              return name.empty() || constants.contains(name);
                            });
      if (!constant) {
        nodes.push_back(node);
        continue;
      }
      PLEAT_TRY(resolve(part, node));
    }
    return {};
  }

  Status resolve(const Model& part, const Node& node) {
    std::set<std::string> wanted(node.outputs.begin(), node.outputs.end());
    wanted.erase("");
    PLEAT_ASSIGN(const NamedTensors made, Evaluator(part, Arithmetic::kDouble, 1).run({}, wanted));
    for (const auto& [name, tensor] : made) {
      const auto roundings = constant_roundings(bounded(node, nullptr, nullptr), tensor);
      if (!roundings) return fail(objection(node, "no bound is known for constants computed by it"));
      BoundedConstant constant{tensor, *roundings, false, true};
      for (std::size_t i = 0; i < node.inputs.size(); ++i)
        if (!node.inputs[i].empty() && constants.at(node.inputs[i]).fresh) constant.fresh = true;
      constant.zeros_are_exact = !constant.fresh;
      constants.emplace(name, std::move(constant));
    }
    return {};
  }

  static Error objection(const Node& node, const std::string& why) {
    return Error::unsupported("the region holds " + node.label() + ", for which no bound is known: " + why);
  }

  Status judge() {
    for (const Node& node : nodes) {
      const OperatorBound* bound = operator_bound(node);
      if (bound == nullptr)
        return fail(Error::unsupported("the region holds " + node.label() + ", for which no bound is known"));
      if (!OpRegistry::instance().knows(node)) return fail(OpRegistry::unknown(node));
      if (const auto against = bound->objection(bounded(node, nullptr, nullptr)))
        return fail(objection(node, *against));
      Node magnified = node;
      bound->magnify(magnified);
      model.graph.nodes.push_back(std::move(magnified));
    }
    for (const auto& [name, constant] : constants) model.graph.initializers.push_back({name, constant.tensor, {}, {}});
    return {};
  }
};

Result<BoundedPart> BoundedPart::create(const Model& part, const std::set<std::string>& fresh,
                                        const ExactConstants* exact, int threads) {
  auto resolved = std::make_shared<Resolved>();
  resolved->threads = threads;
  resolved->model.opset_imports = part.opset_imports;
  resolved->model.storage = part.storage;
  PLEAT_TRY(resolved->resolve(part, fresh, exact));
  PLEAT_TRY(resolved->judge());
  BoundedPart bounded;
  bounded.resolved_ = std::move(resolved);
  return bounded;
}

Result<std::map<std::string, RoundingCount>> BoundedPart::count(const Shapes& shapes,
                                                                const std::map<std::string, double>& peaks) const {
  std::map<std::string, RoundingCount> counts;
  for (const auto& [name, peak] : peaks) counts[name].peak = peak;
  for (const Node& node : resolved_->nodes) {
    RoundingCount count = operator_bound(node)->count(resolved_->bounded(node, &counts, &shapes));
    if (!std::isfinite(count.peak * kPeakSlack) || !std::isfinite(count.underflows) || !std::isfinite(count.roundings))
      return fail(Resolved::objection(node, "its constants are beyond all bounds"));
    count.peak *= kPeakSlack;
    for (const std::string& name : node.outputs)
      if (!name.empty()) counts[name] = count;
  }
  return counts;
}

Result<double> BoundedPart::macs(const Shapes& shapes) const {
  double macs = 0;
  for (const Node& node : resolved_->nodes) {
    for (const std::size_t input : {0U, 1U}) {
      if (!is_linear(node)) continue;
      const auto weight = resolved_->constants.find(node.inputs[input]);
      if (weight == resolved_->constants.end()) continue;
      const auto products = products_per_output(node, input, weight->second.tensor.shape());
      const auto out = shapes.find(node.outputs[0]);
      if (products && out != shapes.end())
        macs += static_cast<double>(*products) * static_cast<double>(out->second.elements());
    }
  }
  return macs;
}

Result<NamedTensors> BoundedPart::magnitudes(const NamedTensors& inputs, const std::set<std::string>& wanted,
                                             double largest, double& peak) const {
  const auto settle = [&](Tensor& tensor) {
    if (tensor.dtype() != DType::kDouble) return;
    auto copy = absolute(tensor);
    for (double& value : copy.mutable_data<double>()) {
      if (std::isfinite(value)) peak = std::max(peak, value);
      if (value * kReachSlack >= largest) value = HUGE_VAL;
    }
    tensor = std::move(copy);
  };
  NamedTensors values;
  for (const auto& [name, tensor] : inputs) {
    PLEAT_ASSIGN(values[name], widened(tensor, Arithmetic::kDouble));
    settle(values[name]);
  }
  std::map<std::string, std::size_t> readers;
  for (const std::string& name : wanted) ++readers[name];
  const Graph& graph = resolved_->model.graph;
  for (const Node& node : graph.nodes)
    for (const std::string& name : node.inputs) ++readers[name];
  const Evaluator evaluator(resolved_->model, Arithmetic::kDouble, resolved_->threads);
  for (const Node& node : graph.nodes) {
    std::set<std::string> made(node.outputs.begin(), node.outputs.end());
    made.erase("");
    PLEAT_ASSIGN(NamedTensors results, evaluator.run(values, made, {}, magnify_constant));
    for (auto& [name, tensor] : results) {
      settle(tensor);
      if (readers.contains(name)) values[name] = std::move(tensor);
    }
    for (const std::string& name : node.inputs)
      if (--readers[name] == 0) values.erase(name);
  }
  NamedTensors out;
  for (const std::string& name : wanted) {
    if (const auto value = values.find(name); value != values.end()) {
      out[name] = value->second;
    } else if (const auto constant = resolved_->constants.find(name); constant != resolved_->constants.end()) {
      PLEAT_ASSIGN(out[name], widened(constant->second.tensor, Arithmetic::kDouble));
      settle(out[name]);
    } else {
      return fail(Error::internal("no magnitude of '" + name + "'"));
    }
  }
  return out;
}

}  // namespace pleat
