#include "runtime/ops/arithmetic_shared.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "runtime/graph/attributes.h"
#include "runtime/ops/broadcast_shared.h"
#include "runtime/ops/move_shared.h"

namespace pleat {
namespace {

/// At least this many elements for each thread that takes part.
constexpr std::int64_t kGrain = 16384;

template <Arithmetic kind, class T>
T compute(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::make_unsigned_t<T>;
    using Wide = std::common_type_t<unsigned, Bits>;
    const Wide x = static_cast<Bits>(a), y = static_cast<Bits>(b);
    if constexpr (kind == Arithmetic::kAdd) return static_cast<T>(x + y);
    if constexpr (kind == Arithmetic::kSub) return static_cast<T>(x - y);
    if constexpr (kind == Arithmetic::kMul) return static_cast<T>(x * y);
    if (b == 0) return 0;
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return static_cast<T>(Wide{0} - x);
    return static_cast<T>(a / b);
  } else {
    if constexpr (kind == Arithmetic::kAdd) return a + b;
    if constexpr (kind == Arithmetic::kSub) return a - b;
    if constexpr (kind == Arithmetic::kMul) return a * b;
    return a / b;
  }
}

template <Arithmetic kind, class T>
void row(const BroadcastLoop& loop, std::int64_t count, const T* a, const T* b, T* out) {
  if (loop.a_step == 1 && loop.b_step == 1) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = compute<kind>(a[i], b[i]);
  } else if (loop.a_step == 1 && loop.b_step == 0) {
    const T repeated = *b;
    for (std::int64_t i = 0; i < count; ++i) out[i] = compute<kind>(a[i], repeated);
  } else if (loop.a_step == 0 && loop.b_step == 1) {
    const T repeated = *a;
    for (std::int64_t i = 0; i < count; ++i) out[i] = compute<kind>(repeated, b[i]);
  } else {
    for (std::int64_t i = 0; i < count; ++i) out[i] = compute<kind>(a[i * loop.a_step], b[i * loop.b_step]);
  }
}

/// The first `count` turns of loops[0], with all loops inside.
template <Arithmetic kind, class T>
void walk(std::span<const BroadcastLoop> loops, std::int64_t count, const T* a, const T* b, T* out) {
  const BroadcastLoop& loop = loops[0];
  if (loops.size() == 1) return row<kind>(loop, count, a, b, out);
  for (std::int64_t i = 0; i < count; ++i)
    walk<kind>(loops.subspan(1), loops[1].size, a + i * loop.a_step, b + i * loop.b_step, out + i * loop.out_step);
}

