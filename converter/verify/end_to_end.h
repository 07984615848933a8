#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "converter/verify/evaluator.h"
#include "converter/verify/plain_tolerance.h"
#include "converter/verify/samples.h"
#include "converter/verify/verdict.h"

namespace pleat {

struct EndToEndOptions {
  std::uint64_t noise_seed = 20240229;    ///< of the perturbed runs
  std::optional<PlainTolerance> plain{};  ///< judge the outputs by this instead of by derived tolerances
};

/// Rungs 5 and 6, for any two models of one interface. The unfolded network in double is the truth y; each network's
/// error is its largest distance from it over a sample set, e = max|ŷ − y|. The folded one passes where
///   e_F <= max(4·e_U + T, 8·σ),
/// T being what rounding may do in the last linear layer before the output (last_layer.h), σ how far the outputs move
/// when the constants carry the arithmetic's rounding as random errors (noise.h). σ is measured on the first batch of
/// the first set, and wherever 4·e_U + T does not do. NaN and infinity must stand in the same places (rung 6), but
/// where a value that is finite in double overflows in another order.
///
/// Where a node's output jumps (decisions.h) all runs go on from what the unfolded network decided: each stretch of the
/// network is judged by itself, and each decision by the distance of its input from the jump.
class EndToEnd {
 public:
  /// Both models must outlive the result.
  static Result<std::unique_ptr<EndToEnd>> create(const Model& unfolded, const Model& folded, int threads,
                                                  const EndToEndOptions& options = {});
  ~EndToEnd();

  /// The values of the unfolded network, in its own arithmetic, that `compare` reads.
  const std::set<std::string>& wanted() const;

  /// Runs both networks on one batch. Who has just run the unfolded one hands over its `wanted` values in `unfolded`.
  Status compare(const NamedTensors& inputs, const SampleSet& samples, std::int64_t batch,
                 const NamedTensors* unfolded = nullptr);

  /// Rung 5 and rung 6, in this order.
  std::vector<RungReport> reports() const;

  /// Sets `outputs`, `margins`, `confusions` and `stored` of `verdict`.
  void fill(Verdict& verdict) const;

 private:
  class Comparison;
  EndToEnd();
  std::unique_ptr<Comparison> comparison_;
};

}  // namespace pleat
