#include "converter/fold/fold.h"

#include <fmt/format.h>

#include <algorithm>

#include "converter/fold/backward.h"
#include "converter/fold/forward.h"
#include "converter/fold/place.h"
#include "converter/fold/prepare.h"
#include "converter/fold/sizes.h"
#include "converter/fold/stand_alone.h"
#include "converter/fold/tidy.h"
#include "converter/fold/warnings.h"
#include "converter/fold/written_out.h"
#include "runtime/onnx/training_info.h"

namespace pleat {
namespace {

constexpr const char* kMetadataKey = "pleat.fold";

/// A fold whose gates are passed: what it does to the graph and what the map says of it.
struct Outcome {
  Draft draft;
  std::optional<ChannelFacts> facts;
};

Attempt<Outcome> fold_backward(const FoldContext& context, std::size_t position) {
  auto step = batch_norm_step(context, position);
  if (!step) return tl::unexpected(step.error());
  Backward walk(context, position, /*onto_arithmetic=*/true);
  const Node& node = context.node(position);
  walk.draft.remove(position);
  auto done = walk.absorb(node.inputs[0], AxisAffine::per_channel(step->affine), position, node.outputs[0]);
  if (!done) return tl::unexpected(done.error());
  return Outcome{std::move(walk.draft), std::move(step->facts)};
}

Attempt<Outcome> fold_forward(const FoldContext& context, std::size_t position) {
  auto step = batch_norm_step(context, position);
  if (!step) return tl::unexpected(step.error());
  Forward walk(context);
  const Node& node = context.node(position);
  walk.draft.remove(position);
  auto done = walk.hand_on(node.outputs[0], AxisAffine::per_channel(step->affine), node.inputs[0]);
  if (!done) return tl::unexpected(done.error());
  return Outcome{std::move(walk.draft), std::move(step->facts)};
}

Attempt<Outcome> fold_written_out(const FoldContext& context, const WrittenOut& chain) {
  Backward walk(context, chain.last, /*onto_arithmetic=*/false);
  const Node& node = context.node(chain.last);
  // A uniform map that changes nothing lets the last node's own rule begin.
  const std::string name = node.outputs[0];
  auto done = absorb_arithmetic(walk, {chain.last, AxisAffine::uniform(1.0, {}), name});
  if (!done) return tl::unexpected(done.error());
  if (walk.draft.saved_nodes() <= 0) return refuse("F115", "nothing would be saved");
  walk.draft.mark("F79");
  return Outcome{std::move(walk.draft), {}};
}

bool says_no_layer(const Refusal& refusal) {
  return refusal.code == "F115" || refusal.code == "F87" || refusal.code == "F104";
}

class Folder {
 public:
  Folder(Model source, const FoldOptions& options, FoldMap map) : options_(options) {
    result_.source = std::move(source);
    result_.folded = result_.source;
    unshare(result_.folded.graph);
    result_.map = std::move(map);
    places_ = places_of(result_.folded);
    for (const Place& place : places_) list_batch_norms(place);
  }

  Status run() {
    if (has_training_info(result_.source)) {
      for (FoldEntry& entry : result_.map.entries)
        keep(entry,
             {"F121", "the model carries training information, which names its constants",
              "drop the model's training_info"},
             fold_backward);
      return {};
    }
    for (const Place& place : places_) {
      PLEAT_TRY(sweep(place, fold_backward));
      PLEAT_TRY(fold_written_out_ones(place));
      PLEAT_TRY(sweep(place, fold_forward));
      if (options_.decompose) PLEAT_TRY(sweep(place, decomposed));
    }
    return {};
  }

  FoldResult finish() && { return std::move(result_); }

 private:
  using Fold = Attempt<Outcome> (*)(const FoldContext&, std::size_t);

  static Attempt<Outcome> decomposed(const FoldContext& context, std::size_t position) {
    auto draft = mul_and_add(context, position);
    if (!draft) return tl::unexpected(draft.error());
    return Outcome{std::move(*draft), {}};
  }

  FoldContext context_of(const Place& place) const {
    return {result_.folded, *place.graph, options_, place.outer, &result_.constants};
  }

  void list_batch_norms(const Place& place) {
    const FoldContext context = context_of(place);
    for (std::size_t i = 0; i < place.graph->nodes.size(); ++i) {
      const Node& node = place.graph->nodes[i];
      if (!node.is("BatchNormalization")) continue;
      FoldEntry entry;
      entry.graph = place.path;
      entry.batch_norm = name_of(node);
      entry.output = node.outputs.empty() ? std::string() : node.outputs[0];
      if (const auto step = batch_norm_step(context, i)) entry.facts = step->facts;
      now_.push_back(entry.output);
      result_.map.entries.push_back(std::move(entry));
    }
  }

  /// Of the BatchNormalization that makes `output` now.
  static std::optional<std::size_t> position_of(const Place& place, const std::string& output) {
    const auto& nodes = place.graph->nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes[i].is("BatchNormalization") && !nodes[i].outputs.empty() && nodes[i].outputs[0] == output) return i;
    return std::nullopt;
  }

