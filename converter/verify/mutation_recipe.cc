#include <algorithm>
#include <limits>

#include "converter/fold/sizes.h"
#include "converter/verify/mutation.h"
#include "converter/verify/mutation_site.h"
#include "converter/verify/same.h"
#include "runtime/graph/uses.h"

namespace pleat {
namespace {

using Values = std::vector<double>;

/// The network with another BatchNormalization in the place of the region's: folding that is the mistake.
struct OtherNetwork {
  Model& model;
  Graph& graph;  ///< of the model, the one that holds the BatchNormalization
  Node& batch_norm;
  BatchNormNumbers numbers;
  std::vector<std::string> added = {};  ///< constants

  const std::string& add(const std::string& wanted, Tensor tensor) {
    return added.emplace_back(add_constant(model, wanted, std::move(tensor)));
  }
  void set(std::size_t input, const Values& values) {
    auto tensor = from_doubles(numbers.dtypes[input - 1], Shape{static_cast<std::int64_t>(values.size())}, values);
    if (tensor) batch_norm.inputs[input] = add("pleat.mistaken_parameter", std::move(*tensor));
  }
  void set_epsilon(float epsilon) {
    std::erase_if(batch_norm.attributes, [](const Attribute& attribute) { return attribute.name == "epsilon"; });
    batch_norm.attributes.push_back(Attribute::number("epsilon", epsilon));
  }
};

using Change = bool (*)(OtherNetwork& other, const FoldCase& fold_case);

/// Whether some element differs by more than double arithmetic tells, relative to the terms it is made of.
bool differ(const ExactConstant& a, const ExactConstant& b) {
  if (a.shape != b.shape) return true;
  for (std::size_t i = 0; i < static_cast<std::size_t>(a.shape.elements()); ++i) {
    const double visible = std::numeric_limits<double>::epsilon() * std::max(a.terms(i), b.terms(i));
    if (!(abs(a.value(i) - b.value(i)).hi <= visible)) return true;
  }
  return false;
}

bool differ(const ExactConstants& wrong, const ExactConstants& right) {
  return wrong.size() != right.size() || !std::ranges::all_of(wrong, [&](const auto& constant) {
           const auto other = right.find(constant.first);
           return other != right.end() && !differ(constant.second, other->second);
         });
}

/// Mistaken parameters leave with the BatchNormalization; the outermost graph holds them.
void remove_unread(Graph& graph, const std::vector<std::string>& names) {
  const Uses uses(graph);
  std::erase_if(graph.initializers, [&](const Initializer& initializer) {
    return std::ranges::count(names, initializer.name) > 0 && uses.readers(initializer.name).empty() &&
           !uses.is_graph_output(initializer.name);
  });
}

bool same_values(const Initializer* a, const Initializer* b) {
  if (a == nullptr || b == nullptr || a->tensor.shape() != b->tensor.shape()) return false;
  const auto left = to_doubles(a->tensor);
  const auto right = to_doubles(b->tensor);
  return left && right && *left == *right;
}

/// A BatchNormalization that takes another one over keeps what the fold leaves of it: its nodes tell, not new
/// constants.
bool differ(const Model& wrong, const Model& right, const std::string& path, const std::string& value) {
  const auto site = site_of(wrong, path, value);
  const auto right_site = site_of(right, path, value);
  if (!site || !right_site) return true;
  const auto same_input = [&](const std::string& a, const std::string& b) {
    return a == b || same_values(wrong.graph.initializer(a), right.graph.initializer(b));
  };
  return !std::ranges::equal(graph_at(wrong, *site).nodes, graph_at(right, *right_site).nodes,
                             [&](const Node& a, const Node& b) {
                               return same_operator(a, b) && same_attributes(a, b, InnerGraphs::kIgnore) &&
                                      std::ranges::equal(a.inputs, b.inputs, same_input);
                             });
}

/// Whether the model proves that no output of the region has an element, and so no value to get wrong.
bool has_no_values(const FoldCase& fold_case, const GraphSite& site) {
  const FoldContext context = context_at(fold_case.source, site, fold_case.options);
  return std::ranges::all_of(fold_case.region.outputs, [&](const std::string& output) {
    const auto sizes = sizes_of(context, output);
    return sizes && std::ranges::any_of(*sizes, [](const Size& size) { return size.is(0); });
  });
}

std::optional<WrongFold> refold(const FoldCase& fold_case, Change change) {
  auto numbers = numbers_of(fold_case);
  if (!numbers) return std::nullopt;
  const std::string& output = batch_norm_of(fold_case.region)->outputs[0];
  const auto site = site_of(fold_case.source, fold_case.region.graph, output);
  if (has_no_values(fold_case, *site)) return std::nullopt;
  Model model = fold_case.source;
  Graph& graph = open_graph(model, *site);
  const auto norm = std::ranges::find_if(
      graph.nodes, [&](const Node& node) { return !node.outputs.empty() && node.outputs[0] == output; });
  if (norm == graph.nodes.end()) return std::nullopt;
  OtherNetwork other{model, graph, *norm, std::move(*numbers)};
  if (!change(other, fold_case)) return std::nullopt;
  auto wrong = fold(model, fold_case.options);
  if (!wrong || wrong->map.folded() != fold_case.fold.map.folded()) return std::nullopt;
  remove_unread(wrong->folded.graph, other.added);
  const FoldResult& right = fold_case.fold;
  if (!differ(wrong->constants, right.constants) &&
      !differ(wrong->folded, right.folded, fold_case.region.graph, fold_case.region.outputs.front()))
    return std::nullopt;
  return WrongFold{std::move(wrong->folded), std::move(wrong->constants)};
}

template <Change change>
std::optional<WrongFold> refolded(const FoldCase& fold_case) {
  return refold(fold_case, change);
}

bool epsilon_ignored(OtherNetwork& other, const FoldCase&) {
  other.set_epsilon(0);
  return true;
}
bool epsilon_small(OtherNetwork& other, const FoldCase&) {
  other.set_epsilon(1e-10F);
  return true;
}
bool epsilon_large(OtherNetwork& other, const FoldCase&) {
  other.set_epsilon(1e-3F);
  return true;
}

bool beta_dropped(OtherNetwork& other, const FoldCase&) {
  other.set(2, Values(other.numbers.channels(), 0));
  return true;
}

bool mean_negated(OtherNetwork& other, const FoldCase&) {
  for (double& mean : other.numbers.mean) mean = -mean;
  other.set(3, other.numbers.mean);
  return true;
}

bool gamma_negated(OtherNetwork& other, const FoldCase&) {
  for (double& gamma : other.numbers.gamma) gamma = -gamma;
  other.set(1, other.numbers.gamma);
  return true;
}

bool neighbours_scale(OtherNetwork& other, const FoldCase&) {
  BatchNormNumbers& numbers = other.numbers;
  std::rotate(numbers.gamma.begin(), numbers.gamma.begin() + 1, numbers.gamma.end());
  std::rotate(numbers.variance.begin(), numbers.variance.begin() + 1, numbers.variance.end());
  other.set(1, numbers.gamma);
  other.set(4, numbers.variance);
  return true;
}

/// b' = b + t instead of s·b + t: what folding b/s gives.
bool bias_not_scaled(OtherNetwork& other, const FoldCase& fold_case) {
  const auto layer = std::ranges::find_if(other.graph.nodes, [&](const Node& node) {
    return (node.is("Conv") || node.is("ConvTranspose") || node.is("Gemm")) &&
           node.outputs[0] == other.batch_norm.inputs[0];
  });
  if (layer == other.graph.nodes.end() || layer->inputs.size() < 3) return false;
  const auto site = site_of(other.model, fold_case.region.graph, layer->outputs[0]);
  const FoldContext context = context_at(other.model, *site, fold_case.options);
  const auto bias = constant(context, layer->inputs[2], "bias", "F17");
  const auto values = bias ? to_doubles(*bias) : Result<Values>(Values{});
  if (!values || values->size() != other.numbers.channels()) return false;
  Values divided = *values;
  for (std::size_t c = 0; c < divided.size(); ++c)
    if (other.numbers.scale(c) != 0) divided[c] /= other.numbers.scale(c);
  auto tensor = from_doubles(bias->dtype(), bias->shape(), divided);
  if (!tensor) return false;
  layer->inputs[2] = other.add("pleat.mistaken_bias", std::move(*tensor));
  return true;
}

constexpr Mutation kRecipeMutations[] = {{"epsilon ignored", refolded<epsilon_ignored>},
                                         {"epsilon 1e-10", refolded<epsilon_small>},
                                         {"epsilon 1e-3", refolded<epsilon_large>},
                                         {"layer bias not scaled", refolded<bias_not_scaled>},
                                         {"beta dropped", refolded<beta_dropped>},
                                         {"mean with wrong sign", refolded<mean_negated>},
                                         {"scale of the next channel", refolded<neighbours_scale>},
                                         {"gamma with wrong sign", refolded<gamma_negated>}};

}  // namespace

std::span<const Mutation> recipe_mutations() { return kRecipeMutations; }

}  // namespace pleat