class ArithmeticOperator final : public Operator {
 public:
  struct Legacy {
    bool broadcast;
    std::optional<std::int64_t> axis;
  };
  ArithmeticOperator(Arithmetic kind, std::optional<Legacy> legacy) : kind_(kind), legacy_(legacy) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    if (inputs[0].dtype != inputs[1].dtype) return fail(Error::invalid("the inputs are not of one type"));
    if (!with_type(inputs[0].dtype, [](auto) {}))
      return fail(
          Error::unsupported("no arithmetic on this element type").saw(std::string(dtype_name(inputs[0].dtype))));
    Shape b = inputs[1].shape;
    if (legacy_) {
      PLEAT_ASSIGN(b, placed(inputs[0].shape, b));
    }
    PLEAT_ASSIGN(Shape out, broadcast(inputs[0].shape, b));
    if (legacy_ && out != inputs[0].shape)
      return fail(Error::invalid("the second input does not broadcast to the first"));
    PLEAT_TRY(checked_elements(out.dims(), size_of(inputs[0].dtype)));
    loops_ = broadcast_loops(inputs[0].shape, b, out);
    overwritable_ = choose_overwritable(inputs, out.elements());
    return std::vector<Fact>{{inputs[0].dtype, std::move(out), std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return overwritable_; }

  void run(const RunContext& context) const noexcept override {
    const std::int64_t elements = context.outputs[0].elements();
    if (elements == 0) return;
    const std::int64_t inside = elements / loops_[0].size;
    const std::int64_t grain = std::max<std::int64_t>(1, kGrain / inside);
    with_type(context.outputs[0].dtype, [&](auto zero) {
      context.pool->parallel_for(loops_[0].size, grain, [&](std::int64_t begin, std::int64_t end) {
        run_typed<decltype(zero)>(context, begin, end);
      });
    });
  }

 private:
  /// B's axes put under A's axes from `axis` on, or under the last ones.
  Result<Shape> placed(const Shape& a, const Shape& b) const {
    if (!legacy_->broadcast) {
      if (a == b) return b;
      return fail(Error::invalid("the shapes differ and the attribute 'broadcast' is not set"));
    }
    const std::int64_t last = static_cast<std::int64_t>(a.rank()) - b.rank();
    const std::int64_t axis = legacy_->axis.value_or(last);
    if (axis < 0 || axis > last)
      return fail(Error::invalid("axis out of range")
                      .expect("between 0 and " + std::to_string(last))
                      .saw(std::to_string(axis)));
    std::vector<std::int64_t> dims = b.dims();
    dims.resize(static_cast<std::size_t>(a.rank() - axis), 1);
    return Shape(std::move(dims));
  }

  static std::optional<int> choose_overwritable(std::span<const Fact> inputs, std::int64_t elements) {
    for (int i = 0; i < 2; ++i) {
      const Fact& input = inputs[static_cast<std::size_t>(i)];
      if (!input.constant && input.shape.elements() == elements) return i;
    }
    return std::nullopt;
  }

  /// Calls body with a zero of the element type; false for types without arithmetic here.
  template <class Body>
  static bool with_type(DType dtype, Body body) {
    switch (dtype) {
      case DType::kFloat: return body(float{}), true;
      case DType::kDouble: return body(double{}), true;
      case DType::kInt8: return body(std::int8_t{}), true;
      case DType::kInt16: return body(std::int16_t{}), true;
      case DType::kInt32: return body(std::int32_t{}), true;
      case DType::kInt64: return body(std::int64_t{}), true;
      case DType::kUint8: return body(std::uint8_t{}), true;
      case DType::kUint16: return body(std::uint16_t{}), true;
      case DType::kUint32: return body(std::uint32_t{}), true;
      case DType::kUint64: return body(std::uint64_t{}), true;
      default: return false;
    }
  }

  template <class T>
  void run_typed(const RunContext& context, std::int64_t begin, std::int64_t end) const {
    const T* a = context.inputs[0].as<T>() + begin * loops_[0].a_step;
    const T* b = context.inputs[1].as<T>() + begin * loops_[0].b_step;
    T* out = context.outputs[0].as<T>() + begin * loops_[0].out_step;
    switch (kind_) {
      case Arithmetic::kAdd: return walk<Arithmetic::kAdd>(loops_, end - begin, a, b, out);
      case Arithmetic::kSub: return walk<Arithmetic::kSub>(loops_, end - begin, a, b, out);
      case Arithmetic::kMul: return walk<Arithmetic::kMul>(loops_, end - begin, a, b, out);
      case Arithmetic::kDiv: return walk<Arithmetic::kDiv>(loops_, end - begin, a, b, out);
    }
  }

  Arithmetic kind_;
  std::optional<Legacy> legacy_;
  std::vector<BroadcastLoop> loops_;
  std::optional<int> overwritable_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_arithmetic(Arithmetic kind, const Node& node, std::int64_t opset) {
  AttributeReader attributes(node);
  std::optional<ArithmeticOperator::Legacy> legacy;
  if (opset < 7) {
    legacy.emplace();
    legacy->broadcast = attributes.integer("broadcast", 0) != 0;
    if (attributes.has("axis")) legacy->axis = attributes.integer("axis", 0);
    if (opset < 6) attributes.ignore("consumed_inputs");
  }
  PLEAT_TRY(attributes.finish());
  return std::make_unique<ArithmeticOperator>(kind, legacy);
}

}  // namespace pleat
