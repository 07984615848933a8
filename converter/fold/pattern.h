#pragma once

#include "converter/fold/chain.h"
#include "converter/fold/fold.h"
#include "runtime/graph/patch.h"

namespace pleat {

/// What folding a chain into its layer would do, nothing being done yet.
struct Rewrite {
  Patch patch;
  std::string code;  ///< row of the reason table
  std::string old_weight, old_bias;
  std::string new_weight, new_bias;
  std::string add_node;
  std::int64_t flushed = 0;
};

/// Gates 6 to 8 for one kind of layer, then its rewrite. Called with a chain that passed gates 1 to 5.
using Pattern = Attempt<Rewrite> (*)(const FoldContext&, const AffineChain&, const FoldOptions&);

Attempt<Rewrite> fold_conv(const FoldContext& context, const AffineChain& chain, const FoldOptions& options);
Attempt<Rewrite> fold_gemm(const FoldContext& context, const AffineChain& chain, const FoldOptions& options);
Attempt<Rewrite> fold_matmul(const FoldContext& context, const AffineChain& chain, const FoldOptions& options);

/// The layer's constants, folded, with fresh names "<layer>.folded_weight" and "<layer>.folded_bias".
class FoldedLayer {
 public:
  FoldedLayer(const FoldContext& context, const AffineChain& chain, const FoldOptions& options);

  /// Reads input 1; refuses what is not a finite floating-point constant whose `axis` (negative: from the end) counts
  /// the chain's channels.
  Attempt<Tensor> read_weight(int rank, int axis) const;

  /// F28 where a folded value does not fit the weight's type.
  Attempt<void> set_weight(const Tensor& weight, int axis);
  Attempt<void> set_bias(std::span<const DoubleDouble> bias, Shape shape, DType dtype);

  /// The patch that puts `nodes` in the place of layer and steps, together with the constants set so far.
  Rewrite finish(std::string code, std::vector<Node> nodes) &&;

  const std::string& weight_name() const { return rewrite_.new_weight; }
  const std::string& bias_name() const { return rewrite_.new_bias; }
  void set_old_bias(std::string name) { rewrite_.old_bias = std::move(name); }
  void set_add_node(std::string name) { rewrite_.add_node = std::move(name); }

 private:
  Attempt<void> keep(Result<FoldedTensor> folded, const std::string& name);

  const FoldContext& context_;
  const AffineChain& chain_;
  FoldOptions options_;
  Rewrite rewrite_;
};

}  // namespace pleat
