#pragma once

#include <algorithm>

#include "runtime/graph/attributes.h"
#include "runtime/ops/broadcast_shared.h"
#include "runtime/ops/op.h"

namespace pleat {

/// Two inputs that broadcast, and how to walk them. From opset 7 both sides broadcast; before, B broadcasts to A where
/// the attribute `broadcast` says so, its axes placed from `axis` on.
class BroadcastPair {
 public:
  BroadcastPair(AttributeReader& reader, std::int64_t opset);

  /// The output's shape; from then on `run` can be called.
  Result<Shape> join(const Shape& a, const Shape& b);

  /// B's shape under A's axes; after join.
  const Shape& right() const { return right_; }

  /// The input that an output of this type may overwrite.
  static std::optional<int> overwritable(std::span<const Fact> inputs, DType dtype, std::int64_t elements);

  /// out = f(a, b), element by element, on the threads of the pool.
  template <class A, class B, class Out, class F>
  void run(const RunContext& context, F f) const noexcept {
    run_rows<A, B, Out>(context, [f](const BroadcastLoop& loop, std::int64_t count, const A* a, const B* b, Out* out) {
      for (std::int64_t i = 0; i < count; ++i) out[i] = f(a[i * loop.a_step], b[i * loop.b_step]);
    });
  }

  /// The same by row(loop, count, a, b, out), which does `count` turns of an innermost loop. There out_step is 1 and
  /// the other steps are 0 or 1.
  template <class A, class B, class Out, class Row>
  void run_rows(const RunContext& context, Row row) const noexcept {
    const std::int64_t elements = context.outputs[0].elements();
    if (elements == 0) return;
    const BroadcastLoop& outer = loops_[0];
    const std::int64_t grain = std::max<std::int64_t>(1, kGrain / (elements / outer.size));
    context.pool->parallel_for(outer.size, grain, [&](std::int64_t begin, std::int64_t end) {
      walk(loops_, end - begin, context.inputs[0].as<A>() + begin * outer.a_step,
           context.inputs[1].as<B>() + begin * outer.b_step, context.outputs[0].as<Out>() + begin * outer.out_step,
           row);
    });
  }

 private:
  /// At least this many elements for each thread that takes part.
  static constexpr std::int64_t kGrain = 16384;

  Result<Shape> placed(const Shape& a, const Shape& b) const;

  /// The first `count` turns of loops[0], with all loops inside.
  template <class A, class B, class Out, class Row>
  static void walk(std::span<const BroadcastLoop> loops, std::int64_t count, const A* a, const B* b, Out* out,
                   const Row& row) {
    const BroadcastLoop& loop = loops[0];
    if (loops.size() == 1) return row(loop, count, a, b, out);
    for (std::int64_t i = 0; i < count; ++i)
      walk(loops.subspan(1), loops[1].size, a + i * loop.a_step, b + i * loop.b_step, out + i * loop.out_step, row);
  }

  struct Legacy {
    bool broadcast;
    std::optional<std::int64_t> axis;
  };
  std::optional<Legacy> legacy_;
  Shape right_;
  std::vector<BroadcastLoop> loops_;
};

}  // namespace pleat
