#pragma once

#include "converter/fold/batch_norm.h"
#include "converter/fold/draft.h"

namespace pleat {

/// What a rule is asked for: `node` shall give map(its first output) under the name `name`. Nothing else sees that
/// output; it may be renamed at will.
struct Request {
  std::size_t node = 0;
  AxisAffine map;
  std::string name;
};

/// Carries a map from the node that applies it back to the layers whose constants can take it over. Each operator on
/// the way has a rule: a layer takes the map, an affine step joins it, an operator that moves, averages or adds values
/// passes it on to its inputs. All gates are passed before anything changes; a copy of the walk goes back.
class Backward {
 public:
  /// `last` is the node whose map is carried, `onto_arithmetic`: where no layer is reached, a Mul and Add may take it.
  Backward(const FoldContext& context, std::size_t last, bool onto_arithmetic)
      : draft(context), nearest_step(last), context_(&context), onto_arithmetic_(onto_arithmetic) {}

  /// Makes `value`, which only `reader` may see, come out as map(value) under `name`.
  Attempt<void> absorb(const std::string& value, AxisAffine map, std::size_t reader, const std::string& name);

  const FoldContext& context() const { return *context_; }
  const Node& node(std::size_t position) const { return context_->node(position); }
  bool onto_arithmetic() const { return onto_arithmetic_; }

  Draft draft;
  std::size_t nearest_step;    ///< the removed node nearest to the layer: an Add behind a MatMul takes its name
  const char* misfit = "F80";  ///< what to say where the map does not vary along the layer's channels

 private:
  Attempt<void> check_private(const std::string& value, std::size_t reader, const std::string& name);

  const FoldContext* context_;
  bool onto_arithmetic_;
};

using BackwardRule = Attempt<void> (*)(Backward& walk, const Request& request);

// Layers
Attempt<void> absorb_conv(Backward& walk, const Request& request);
Attempt<void> absorb_conv_transpose(Backward& walk, const Request& request);
Attempt<void> absorb_gemm(Backward& walk, const Request& request);
Attempt<void> absorb_matmul(Backward& walk, const Request& request);
// Affine steps
Attempt<void> absorb_batch_norm(Backward& walk, const Request& request);
Attempt<void> absorb_arithmetic(Backward& walk, const Request& request);
Attempt<void> absorb_neg(Backward& walk, const Request& request);
// Moves
Attempt<void> absorb_identity(Backward& walk, const Request& request);
Attempt<void> absorb_dropout(Backward& walk, const Request& request);
Attempt<void> absorb_cast(Backward& walk, const Request& request);
Attempt<void> absorb_transpose(Backward& walk, const Request& request);
Attempt<void> absorb_reshape(Backward& walk, const Request& request);
Attempt<void> absorb_squeeze(Backward& walk, const Request& request);
Attempt<void> absorb_depth_to_space(Backward& walk, const Request& request);
Attempt<void> absorb_slice(Backward& walk, const Request& request);
// Joins
Attempt<void> absorb_concat(Backward& walk, const Request& request);
Attempt<void> absorb_sum(Backward& walk, const Request& request);
// Windows
Attempt<void> absorb_average_pool(Backward& walk, const Request& request);
Attempt<void> absorb_global_average_pool(Backward& walk, const Request& request);
Attempt<void> absorb_reduce_mean(Backward& walk, const Request& request);
Attempt<void> absorb_max_pool(Backward& walk, const Request& request);
Attempt<void> absorb_pad(Backward& walk, const Request& request);
Attempt<void> absorb_resize(Backward& walk, const Request& request);

/// The node stays: it reads `input` after `map` instead, and makes the requested name.
Attempt<void> pass_on(Backward& walk, const Request& request, std::size_t input, AxisAffine map);

/// Why a map can go no further back than `node` (null: the value comes from outside the graph).
Refusal not_linear(const Node* node, const std::string& value);

}  // namespace pleat