  /// From the last BatchNormalization to the first, so that a chain of them is folded as one, until nothing changes.
  Status sweep(const Place& place, Fold fold) {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = result_.map.entries.size(); i-- > 0;) {
        FoldEntry& entry = result_.map.entries[i];
        if (entry.folded || entry.decomposed || entry.written_out || entry.graph != place.path) continue;
        const auto position = position_of(place, now_[i]);
        if (!position) return fail(Error::internal("a BatchNormalization is gone: '" + entry.output + "'"));
        const FoldContext context = context_of(place);
        auto outcome = fold(context, *position);
        if (!outcome) {
          keep(entry, std::move(outcome).error(), fold);
          continue;
        }
        PLEAT_TRY(take(place, entry, std::move(*outcome), fold == decomposed));
        changed = true;
      }
    }
    return {};
  }

  /// The reason told is the backward one, unless there is no layer behind it and one in front of it.
  static void keep(FoldEntry& entry, Refusal refusal, Fold fold) {
    const Refusal told{entry.code, {}, {}};
    if (fold == decomposed) return;
    if (fold == fold_forward && (!says_no_layer(told) || refusal.code == "F115")) return;
    entry.code = std::move(refusal.code);
    entry.reason = std::move(refusal.detail);
    entry.remedy = std::move(refusal.remedy);
  }

  Status take(const Place& place, FoldEntry& entry, Outcome outcome, bool decomposed) {
    Draft& draft = outcome.draft;
    entry.folded = !decomposed;
    entry.decomposed = decomposed;
    if (!decomposed) entry.code = draft.code;
    std::string targets;
    for (const std::string& target : draft.targets) targets += (targets.empty() ? "'" : ", '") + target + "'";
    entry.reason = decomposed ? entry.reason + "; now Mul and Add" : fmt::format("folded into {}", targets);
    if (!decomposed) entry.remedy.clear();
    entry.targets = draft.targets;
    if (outcome.facts) entry.facts = *outcome.facts;
    entry.facts.flushed = draft.flushed;
    for (const std::string& output : draft.absorbed) absorb(place, entry, output);
    if (draft.renamed)
      for (std::size_t i = 0; i < now_.size(); ++i)
        if (now_[i] == draft.renamed->first && result_.map.entries[i].graph == place.path)
          now_[i] = draft.renamed->second;
    auto finished = std::move(draft).finish(fmt::format("fold {}", entry.batch_norm));
    for (const auto& [name, exact] : finished.constants) entry.new_constants.push_back(name);
    const std::vector<ValueInfo> inputs = as_inputs(place, finished.patch);
    result_.constants.merge(finished.constants);
    PLEAT_TRY(apply(std::move(finished.patch), *place.graph));
    place.graph->inputs.insert(place.graph->inputs.end(), inputs.begin(), inputs.end());
    return {};
  }

  void absorb(const Place& place, const FoldEntry& last, const std::string& output) {
    for (std::size_t i = 0; i < now_.size(); ++i) {
      FoldEntry& earlier = result_.map.entries[i];
      if (earlier.graph != place.path || now_[i] != output || earlier.folded) continue;
      earlier.folded = true;
      earlier.code = "F60";
      earlier.reason = fmt::format("folded together with '{}'", last.batch_norm);
      earlier.remedy.clear();
      earlier.into = last.output;
      earlier.targets = last.targets;
    }
  }

  /// Before IR version 4 a constant has to be an input as well.
  std::vector<ValueInfo> as_inputs(const Place& place, const Patch& patch) const {
    std::vector<ValueInfo> inputs;
    if (result_.folded.ir_version >= 4 || !place.path.empty()) return inputs;
    for (const Initializer& initializer : patch.add_initializers) {
      ValueInfo info;
      info.name = initializer.name;
      info.type.dtype = initializer.tensor.dtype();
      info.type.shape.emplace();
      for (const std::int64_t dim : initializer.tensor.shape()) info.type.shape->push_back({dim, {}, {}, {}});
      inputs.push_back(std::move(info));
    }
    return inputs;
  }

  Status fold_written_out_ones(const Place& place) {
    std::vector<std::string> told = now_;
    for (bool changed = true; changed;) {
      changed = false;
      const FoldContext context = context_of(place);
      for (const WrittenOut& chain : written_out(context)) {
        FoldEntry entry;
        entry.graph = place.path;
        entry.batch_norm = name_of(context.node(chain.last));
        entry.output = context.node(chain.last).outputs[0];
        entry.written_out = true;
        if (std::ranges::find(told, entry.output) != told.end()) continue;
        told.push_back(entry.output);
        auto outcome = fold_written_out(context, chain);
        if (outcome) {
          PLEAT_TRY(take(place, entry, std::move(*outcome), false));
          result_.map.entries.push_back(std::move(entry));
          changed = true;
          break;
        }
        const bool looks_like_one = chain.shifts && chain.nodes.size() > 1;
        if (!looks_like_one || says_no_layer(outcome.error())) continue;
        keep(entry, std::move(outcome.error()), fold_backward);
        result_.map.entries.push_back(std::move(entry));
      }
    }
    return {};
  }

  FoldOptions options_;
  FoldResult result_;
  std::vector<Place> places_;
  std::vector<std::string> now_;  ///< per BatchNormalization listed: the value it makes by now
};

}  // namespace

std::int64_t FoldMap::folded() const {
  return std::ranges::count_if(entries, [](const FoldEntry& entry) { return entry.folded; });
}

Result<FoldResult> fold(const Model& model, const FoldOptions& options) {
  PLEAT_TRY(check(model));
  FoldMap map;
  PLEAT_ASSIGN(Model source, prepare(model, options, map));
  Folder folder(std::move(source), options, std::move(map));
  PLEAT_TRY(folder.run());
  FoldResult result = std::move(folder).finish();
  add_warnings(model, result);
  const bool changed =
      std::ranges::any_of(result.map.entries, [](const FoldEntry& entry) { return entry.folded || entry.decomposed; });
  if (!changed) {
    result.source = model;
    result.folded = model;
    result.map.inlined.clear();
    return result;
  }
  remove_idle(result);
  share_equal_constants(result);
  result.folded.set_metadata(kMetadataKey, fmt::format(R"({{"version":1,"folded":{}}})", result.map.folded()));
  PLEAT_TRY(check(result.folded));
  return result;
}

}  // namespace pleat
