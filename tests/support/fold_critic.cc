#include "tests/support/fold_critic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "converter/judge/judge.h"
#include "runtime/onnx/writer.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

using Objections = std::vector<std::string>;
constexpr int kRuns = 3;

OracleValue drawn(const ValueInfo& info, int run, unsigned seed, const CriticOptions& options) {
  OracleValue value;
  value.dtype = info.type.dtype;
  for (const Dim& dim : *info.type.shape) value.dims.push_back(dim.known() ? dim.value : options.open_from + run);
  const std::int64_t count = Shape(value.dims).elements();
  const bool real = value.dtype == DType::kFloat || value.dtype == DType::kDouble || value.dtype == DType::kFloat16 ||
                    value.dtype == DType::kBfloat16;
  if (value.dtype == DType::kBool) {
    value.data.assign(static_cast<std::size_t>(count), Tracked(run % 2));
  } else {
    for (const double x :
         random_values<double>(count, seed, real ? options.input_low : 0, real ? options.input_high : 99))
      value.data.emplace_back(real ? x : std::floor(x));
  }
  if (options.infinite && run == kRuns - 1 && real && count > 0)
    value.data[static_cast<std::size_t>(count) / 2] = HUGE_VAL;
  return value;
}

/// The first element where the two differ, as a sentence; empty: they agree.
std::string difference(const std::string& name, const OracleValue& before, const OracleValue& after) {
  if (before.dims != after.dims)
    return fmt::format("'{}' has shape {} and then {}", name, Shape(before.dims).text(), Shape(after.dims).text());
  if (before.dtype != after.dtype) return fmt::format("'{}' changes its type", name);
  for (std::size_t i = 0; i < before.data.size(); ++i)
    if (!agree(before.data[i], after.data[i]))
      return fmt::format("'{}'[{}] is {} ± {:.3g} and then {} ± {:.3g}", name, i, before.data[i].value,
                         before.data[i].error, after.data[i].value, after.data[i].error);
  return {};
}

void compare_values(const Model& model, const FoldResult& result, const CriticOptions& options, Objections& found) {
  for (int run = 0; run < kRuns; ++run) {
    const OracleValues inputs = feed(model, run, options);
    const OracleValues before = oracle_run(model, inputs, {nullptr, options.fold.assume_inference});
    const OracleValues after = oracle_run(result.folded, inputs, {&result.constants, options.fold.assume_inference});
    for (const auto& [name, value] : before) {
      const auto other = after.find(name);
      if (other == after.end()) continue;
      const std::string differs = difference(name, value, other->second);
      if (differs.empty()) continue;
      found.push_back(fmt::format("run {}: {}", run, differs));
      return;
    }
    for (const ValueInfo& output : model.graph.outputs)
      if (after.count(output.name) == 0) found.push_back(fmt::format("output '{}' is not computed", output.name));
  }
}

double smallest_normal(DType dtype) { return dtype == DType::kDouble ? 0x1p-1022 : 0x1p-126; }

/// Whether `stored` is `exact` rounded to `dtype`, or flushed.
bool rounded_once(double stored, double exact, DType dtype, bool flush) {
  if (flush && stored == 0 && std::fabs(exact) <= smallest_normal(dtype)) return true;
  const auto nearest = from_doubles(dtype, Shape{}, std::vector<double>{exact});
  if (!nearest) return false;
  const double wanted = to_doubles(*nearest).value()[0];
  // `exact` is itself a double near the exact value, which may lie on the other side of a tie.
  return stored == wanted ||
         std::fabs(stored - exact) <= std::fabs(wanted - exact) * (1 + 0x1p-20) + 0x1p-50 * std::fabs(exact);
}

const Initializer* find_constant(const Graph& graph, const std::string& name) {
  if (const Initializer* found = graph.initializer(name)) return found;
  for (const Node& node : graph.nodes)
    for (const Attribute& attribute : node.attributes)
      if (attribute.graph() != nullptr)
        if (const Initializer* found = find_constant(*attribute.graph(), name)) return found;
  return nullptr;
}

