#include "runtime/ops/arithmetic_shared.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "runtime/base/aligned_buffer.h"
#include "runtime/kernels/binary_row.h"
#include "runtime/kernels/blocked/pointwise.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/pair_shared.h"
#include "runtime/ops/planes_shared.h"

namespace pleat {
namespace {

template <BinaryFunction kind, class T>
T compute(T a, T b) {
  if constexpr (kind == BinaryFunction::kMul) return wrapping_product(a, b);
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::make_unsigned_t<T>;
    using Wide = std::common_type_t<unsigned, Bits>;
    const Wide x = static_cast<Bits>(a), y = static_cast<Bits>(b);
    if constexpr (kind == BinaryFunction::kAdd) return static_cast<T>(x + y);
    if constexpr (kind == BinaryFunction::kSub) return static_cast<T>(x - y);
    if (b == 0) return 0;
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return static_cast<T>(Wide{0} - x);
    return static_cast<T>(a / b);
  } else {
    if constexpr (kind == BinaryFunction::kAdd) return a + b;
    if constexpr (kind == BinaryFunction::kSub) return a - b;
    return a / b;
  }
}

class ArithmeticOperator final : public Operator {
 public:
  ArithmeticOperator(BinaryFunction kind, BroadcastPair pair) : kind_(kind), pair_(std::move(pair)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    const DType dtype = inputs[0].dtype;
    if (dtype != inputs[1].dtype) return fail(Error::invalid("the inputs are not of one type"));
    if (!is_number(dtype))
      return fail(Error::unsupported("no arithmetic on this element type").saw(std::string(dtype_name(dtype))));
    PLEAT_ASSIGN(Shape out, pair_.join(inputs[0].shape, inputs[1].shape));
    PLEAT_TRY(checked_elements(out.dims(), size_of(dtype)));
    is_float_ = dtype == DType::kFloat;
    shapes_ = {inputs[0].shape, pair_.right()};
    overwritable_ = BroadcastPair::overwritable(inputs, dtype, out.elements());
    return std::vector<Fact>{{dtype, std::move(out), std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return overwritable_; }
  std::optional<BinaryFunction> arithmetic() const override {
    return is_float_ && activation_.function == Unary::kIdentity ? std::optional(kind_) : std::nullopt;
  }
  bool fuse(const Activation& f) override {
    if (!is_float_ || activation_.function != Unary::kIdentity) return false;
    activation_ = f;
    return true;
  }

  std::optional<PlanesForm> planes_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const override {
    PlanesForm form;
    form.outputs = {blocked_planes(outputs[0])};
    if (!form.outputs[0]) return std::nullopt;
    for (std::size_t i = 0; i < 2; ++i) {
      const Layout operand = operand_planes(inputs[i], shapes_[i], *form.outputs[0]);
      if (!operand) return std::nullopt;
      form.inputs.push_back(inputs[i].constant ? Layout{} : operand);
    }
    return form;
  }
  void use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) override {
    operands_.assign(inputs.begin(), inputs.end());
    out_ = outputs[0];
  }

  /// Constants that stand beside planes are spread into whole blocks.
  Status prepare(std::span<const Fact> inputs, std::span<const Fact>, BufferArena& memory) override {
    for (std::size_t i = 0; out_ && i < 2; ++i) {
      if (!inputs[i].constant) continue;
      operands_[i] = operand_planes(inputs[i], shapes_[i], *out_);
      spread_[i] = memory.take(static_cast<std::size_t>(operands_[i]->elements()) * sizeof(float));
      if (spread_[i].failed()) return fail(Error::resource("not enough memory for a constant"));
      const auto values = inputs[i].constant->data<float>();
      std::copy(values.begin(), values.end(), reinterpret_cast<float*>(spread_[i].data()));
    }
    return {};
  }

  bool reads_constant(std::size_t input) const override { return !out_ || spread_[input].data() == nullptr; }

  void run(const RunContext& context) const noexcept override {
    if (out_) return run_on_planes(context);
    if (is_float_) return run_on_floats(context);
    with_number(context.outputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      switch (kind_) {
        case BinaryFunction::kAdd: return run_kind<BinaryFunction::kAdd, T>(context);
        case BinaryFunction::kSub: return run_kind<BinaryFunction::kSub, T>(context);
        case BinaryFunction::kMul: return run_kind<BinaryFunction::kMul, T>(context);
        case BinaryFunction::kDiv: return run_kind<BinaryFunction::kDiv, T>(context);
      }
    });
  }

 private:
  /// How an operand of `shape` stands beside planes of the output: as a whole, one number per channel (and image), one
  /// plane for all channels, or one number. Constants are one number or one per channel. Absent otherwise.
  static Layout operand_planes(const Fact& fact, const Shape& shape, const Planes& out) {
    const std::int64_t rank = out.height == 1 && shape.rank() < 4 ? 3 : 4;
    std::vector<std::int64_t> dims(static_cast<std::size_t>(std::max<std::int64_t>(0, rank - shape.rank())), 1);
    dims.insert(dims.end(), shape.begin(), shape.end());
    if (static_cast<std::int64_t>(dims.size()) != rank) return std::nullopt;
    if (rank == 3) dims.insert(dims.begin() + 2, 1);
    const Planes planes = {dims[0], dims[1], dims[2], dims[3], kChannelBlock, {}};
    const bool serves_all = planes.batch == 1 && planes.height == 1 && planes.width == 1;
    const bool fits = (planes.channels == out.channels || planes.channels == 1) && fact.dtype == DType::kFloat;
    if (!fits || (fact.constant && !serves_all) || (!fact.constant && shape.rank() != rank)) return std::nullopt;
    Planes operand = planes;
    if (planes.channels == 1 && (out.channels != 1 || fact.constant)) operand.lanes = 1;
    return operand;
  }

  void run_on_planes(const RunContext& context) const {
    const auto operand = [&](std::size_t i) {
      const float* spread = reinterpret_cast<const float*>(spread_[i].data());
      return BinaryOperand{*operands_[i], spread != nullptr ? spread : context.inputs[i].as<float>()};
    };
    binary({.function = kind_,
            .a = operand(0),
            .b = operand(1),
            .y_planes = *out_,
            .y = context.outputs[0].as<float>(),
            .activation = activation_},
           *context.pool);
  }

  void run_on_floats(const RunContext& context) const {
    pair_.run_rows<float, float, float>(
        context, [this](const BroadcastLoop& loop, std::int64_t count, const float* a, const float* b, float* y) {
          binary_row(kind_, {a, loop.a_step == 0}, {b, loop.b_step == 0}, y, count);
          if (activation_.function != Unary::kIdentity) activate(activation_, y, y, count);
        });
  }

  template <BinaryFunction kind, class T>
  void run_kind(const RunContext& context) const {
    pair_.run<T, T, T>(context, [](T a, T b) { return compute<kind>(a, b); });
  }

  BinaryFunction kind_;
  BroadcastPair pair_;
  bool is_float_ = false;
  Activation activation_;
  std::array<Shape, 2> shapes_;  ///< of the operands, B placed under A
  std::vector<Layout> operands_;
  Layout out_;  ///< absent while row-major
  std::array<AlignedBuffer, 2> spread_;
  std::optional<int> overwritable_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_arithmetic(BinaryFunction kind, const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  BroadcastPair pair(reader, opset);
  PLEAT_TRY(reader.finish());
  return std::make_unique<ArithmeticOperator>(kind, std::move(pair));
}

}  // namespace pleat
