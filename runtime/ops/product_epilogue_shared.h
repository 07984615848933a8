#pragma once

#include <array>

#include "runtime/kernels/gemm.h"
#include "runtime/ops/op.h"

namespace pleat {

/// What a matrix product takes over from the operators behind it: up to two additions, then a function.
class ProductEpilogue {
 public:
  bool take(const Activation& f);
  /// The addend has the shape `out` of the output or is one row of it.
  bool take_addend(const Fact& addend, const Shape& out);

  std::size_t addends() const { return count_; }

  /// Into the problem of the output's rows from `row` on; the addends are the last inputs.
  template <class T>
  void place(const RunContext& context, std::int64_t row, GemmProblem<T>& problem) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const std::int64_t step = repeats_[i] ? 0 : problem.n;
      problem.addends[i] = {context.inputs[context.inputs.size() - count_ + i].template as<T>() + row * step, step};
    }
    problem.activation = activation_;
  }

 private:
  std::array<bool, 2> repeats_ = {};  ///< the addend is one row for all
  std::size_t count_ = 0;
  Activation activation_;
};

}  // namespace pleat
