#include <algorithm>
#include <iterator>
#include <map>

#include "runtime/ops/channel_gather_shared.h"
#include "runtime/passes/passes.h"

namespace pleat {
namespace {

using Origins = std::vector<ChannelOrigin>;

/// Writes each output that only picks channels as one gather from values that do not.
class ChannelMoves {
 public:
  explicit ChannelMoves(PlanDraft& draft) : draft_(draft), readers_(draft.readers()), makers_(draft.makers()) {}

  Status join() {
    for (std::size_t step = 0; step < draft_.steps.size(); ++step) PLEAT_TRY(replace_shuffle(step));
    draft_.drop_emptied_steps();
    makers_ = draft_.makers();
    for (std::size_t i = 0; i < draft_.steps.size(); ++i) look_through(i);
    take_over_gathers();
    drop_unread();
    return {};
  }

 private:
  /// Reshape [N,C,…] to [N,a,b,…], Transpose to [N,b,a,…] and Reshape back is a shuffle of channels.
  Status replace_shuffle(std::size_t index) {
    PlanDraft::Step& transpose = draft_.steps[index];
    if (transpose.op == nullptr || transpose.op->permutation() != std::vector<std::int64_t>{0, 2, 1, 3, 4}) return {};
    const std::size_t before = maker_of_view(transpose.inputs[0]), after = only_view_of(transpose.outputs[0]);
    if (before == PlanDraft::kNone || after == PlanDraft::kNone) return {};
    const std::size_t x = draft_.steps[before].inputs[0], y = draft_.steps[after].outputs[0];
    const Shape& from = draft_.values[x].fact.shape;
    const Shape& cut = draft_.values[transpose.inputs[0]].fact.shape;
    if (!draft_.is_float_value(x) || from.rank() != 4 || draft_.values[y].fact.shape != from ||
        cut != Shape{from[0], cut[1], cut[2], from[2], from[3]})
      return {};
    Origins origins;
    for (std::int64_t b = 0; b < cut[2]; ++b)
      for (std::int64_t a = 0; a < cut[1]; ++a) origins.push_back({0, static_cast<std::int32_t>(a * cut[2] + b)});
    transpose.op = make_channel_gather(std::move(origins));
    transpose.op_type = "ChannelGather";
    transpose.inputs = {x};
    transpose.outputs = {y};
    draft_.steps[after].op.reset();
    if (readers_[draft_.steps[before].outputs[0]].size() == 1) draft_.steps[before].op.reset();
    return transpose.op->infer(draft_.facts_of({x})).map([](auto&&) {});
  }

  std::size_t maker_of_view(std::size_t value) const {
    const std::size_t maker = makers_[value];
    if (maker == PlanDraft::kNone || draft_.steps[maker].op == nullptr || !draft_.steps[maker].op->view_of())
      return PlanDraft::kNone;
    return draft_.is_output(value) ? PlanDraft::kNone : maker;
  }

  std::size_t only_view_of(std::size_t value) const {
    if (readers_[value].size() != 1 || draft_.is_output(value)) return PlanDraft::kNone;
    const std::size_t reader = readers_[value][0];
    return draft_.steps[reader].op != nullptr && draft_.steps[reader].op->view_of() ? reader : PlanDraft::kNone;
  }

  struct Gather {
    std::vector<std::size_t> sources;
    Origins origins;
  };

  /// A step that picks channels takes them from in front of the joins and shuffles before it. Joins by themselves stay:
  /// their parts can be made in place.
  void look_through(std::size_t index) {
    const PlanDraft::Step& step = draft_.steps[index];
    for (std::size_t output = 0; step.op_type != "Concat" && output < step.outputs.size(); ++output) {
      Gather gather = {step.inputs, step.op->channel_origins(output)};
      if (gather.origins.empty() || step.outputs[output] == PlanDraft::kNone) continue;
      gather.sources.resize(1 + static_cast<std::size_t>(greatest_source(gather.origins)));
      while (resolve(gather)) {
      }
      const bool floats = std::all_of(gather.sources.begin(), gather.sources.end(),
                                      [&](std::size_t source) { return draft_.is_float_value(source); });
      if (floats) gathers_.emplace(step.outputs[output], std::move(gather));
    }
  }

