#include "runtime/ops/variadic_shared.h"

#include <algorithm>
#include <type_traits>

#include "runtime/graph/attributes.h"
#include "runtime/ops/broadcast_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"

namespace pleat {
namespace {

/// At least this many elements for each thread that takes part.
constexpr std::int64_t kGrain = 16384;

template <class T>
T sum_of(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Bits>(a) + static_cast<Bits>(b));
  } else {
    return a + b;
  }
}

template <Variadic kind, class T>
T join(T a, T b) {
  if constexpr (kind == Variadic::kMax) return b > a || b != b ? b : a;
  if constexpr (kind == Variadic::kMin) return b < a || b != b ? b : a;
  return sum_of(a, b);
}

template <class T, class F>
void row(std::int64_t count, std::int64_t step, const T* from, T* y, const F& f) {
  if (step == 1)
    for (std::int64_t i = 0; i < count; ++i) y[i] = f(y[i], from[i]);
  else
    for (std::int64_t i = 0; i < count; ++i) y[i] = f(y[i], from[i * step]);
}

/// y = f(y, x) over the first `count` turns of loops[0], with all loops inside; b is the side of x.
template <class T, class F>
void walk(std::span<const BroadcastLoop> loops, std::int64_t count, const T* x, T* y, const F& f) {
  const BroadcastLoop& loop = loops[0];
  if (loops.size() == 1) return row(count, loop.b_step, x, y, f);
  for (std::int64_t i = 0; i < count; ++i)
    walk(loops.subspan(1), loops[1].size, x + i * loop.b_step, y + i * loop.out_step, f);
}

class VariadicOperator final : public Operator {
 public:
  VariadicOperator(Variadic kind, bool broadcasts) : kind_(kind), broadcasts_(broadcasts) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    if (inputs.empty()) return fail(Error::invalid("there are no inputs"));
    PLEAT_TRY(expect_inputs(inputs, inputs.size(), inputs.size()));
    const DType dtype = inputs[0].dtype;
    if (!is_number(dtype))
      return fail(Error::unsupported("no arithmetic on this element type").saw(std::string(dtype_name(dtype))));
    Shape out = inputs[0].shape;
    for (const Fact& input : inputs) {
      if (input.dtype != dtype) return fail(Error::invalid("the inputs are not of one type"));
      if (!broadcasts_ && input.shape != out)
        return fail(Error::invalid("the inputs are not of one shape").expect(out.text()).saw(input.shape.text()));
      PLEAT_ASSIGN(out, broadcast(out, input.shape));
    }
    PLEAT_TRY(checked_elements(out.dims(), size_of(dtype)));
    loops_.clear();
    for (const Fact& input : inputs) loops_.push_back(broadcast_loops(out, input.shape, out));
    return std::vector<Fact>{{dtype, std::move(out), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    if (context.outputs[0].elements() == 0) return;
    with_number(context.outputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      switch (kind_) {
        case Variadic::kMax: return run_joined<Variadic::kMax, T>(context);
        case Variadic::kMin: return run_joined<Variadic::kMin, T>(context);
        default: return run_joined<Variadic::kSum, T>(context);
      }
    });
  }

 private:
  template <Variadic kind, class T>
  void run_joined(const RunContext& context) const {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      if (i == 0)
        over_input<T>(context, i, [](T, T x) { return x; });
      else
        over_input<T>(context, i, [](T y, T x) { return join<kind>(y, x); });
    }
    if (kind_ != Variadic::kMean) return;
    T* y = context.outputs[0].as<T>();
    const T count = static_cast<T>(loops_.size());
    for (std::int64_t i = context.outputs[0].elements(); i > 0; --i, ++y) *y /= count;
  }

  template <class T, class F>
  void over_input(const RunContext& context, std::size_t input, const F& f) const {
    const std::vector<BroadcastLoop>& loops = loops_[input];
    const T* x = context.inputs[input].as<T>();
    T* y = context.outputs[0].as<T>();
    const std::int64_t inside = context.outputs[0].elements() / loops[0].size;
    context.pool->parallel_for(loops[0].size, kGrain / inside + 1, [&](std::int64_t begin, std::int64_t end) {
      walk<T>(loops, end - begin, x + begin * loops[0].b_step, y + begin * loops[0].out_step, f);
    });
  }

  Variadic kind_;
  bool broadcasts_;
  std::vector<std::vector<BroadcastLoop>> loops_;  ///< of each input beside the output
};

}  // namespace

Result<std::unique_ptr<Operator>> make_variadic(Variadic kind, const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  if (opset < 6) reader.ignore("consumed_inputs");
  PLEAT_TRY(reader.finish());
  return std::make_unique<VariadicOperator>(kind, opset >= 8);
}

}  // namespace pleat