void check_constants(const FoldResult& result, const CriticOptions& options, Objections& found) {
  for (const auto& [name, exact] : result.constants) {
    const Initializer* stored = find_constant(result.folded.graph, name);
    if (stored == nullptr) {
      found.push_back(fmt::format("the map tells of a constant '{}' that is not there", name));
      continue;
    }
    const auto values = to_doubles(stored->tensor);
    if (!values || stored->tensor.shape() != exact.shape || stored->tensor.dtype() != exact.dtype) {
      found.push_back(fmt::format("the constant '{}' is not of the form told", name));
      continue;
    }
    for (std::size_t i = 0; i < values->size(); ++i) {
      if (rounded_once((*values)[i], exact.value(i).hi, exact.dtype, options.fold.flush_subnormals)) continue;
      found.push_back(fmt::format("'{}'[{}] is {}, not {} rounded", name, i, (*values)[i], exact.value(i).hi));
      break;
    }
  }
}

void check_repeatable(const Model& model, const FoldResult& result, const std::string& bytes,
                      const CriticOptions& options, Objections& found) {
  const auto again = fold(model, options.fold);
  if (!again || serialize(again->folded).value() != bytes) found.emplace_back("folding it again gives other bytes");
  const auto twice = fold(result.folded, options.fold);
  if (!twice)
    found.push_back("the folded model cannot be folded: " + twice.error().text());
  else if (serialize(twice->folded).value() != bytes)
    found.emplace_back("folding the folded model changes it");
}

std::vector<std::string> names_of(const std::vector<ValueInfo>& values) {
  std::vector<std::string> names;
  for (const ValueInfo& value : values) names.push_back(value.name);
  return names;
}

std::vector<std::string> true_inputs(const Model& model) {
  std::vector<std::string> names = names_of(model.graph.inputs);
  std::erase_if(names, [&](const std::string& name) { return model.graph.initializer(name) != nullptr; });
  return names;
}

void check_surface(const Model& model, const FoldResult& result, Objections& found) {
  const Model& folded = result.folded;
  std::vector<std::string> before = true_inputs(model), after = names_of(folded.graph.inputs);
  std::erase_if(after, [&](const std::string& name) { return std::count(before.begin(), before.end(), name) == 0; });
  if (before != after) found.emplace_back("the inputs changed");
  if (names_of(model.graph.outputs) != names_of(folded.graph.outputs)) found.emplace_back("the outputs changed");
  if (model.opset() != folded.opset()) found.emplace_back("the opset changed");
  if (const auto sound = check(folded); !sound) found.push_back("the folded graph is broken: " + sound.error().text());
  std::vector<std::string> defined = names_of(folded.graph.inputs);
  for (const Initializer& initializer : folded.graph.initializers) defined.push_back(initializer.name);
  for (const Node& node : folded.graph.nodes) defined.insert(defined.end(), node.outputs.begin(), node.outputs.end());
  for (const ValueInfo& info : folded.graph.value_info)
    if (std::count(defined.begin(), defined.end(), info.name) == 0)
      found.push_back(fmt::format("an annotation of '{}' is left, which is gone", info.name));
}

/// `model` with a part of its own that no fold concerns, before and after the rest.
Model accompanied(const Model& model) {
  Model more = model;
  more.doc_string = "kept";
  more.metadata_props.emplace_back("kept", "as it was");
  ValueInfo aside;
  aside.name = "aside";
  aside.type.dtype = DType::kFloat;
  more.graph.inputs.push_back(aside);
  const auto node = [](const char* input, const char* output) {
    return Node{std::string("made_") + output, "Relu", "", {input}, {output}, {}, "kept as well", "", ""};
  };
  more.graph.nodes.insert(more.graph.nodes.begin(), node("aside", "aside.first"));
  more.graph.nodes.push_back(node("aside.first", "aside.last"));
  aside.name = "aside.last";
  more.graph.outputs.push_back(aside);
  Initializer unread;
  unread.name = "aside.unread";
  unread.tensor = Tensor::of<float>({2}, {1, 2});
  more.graph.initializers.push_back(unread);
  return more;
}

