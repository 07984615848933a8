#include <algorithm>
#include <cmath>
#include <limits>

#include "converter/verify/mutation.h"
#include "converter/verify/mutation_site.h"
#include "runtime/graph/attributes.h"
#include "runtime/graph/patch.h"
#include "runtime/graph/uses.h"

namespace pleat {
namespace {

/// The graph of the folded model that makes `value` at the region's place, for changes; null where none does.
Graph* graph_of(Model& folded, const FoldCase& fold_case, const std::string& value) {
  const auto site = site_of(folded, fold_case.region.graph, value);
  return site ? &open_graph(folded, *site) : nullptr;
}

/// Somebody behind the region reads what it reads instead of what it makes.
std::optional<WrongFold> wrong_value_read(const FoldCase& fold_case) {
  const Region& region = fold_case.region;
  if (region.inputs.empty()) return std::nullopt;
  WrongFold wrong{fold_case.fold.folded, fold_case.fold.constants};
  for (const std::string& output : region.outputs) {
    Graph* graph = graph_of(wrong.folded, fold_case, output);
    if (graph == nullptr) continue;
    const Uses uses(*graph);
    for (const Uses::Reader& reader : uses.readers(output)) {
      if (reader.input < 0) continue;
      Node& node = graph->nodes[reader.node];
      if (node.is("Shape") || node.is("Size")) continue;  // often the same for both values
      node.inputs[static_cast<std::size_t>(reader.input)] = region.inputs.front();
      return wrong;
    }
  }
  return std::nullopt;
}

/// Whether a second time changes what the first time gives: not where the scale is 0, nor where nothing is done.
bool matters_twice(const BatchNormNumbers& numbers) {
  for (std::size_t c = 0; c < numbers.channels(); ++c) {
    const double scale = numbers.scale(c);
    const bool scales = std::fabs(scale - 1) > 2 * std::numeric_limits<double>::epsilon();
    if (scale != 0 && (scales || numbers.shifts(c))) return true;
  }
  return false;
}

/// The BatchNormalization stays behind the layer that it was folded into.
std::optional<WrongFold> applied_twice(const FoldCase& fold_case) {
  const auto numbers = numbers_of(fold_case);
  if (!numbers || !matters_twice(*numbers)) return std::nullopt;
  const Node& norm = *batch_norm_of(fold_case.region);
  WrongFold wrong{fold_case.fold.folded, fold_case.fold.constants};
  Graph* graph = graph_of(wrong.folded, fold_case, norm.outputs[0]);
  if (graph == nullptr) return std::nullopt;
  const auto layer = std::ranges::find_if(
      graph->nodes, [&](const Node& node) { return !node.outputs.empty() && node.outputs[0] == norm.outputs[0]; });
  if (layer == graph->nodes.end()) return std::nullopt;
  Node again = norm;
  again.name += ".again";
  again.inputs[0] = layer->outputs[0] = fresh_name(wrong.folded, norm.outputs[0] + ".before");
  const std::vector<double>* const lists[] = {&numbers->gamma, &numbers->beta, &numbers->mean, &numbers->variance};
  const Shape shape{static_cast<std::int64_t>(numbers->channels())};
  for (std::size_t i = 0; i < std::size(lists); ++i) {
    auto tensor = from_doubles(numbers->dtypes[i], shape, *lists[i]);
    if (!tensor) return std::nullopt;
    again.inputs[i + 1] = add_constant(wrong.folded, "pleat.again", std::move(*tensor));
  }
  graph->nodes.insert(layer + 1, std::move(again));
  return wrong;
}

bool has_pads(const Node& conv) {
  AttributeReader attributes(conv);
  const auto pads = attributes.integers("pads");
  return std::ranges::any_of(pads, [](std::int64_t pad) { return pad != 0; });
}

/// The constants of a Conv that takes over a BatchNormalization before it as if it did not pad.
struct CarriedForward {
  Tensor weight, bias;
  ExactConstant exact_weight, exact_bias;
};

ExactConstant exact_doubles(const Tensor& stored, std::vector<double> values) {
  auto shared = std::make_shared<const std::vector<double>>(std::move(values));
  return {stored.shape(), stored.dtype(), [shared](std::size_t i) { return DoubleDouble((*shared)[i]); },
          [shared](std::size_t i) { return std::abs((*shared)[i]); }, 0};
}

/// Whether the shift, at some position of the kernel, adds up to something that a pad of 0 lacks.
bool pads_see_it(const Tensor& weight, const BatchNormNumbers& norm) {
  const Shape& shape = weight.shape();
  const auto values = to_doubles(weight);
  if (!values || shape.rank() < 3 || norm.channels() != static_cast<std::size_t>(shape[1])) return false;
  const auto taps = static_cast<std::size_t>(shape.elements(2, shape.rank()));
  for (std::size_t row = 0; row < static_cast<std::size_t>(shape[0]); ++row) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      double sum = 0, terms = 0;
      for (std::size_t c = 0; c < norm.channels(); ++c) {
        const double weight_here = (*values)[(row * norm.channels() + c) * taps + tap];
        sum += norm.shifts(c) ? norm.shift(c) * weight_here : 0;
        terms += std::fabs(norm.shift(c) * weight_here);
      }
      if (std::fabs(sum) > static_cast<double>(norm.channels()) * std::numeric_limits<double>::epsilon() * terms)
        return true;
    }
  }
  return false;
}

