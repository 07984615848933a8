#pragma once

#include <cstdint>
#include <span>

#include "runtime/base/thread_pool.h"

namespace pleat {

enum class Reduction {
  kSum,
  kMean,
  kMax,  ///< NaN wins
  kMin,  ///< NaN wins
  kProd,
  kL1,         ///< Σ|x|
  kL2,         ///< √Σx²
  kSumSquare,  ///< Σx²
  kLogSum,     ///< ln Σx, floats only
  kLogSumExp,  ///< ln Σe^(x-m) + m, m the largest x or 0 where that is infinite or there is none; floats only
};

/// `size` turns of `step` elements of x.
struct ReduceLoop {
  std::int64_t size, step;
};

/// y[i0,i1,…] = the reduction of all x[i0·step + … + j0·step + …] over `reduced`, in the order of its loops, for any
/// integer type, float, double and, for kMax and kMin, bool. Loops are outermost first.
///
/// e^x and ln x are reference::exp and reference::log. Sums of floats are those of LaneSum, x² joining its lane as one
/// fused multiply-add. Products are one chain from 1. Integers wrap; their kMean cuts the fraction off, their kL2 is
/// that of doubles, cut off. Without any element kMax is the lowest value of T and kMin the highest (infinities for
/// floats), kMean NaN for floats and 0 for integers.
template <class T>
struct ReduceProblem {
  std::span<const ReduceLoop> kept, reduced;
  const T* x = nullptr;
  T* y = nullptr;
};
template <class T>
void reduce(Reduction reduction, const ReduceProblem<T>& problem, ThreadPool& pool);

}  // namespace pleat
