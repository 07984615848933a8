#include <cmath>

#include "runtime/ops/axis_gather_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// X repeated repeats[i] times along axis i. In opset 1 the inputs are one count and the one axis it is for.
class Tile final : public Operator {
 public:
  explicit Tile(bool one_axis) : one_axis_(one_axis) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    const std::size_t count = one_axis_ ? 3 : 2;
    PLEAT_TRY(expect_inputs(inputs, count, count));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    PLEAT_ASSIGN(const auto repeats, one_axis_ ? repeats_of_axis(inputs) : constant_integers(inputs[1], "repeats"));
    if (repeats.size() != static_cast<std::size_t>(from.rank()))
      return fail(Error::invalid("the repeats do not fit the input")
                      .expect(std::to_string(from.rank()) + " values")
                      .saw(Shape(repeats).text()));
    Shape out = from;
    for (int axis = 0; axis < out.rank(); ++axis)
      if (__builtin_mul_overflow(out[axis], repeats[static_cast<std::size_t>(axis)], &out[axis]))
        return fail(Error::resource("shape too large to address"));
    PLEAT_TRY(checked_elements(out.dims(), size_of(inputs[0].dtype)));
    const auto strides = from.strides();
    std::vector<AxisGather::Table> tables;
    for (int axis = 0; axis < out.rank(); ++axis) {
      PLEAT_TRY(AxisGather::check_length(out[axis]));
      AxisGather::Table table(static_cast<std::size_t>(out[axis]));
      for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = static_cast<std::int64_t>(i) % from[axis] * strides[static_cast<std::size_t>(axis)];
      tables.push_back(std::move(table));
    }
    is_view_ = out == from;
    gather_ = AxisGather(std::move(tables));
    return std::vector<Fact>{{inputs[0].dtype, std::move(out), std::nullopt}};
  }
  std::optional<int> view_of() const override { return is_view_ ? std::optional<int>(0) : std::nullopt; }

  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    gather_.run(x.data, nullptr, context.outputs[0].data, size_of(x.dtype), *context.pool);
  }

 private:
  /// Opset 1 gives both as numbers of the type of X.
  static Result<std::int64_t> whole_number(const Fact& input, const char* what) {
    if (!input.constant)
      return fail(Error::unsupported("the " + std::string(what) + " is computed from the model's input"));
    PLEAT_ASSIGN(const auto values, to_doubles(*input.constant));
    if (values.size() == 1 && values[0] == std::floor(values[0]) && std::fabs(values[0]) < 0x1p53)
      return static_cast<std::int64_t>(values[0]);
    return fail(Error::invalid("the " + std::string(what) + " is not one whole number"));
  }

  static Result<std::vector<std::int64_t>> repeats_of_axis(std::span<const Fact> inputs) {
    const int rank = inputs[0].shape.rank();
    PLEAT_ASSIGN(const std::int64_t tiles, whole_number(inputs[1], "tiles"));
    PLEAT_ASSIGN(const std::int64_t named, whole_number(inputs[2], "axis"));
    PLEAT_ASSIGN(const int axis, normalize_axis(named, rank));
    std::vector<std::int64_t> repeats(static_cast<std::size_t>(rank), 1);
    repeats[static_cast<std::size_t>(axis)] = tiles;
    return repeats;
  }

  bool one_axis_;
  AxisGather gather_;
  bool is_view_ = false;
};

Result<std::unique_ptr<Operator>> make_tile(const Node& node, std::int64_t opset) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<Tile>(opset < 6);
}

}  // namespace

void register_tile(OpRegistry& registry) { registry.add("Tile", make_tile); }

}  // namespace pleat
