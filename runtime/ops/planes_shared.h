#pragma once

#include "runtime/kernels/blocked/pool.h"
#include "runtime/kernels/interval.h"
#include "runtime/kernels/unary.h"
#include "runtime/ops/op.h"

/// What operators on planes have in common.

namespace pleat {

/// A float tensor [N,C,H,W] or [N,C,W] that is not empty, as blocked planes without a halo.
Layout blocked_planes(const Fact& fact);

/// An operator whose output 0 lies on planes where its input 0 does; other inputs and outputs stay row-major.
class PlanesFollower : public Operator {
 public:
  std::optional<PlanesForm> planes_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const final;
  void use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) final;

  /// Where this is the largest under each window, on planes: what, but for x and y.
  virtual std::optional<BlockedPooling> max_pooling() const { return std::nullopt; }

 protected:
  struct InOut {
    Planes in, out;
  };

  virtual bool can_follow(std::span<const Fact> inputs) const {
    static_cast<void>(inputs);
    return true;
  }

  std::optional<InOut> planes_;  ///< absent while row-major
};

/// An operator whose output 0, on planes, may be made some rows at a time.
class RowMaker {
 public:
  virtual ~RowMaker() = default;

  /// Whether it may be now. Asked after use_planes.
  virtual bool makes_rows() const = 0;
  /// Rows of block `b` of image `n` as they lie in planes `y_planes` from `y` on, on the calling thread. Needs no
  /// scratch.
  virtual void make_rows(const RunContext& context, const Planes& y_planes, float* y, std::int64_t n, std::int64_t b,
                         Interval rows) const = 0;
};

/// Output 0 = f(output 0), for row-major code that knows no epilogue.
void apply_in_place(const Activation& f, const RunContext& context);

}  // namespace pleat
