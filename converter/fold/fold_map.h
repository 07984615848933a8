#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pleat {

/// What the scales of one fold look like. Channels are told by number.
struct ChannelFacts {
  std::int64_t channels = 0;
  double min_scale = 0;                         ///< smallest |γ/√(σ²+ε)|
  double max_scale = 0;                         ///< largest
  std::vector<std::int64_t> dead;               ///< γ = 0: the output is constant
  std::vector<std::int64_t> amplifying;         ///< σ² ≤ ε, σ² + ε < 1: ε, not data, magnifies
  std::vector<std::int64_t> negative_variance;  ///< σ² < 0 < σ²+ε: legal, but no variance
  std::int64_t flushed = 0;                     ///< folded values below the smallest normal float, set to 0
};

/// What became of one BatchNormalization, or of one written out as a chain of Sub, Mul, Div and Add.
struct FoldEntry {
  std::string graph;       ///< "" for the model's graph, else the way to the inner graph: "if1.then_branch"
  std::string batch_norm;  ///< node name, or its output where it has none; of the last node of a written-out one
  std::string output;      ///< the value it makes; survives folding
  bool written_out = false;
  bool folded = false;
  bool decomposed = false;  ///< kept, but as Mul and Add
  std::string code;         ///< row of the reason table: "F31" for a fold, "F39" for a refusal
  std::string reason;       ///< one sentence
  std::string remedy;       ///< for a refusal that the owner of the model can lift; may be empty
  ChannelFacts facts;       ///< where the parameters could be read
  std::string into;         ///< folded: output of the later BatchNormalization folded in the same step, if there is one
  std::vector<std::string> targets;        ///< folded: names of the layers that took it over
  std::vector<std::string> new_constants;  ///< folded: initializers it brought
};

struct FoldMap {
  std::vector<FoldEntry> entries;     ///< one per BatchNormalization, in node order, inner graphs after their node
  std::vector<std::string> warnings;  ///< what concerns the whole model, one sentence each
  std::vector<std::string> inlined;   ///< model-local functions whose calls were replaced by their bodies

  std::int64_t folded() const;
  std::int64_t kept() const { return static_cast<std::int64_t>(entries.size()) - folded(); }
};

}  // namespace pleat