std::optional<CarriedForward> carried_forward(const Graph& graph, const Node& conv, const BatchNormNumbers& norm) {
  AttributeReader attributes(conv);
  const Initializer* weight = graph.initializer(conv.inputs[1]);
  if (weight == nullptr || attributes.integer("group", 1) != 1) return std::nullopt;
  auto values = to_doubles(weight->tensor);
  const Shape& shape = weight->tensor.shape();
  const auto rows = static_cast<std::size_t>(shape[0]);
  std::vector<double> bias(rows, 0);
  if (conv.inputs.size() > 2 && !conv.inputs[2].empty()) {
    const Initializer* old = graph.initializer(conv.inputs[2]);
    const auto known = old == nullptr ? Result<std::vector<double>>(bias) : to_doubles(old->tensor);
    if (old == nullptr || !known) return std::nullopt;
    bias = *known;
  }
  if (!values || !pads_see_it(weight->tensor, norm)) return std::nullopt;
  const auto inner = static_cast<std::size_t>(shape.elements(2, shape.rank()));
  for (std::size_t i = 0; i < values->size(); ++i) {
    const std::size_t c = i / inner % norm.channels();
    bias[i / inner / norm.channels()] += (norm.beta[c] - norm.mean[c] * norm.scale(c)) * (*values)[i];
    (*values)[i] *= norm.scale(c);
  }
  auto new_weight = from_doubles(weight->tensor.dtype(), shape, *values);
  auto new_bias = from_doubles(weight->tensor.dtype(), Shape{shape[0]}, bias);
  if (!new_weight || !new_bias) return std::nullopt;
  return CarriedForward{*new_weight, *new_bias, exact_doubles(*new_weight, *values), exact_doubles(*new_bias, bias)};
}

/// A BatchNormalization that had to stay before a padding Conv is carried into it all the same.
std::optional<WrongFold> through_padding(const FoldCase& fold_case) {
  WrongFold wrong{fold_case.fold.folded, fold_case.fold.constants};
  Graph& graph = wrong.folded.graph;
  const Uses uses(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& norm = graph.nodes[i];
    if (!norm.is("BatchNormalization") || norm.inputs.size() < 5) continue;
    const auto& readers = uses.readers(norm.outputs[0]);
    if (readers.size() != 1 || readers[0].input != 0 || uses.is_graph_output(norm.outputs[0])) continue;
    Node& conv = graph.nodes[readers[0].node];
    if (!conv.is("Conv") || !has_pads(conv)) continue;
    const auto numbers = numbers_of(FoldContext(wrong.folded, graph, fold_case.options), norm);
    const auto carried = numbers ? carried_forward(graph, conv, *numbers) : std::nullopt;
    if (!carried) continue;
    const std::string weight = add_constant(wrong.folded, "pleat.carried_weight", carried->weight);
    const std::string bias = add_constant(wrong.folded, "pleat.carried_bias", carried->bias);
    conv.inputs = {norm.inputs[0], weight, bias};
    wrong.constants[weight] = carried->exact_weight;
    wrong.constants[bias] = carried->exact_bias;
    graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
    return wrong;
  }
  return std::nullopt;
}

constexpr Mutation kWiringMutations[] = {{"wrong value read", wrong_value_read},
                                         {"BatchNormalization applied twice", applied_twice},
                                         {"shift carried through padding", through_padding}};

}  // namespace

std::span<const Mutation> wiring_mutations() { return kWiringMutations; }

}  // namespace pleat