bool same_node(const Node& a, const Node& b) {
  return a.name == b.name && a.op_type == b.op_type && a.inputs == b.inputs && a.outputs == b.outputs &&
         a.doc_string == b.doc_string && a.attributes.size() == b.attributes.size();
}

void check_bystanders(const Model& model, const FoldResult& result, const CriticOptions& options, Objections& found) {
  const Model more = accompanied(model);
  const auto folded = fold(more, options.fold);
  if (!folded) return found.push_back("with other nodes around it cannot be folded: " + folded.error().text());
  if (folded->map.folded() != result.map.folded()) found.emplace_back("other nodes around it change what is folded");
  const std::string* kept = folded->folded.metadata("kept");
  if (folded->folded.doc_string != "kept" || kept == nullptr || *kept != "as it was")
    found.emplace_back("doc string or metadata changed");
  for (const Node* node : {&more.graph.nodes.front(), &more.graph.nodes.back()}) {
    const auto& nodes = folded->folded.graph.nodes;
    if (std::none_of(nodes.begin(), nodes.end(), [&](const Node& other) { return same_node(*node, other); }))
      found.push_back(fmt::format("{} changed, which no fold concerns", node->label()));
  }
  if (folded->folded.graph.initializer("aside.unread") == nullptr)
    found.emplace_back("a constant left that no fold concerns");
}

}  // namespace

OracleValues feed(const Model& model, int run, const CriticOptions& options) {
  OracleValues inputs;
  unsigned seed = 1000U * static_cast<unsigned>(run + 1);
  for (const ValueInfo& info : model.graph.inputs) {
    const Initializer* constant = model.graph.initializer(info.name);
    if (constant == nullptr) {
      inputs[info.name] = drawn(info, run, seed++, options);
    } else if (model.ir_version >= 4 && !options.fold.freeze_inputs && run % 2 == 1) {
      inputs[info.name] = oracle_value(constant->tensor);
      for (Tracked& element : inputs[info.name].data) element.value *= 1.25;
    }
  }
  return inputs;
}

void declare_outputs(Model& model, const CriticOptions& options) {
  const OracleOptions how = {nullptr, options.fold.assume_inference};
  const OracleValues first = oracle_run(model, feed(model, 0, options), how);
  const OracleValues second = oracle_run(model, feed(model, 1, options), how);
  for (ValueInfo& output : model.graph.outputs) {
    const auto &a = first.at(output.name).dims, &b = second.at(output.name).dims;
    auto& shape = output.type.shape.emplace();
    output.encoded_type.clear();
    for (std::size_t i = 0; i < a.size(); ++i) {
      shape.emplace_back();
      if (a[i] == b.at(i)) shape.back().value = a[i];
    }
  }
}

std::string rejection(const Model& model) {
  const auto bytes = serialize(model);
  if (!bytes) return bytes.error().text();
  const Judgement judgement = judge(*bytes);
  return judgement.rejected() ? judgement.reason : std::string();
}

std::vector<std::string> objections(const Model& model, const FoldResult& result, const CriticOptions& options) {
  Objections found;
  const auto before = serialize(model), after = serialize(result.folded);
  if (!before || !after) return {"it cannot be written"};
  check_surface(model, result, found);
  check_constants(result, options, found);
  check_repeatable(model, result, *after, options, found);
  check_bystanders(model, result, options, found);
  if (*before == *after) return found;
  if (options.computable) {
    try {
      compare_values(model, result, options, found);
    } catch (const std::exception& failure) {
      found.push_back(std::string("the oracle: ") + failure.what());
    }
  }
  const std::string rejected = rejection(result.folded);
  if (!rejected.empty() && rejection(model).empty()) found.push_back("ONNX's checker rejects it: " + rejected);
  return found;
}

}  // namespace pleat
