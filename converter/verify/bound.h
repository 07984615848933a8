#pragma once

#include <map>
#include <set>
#include <string>

#include "converter/fold/exact.h"
#include "converter/verify/evaluator.h"

namespace pleat {

/// An arithmetic, or a type that constants are stored in.
struct Precision {
  double unit_roundoff;    ///< u: half the distance from 1 to the next number
  double smallest_normal;  ///< below it, numbers lose bits
  double half_subnormal;   ///< half the smallest positive number: what gradual underflow may lose per rounding
  double largest;
};
inline constexpr Precision kFloatArithmetic{0x1p-24, 0x1p-126, 0x1p-150, 0x1.fffffep127};
inline constexpr Precision kDoubleArithmetic{0x1p-53, 0x1p-1022, 0x1p-1074, 0x1.fffffffffffffp1023};
Precision precision_of(DType floating);

/// γ_n = n·u / (1 − n·u) of error analysis: what n roundings of relative size u can do to a product (Higham, Accuracy
/// and Stability of Numerical Algorithms, lemma 3.1).
double gamma(double n, double u);

/// The bound of rungs 3 and 4. A region is made of operators that are linear in their data (with constant other
/// operands), and of such as do not enlarge differences and map 0 to 0 (Relu, MaxPool …). So each output element is a
/// sum of products of inputs and constants, and
///   M := the same region with |x| for x, |c| for every constant and + for −
/// is the sum of the absolute values of all those products. Each product meets at most n roundings on its way (n
/// counted along the longest path: every output of Conv, ConvTranspose, Gemm and MatMul is one chain of K fused
/// multiply-adds, a BatchNormalization rounds 8 times, a mean over w elements w + 1 times, a sum or product once), so
/// that each computed output lies within γ_n·M of the exact one. A right rewrite gathers products into fewer constants,
/// whose absolute values are by the triangle inequality no larger: M serves both sides, and is taken from the unfolded
/// one alone, which no mistake of the folder touches. With n_A, n_B roundings of unit u and p new constants on a path
/// of the folded side, each rounded once with unit u_s when stored:
///   |ŷ_A − ŷ_B| <= T = (γ_{n_A} + γ_{n_B} + γ'_p)·M·(1 + 2·γ⁶⁴_{n_A}) + underflow
/// γ' being of u_s, the factor paying for M being itself computed in double. Underflow loses half the smallest number
/// per rounding, times the gain (largest row sum of |w|) of the nodes after it, and for new constants below the
/// smallest normal number at most that number times the largest input each.
struct RoundingCount {
  double roundings = 0;   ///< n
  double stored = 0;      ///< p
  double underflows = 0;  ///< roundings, each times the gain of what follows
  double lost = 0;        ///< by constants too small for their type
  double peak = 0;        ///< no finite value is larger
};

/// What the two sides of one output allow.
struct OutputBound {
  double per_magnitude = 0;
  double fixed = 0;
  double roundings = 0;  ///< n_A + n_B + p

  double at(double magnitude) const { return per_magnitude * magnitude + fixed; }
};
OutputBound output_bound(const RoundingCount& unfolded, const RoundingCount& folded, const Precision& arithmetic,
                         const Precision& storage);

using Shapes = std::map<std::string, Shape>;

/// One side of a region with its constant subexpressions evaluated. Immutable; the model must outlive it.
class BoundedPart {
 public:
  /// `fresh`: constants that were rounded when stored; a zero among them may be a flushed value unless `exact` says
  /// otherwise. kUnsupported names the operator for which no bound is known.
  static Result<BoundedPart> create(const Model& part, const std::set<std::string>& fresh, const ExactConstants* exact,
                                    int threads);

  /// For every value, given the shapes of all of them and the largest finite absolute values of the inputs.
  Result<std::map<std::string, RoundingCount>> count(const Shapes& shapes,
                                                     const std::map<std::string, double>& peaks) const;

  /// Multiply-accumulates of one run.
  Result<double> macs(const Shapes& shapes) const;

  /// M of `wanted`. Magnitudes beyond `largest` become infinite on the way, so that an infinite M tells that some
  /// partial sum may overflow an arithmetic that ends there. `peak` is set to the largest M of all values.
  Result<NamedTensors> magnitudes(const NamedTensors& inputs, const std::set<std::string>& wanted, double largest,
                                  double& peak) const;

 private:
  struct Resolved;
  std::shared_ptr<const Resolved> resolved_;
};

}  // namespace pleat
