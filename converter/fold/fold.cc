#include "converter/fold/fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "converter/fold/pattern.h"

namespace pleat {
namespace {

constexpr const char* kMetadataKey = "pleat.fold";
constexpr std::int64_t kFirstIrWithSeparateInitializers = 4;

struct NamedPattern {
  const char* op_type;
  Pattern pattern;
};
constexpr NamedPattern kPatterns[] = {{"Conv", fold_conv}, {"Gemm", fold_gemm}, {"MatMul", fold_matmul}};

std::string name_of(const Node& node) {
  if (!node.name.empty() || node.outputs.empty()) return node.name;
  return node.outputs[0];
}

std::string first_output(const Node& node) { return node.outputs.empty() ? std::string() : node.outputs[0]; }

/// One line per BatchNormalization before anything is folded, in node order.
void list_batch_norms(const Graph& graph, const std::string& path, FoldMap& map) {
  for (const Node& node : graph.nodes) {
    if (node.is("BatchNormalization")) {
      FoldEntry entry;
      entry.graph = path;
      entry.batch_norm = name_of(node);
      entry.output = first_output(node);
      if (!path.empty()) {
        entry.code = "F118";
        entry.reason = fmt::format("it stands inside {}, and inner graphs are left as they are", path);
      }
      map.entries.push_back(std::move(entry));
    }
    for (const Attribute& attribute : node.attributes) {
      const auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value);
      if (inner == nullptr || *inner == nullptr) continue;
      const std::string step = name_of(node) + "." + attribute.name;
      list_batch_norms(**inner, path.empty() ? step : path + "/" + step, map);
    }
  }
}

struct Outcome {
  AffineChain chain;
  Rewrite rewrite;
};

Attempt<Outcome> attempt(const FoldContext& context, std::size_t position, const FoldOptions& options) {
  auto chain = chain_to(context, position);
  if (!chain) return tl::unexpected(chain.error());
  const Node& layer = chain->node(context);
  for (const auto& [op_type, pattern] : kPatterns) {
    if (!layer.is(op_type)) continue;
    auto rewrite = pattern(context, *chain, options);
    if (!rewrite) return tl::unexpected(rewrite.error());
    return Outcome{std::move(*chain), std::move(*rewrite)};
  }
  return refuse("F115", fmt::format("its input is made by {}", layer.label()));
}

/// Folds the BatchNormalizations of the outermost graph, keeping the map up to date.
class Folder {
 public:
  Folder(Model model, const FoldOptions& options) : model_(std::move(model)), options_(options) {
    list_batch_norms(model_.graph, "", map_);
    for (std::size_t i = 0; i < map_.entries.size(); ++i)
      if (map_.entries[i].graph.empty()) entry_of_.emplace(map_.entries[i].output, i);
  }

  /// Sweeps from the last BatchNormalization to the first, so that a chain of them is folded as one, until a sweep
  /// changes nothing.
  Status run() {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = map_.entries.size(); i-- > 0;) {
        if (map_.entries[i].folded || !map_.entries[i].graph.empty()) continue;
        PLEAT_ASSIGN(const bool folded, visit(map_.entries[i]));
        changed = changed || folded;
      }
    }
    return {};
  }

  FoldResult finish() && { return {std::move(model_), std::move(map_)}; }

 private:
  Result<bool> visit(FoldEntry& entry) {
    const FoldContext context(model_, model_.graph);
    const auto position = position_of(entry);
    if (!position) return fail(Error::internal("a BatchNormalization is gone: '" + entry.output + "'"));
    if (entry.facts.channels == 0)
      if (const auto step = batch_norm_step(context, *position)) entry.facts = step->facts;
    auto outcome = attempt(context, *position, options_);
    if (!outcome) {
      Refusal refusal = std::move(outcome).error();
      entry.code = std::move(refusal.code);
      entry.reason = std::move(refusal.detail);
      entry.remedy = std::move(refusal.remedy);
      return false;
    }
    record(context, *outcome, entry);
    PLEAT_TRY(apply(std::move(outcome->rewrite.patch), model_.graph));
    return true;
  }

  std::optional<std::size_t> position_of(const FoldEntry& entry) const {
    const auto& nodes = model_.graph.nodes;
    const auto it = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) {
      return node.is("BatchNormalization") && first_output(node) == entry.output;
    });
    if (it == nodes.end()) return std::nullopt;
    return static_cast<std::size_t>(it - nodes.begin());
  }

  void record(const FoldContext& context, const Outcome& outcome, FoldEntry& entry) {
    const Node& layer = outcome.chain.node(context);
    const Rewrite& rewrite = outcome.rewrite;
    entry.folded = true;
    entry.code = rewrite.code;
    entry.reason = fmt::format("folded into {}", layer.label());
    entry.remedy.clear();
    entry.facts = outcome.chain.steps.back().facts;
    entry.facts.flushed = rewrite.flushed;
    entry.target = name_of(layer);
    entry.target_op = layer.op_type;
    entry.input = layer.inputs[0];
    entry.producer_output = layer.outputs[0];
    entry.old_weight = rewrite.old_weight;
    entry.old_bias = rewrite.old_bias;
    entry.new_weight = rewrite.new_weight;
    entry.new_bias = rewrite.new_bias;
    entry.add_node = rewrite.add_node;
    for (const AffineStep& step : outcome.chain.steps) {
      entry.steps.push_back(step.record);
      if (step.record.output == entry.output || step.record.op_type != "BatchNormalization") continue;
      FoldEntry& earlier = map_.entries[entry_of_.at(step.record.output)];
      earlier.folded = true;
      earlier.code = "F60";
      earlier.reason = fmt::format("folded into {} together with '{}'", layer.label(), entry.batch_norm);
      earlier.remedy.clear();
      earlier.facts = step.facts;
      earlier.into = entry.output;
    }
  }

  Model model_;
  FoldOptions options_;
  FoldMap map_;
  std::unordered_map<std::string, std::size_t> entry_of_;
};

/// Before IR version 4 every constant had to be an input as well; from 4 on that would let callers override it.
void separate_constants(Model& model) {
  if (model.ir_version >= kFirstIrWithSeparateInitializers) return;
  model.ir_version = kFirstIrWithSeparateInitializers;
  std::erase_if(model.graph.inputs,
                [&](const ValueInfo& input) { return model.graph.initializer(input.name) != nullptr; });
}

}  // namespace

std::int64_t FoldMap::folded() const {
  return std::count_if(entries.begin(), entries.end(), [](const FoldEntry& entry) { return entry.folded; });
}

Result<FoldResult> fold(const Model& model, const FoldOptions& options) {
  PLEAT_TRY(check(model));
  Model copy = model;
  separate_constants(copy);
  Folder folder(std::move(copy), options);
  PLEAT_TRY(folder.run());
  FoldResult result = std::move(folder).finish();
  if (result.map.folded() == 0) {
    result.folded = model;
    return result;
  }
  result.folded.set_metadata(kMetadataKey, fmt::format(R"({{"version":1,"folded":{}}})", result.map.folded()));
  PLEAT_TRY(check(result.folded));
  return result;
}

}  // namespace pleat