  static std::int32_t greatest_source(const Origins& origins) {
    return std::max_element(origins.begin(), origins.end(),
                            [](const ChannelOrigin& a, const ChannelOrigin& b) { return a.source < b.source; })
        ->source;
  }

  /// What `value` is a join or shuffle of, nothing left out; empty where it is not.
  Origins all_of_its_inputs(std::size_t value) const {
    const std::size_t maker = makers_[value];
    if (maker == PlanDraft::kNone || draft_.steps[maker].outputs.size() != 1) return {};
    const PlanDraft::Step& step = draft_.steps[maker];
    Origins origins = step.op->channel_origins(0);
    if (origins.empty()) return {};
    std::int64_t channels = 0;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(greatest_source(origins)); ++i)
      channels += draft_.values[step.inputs[i]].fact.shape[1];
    return channels == static_cast<std::int64_t>(origins.size()) ? origins : Origins{};
  }

  /// True where a source was a join or shuffle and its own inputs are the sources now.
  bool resolve(Gather& gather) const {
    Gather resolved;
    bool deeper = false;
    std::vector<Origins> inner;
    for (std::size_t source : gather.sources) inner.push_back(all_of_its_inputs(source));
    for (ChannelOrigin origin : gather.origins) {
      std::size_t source = gather.sources[static_cast<std::size_t>(origin.source)];
      if (const Origins& from = inner[static_cast<std::size_t>(origin.source)]; !from.empty()) {
        const ChannelOrigin& at = from[static_cast<std::size_t>(origin.channel)];
        source = draft_.steps[makers_[source]].inputs[static_cast<std::size_t>(at.source)];
        origin.channel = at.channel;
        deeper = true;
      }
      const auto found = std::find(resolved.sources.begin(), resolved.sources.end(), source);
      origin.source = static_cast<std::int32_t>(std::distance(resolved.sources.begin(), found));
      if (found == resolved.sources.end()) resolved.sources.push_back(source);
      resolved.origins.push_back(origin);
    }
    gather = std::move(resolved);
    return deeper;
  }

  /// Each gather stands where its output was made.
  void take_over_gathers() {
    std::vector<PlanDraft::Step> steps;
    for (std::size_t i = 0; i < draft_.steps.size(); ++i) {
      PlanDraft::Step& step = draft_.steps[i];
      const std::string label = step.label;
      for (std::size_t& output : step.outputs) {
        const auto found = gathers_.find(output);
        if (found == gathers_.end()) continue;
        PlanDraft::Step gather{
            label, "ChannelGather", make_channel_gather(found->second.origins), found->second.sources, {output}};
        steps.push_back(std::move(gather));
        output = PlanDraft::kNone;
      }
      const bool empty =
          std::all_of(step.outputs.begin(), step.outputs.end(), [](auto o) { return o == PlanDraft::kNone; });
      if (!empty) steps.push_back(std::move(step));
    }
    draft_.steps = std::move(steps);
  }

  void drop_unread() {
    const auto readers = draft_.readers();
    std::vector<std::size_t> reads(readers.size());
    for (std::size_t i = 0; i < reads.size(); ++i) reads[i] = readers[i].size();
    for (std::size_t i = draft_.steps.size(); i-- > 0;) {
      PlanDraft::Step& step = draft_.steps[i];
      const bool unread = std::all_of(step.outputs.begin(), step.outputs.end(), [&](std::size_t output) {
        return output == PlanDraft::kNone || (reads[output] == 0 && !draft_.is_output(output));
      });
      if (!unread) continue;
      for (std::size_t input : step.inputs)
        if (input != PlanDraft::kNone) --reads[input];
      step.op.reset();
    }
    draft_.drop_emptied_steps();
  }

  PlanDraft& draft_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::size_t> makers_;
  std::map<std::size_t, Gather> gathers_;  ///< by the value they make
};

}  // namespace

Status join_channel_moves(PlanDraft& draft) { return ChannelMoves(draft).join(); }

}  // namespace pleat
