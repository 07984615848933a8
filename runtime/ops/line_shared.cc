#include "runtime/ops/line_shared.h"

#include "runtime/base/thread_pool.h"
#include "runtime/graph/attributes.h"
#include "runtime/ops/axis_lines_shared.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"

namespace pleat {
namespace {

class LineOperator final : public Operator {
 public:
  LineOperator(LineFunctions functions, std::int64_t axis, bool one_axis)
      : functions_(functions), axis_(axis), one_axis_(one_axis) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "the input"));
    const Shape& shape = inputs[0].shape;
    const int rank = shape.rank();
    // A scalar is one row of one; the older form flattens and so may name the end of the shape.
    const bool at_end = !one_axis_ && axis_ == rank;
    PLEAT_ASSIGN(const int axis, at_end || rank == 0 ? Result<int>(rank) : normalize_axis(axis_, rank));
    const int last = one_axis_ && rank > 0 ? axis + 1 : rank;
    lines_ = AxisLines(shape, axis, last);
    dtype_ = inputs[0].dtype;
    return std::vector<Fact>{{dtype_, shape, std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return 0; }

  /// A line across memory is gathered, for each thread, in room that keeps the threads on lines of their own.
  std::size_t scratch_bytes(int threads) const override {
    return lines_.inner == 1 ? 0 : static_cast<std::size_t>(threads) * line_bytes();
  }

  void run(const RunContext& context) const noexcept override {
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const T* x = context.inputs[0].as<T>();
      T* y = context.outputs[0].as<T>();
      const LineFunction<T> function = chosen(zero);
      const std::int64_t length = lines_.length;
      context.pool->parallel_slots(lines_.count(), 1, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
        if (lines_.inner == 1) {
          for (std::int64_t row = begin; row < end; ++row) function(x + row * length, y + row * length, length);
          return;
        }
        T* line = reinterpret_cast<T*>(context.scratch + static_cast<std::size_t>(thread) * line_bytes());
        for (std::int64_t at = begin; at < end; ++at) {
          const std::int64_t first = lines_.first(at);
          for (std::int64_t i = 0; i < length; ++i) line[i] = x[first + i * lines_.inner];
          function(line, line, length);
          for (std::int64_t i = 0; i < length; ++i) y[first + i * lines_.inner] = line[i];
        }
      });
    });
  }

 private:
  LineFunction<float> chosen(float) const { return functions_.on_float; }
  LineFunction<double> chosen(double) const { return functions_.on_double; }
  std::size_t line_bytes() const { return (static_cast<std::size_t>(lines_.length) * size_of(dtype_) + 63) / 64 * 64; }

  LineFunctions functions_;
  std::int64_t axis_;
  bool one_axis_;
  AxisLines lines_;
  DType dtype_ = DType::kUndefined;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_line(LineFunctions functions, const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const std::int64_t axis = reader.integer("axis", opset >= 13 ? -1 : 1);
  PLEAT_TRY(reader.finish());
  return std::make_unique<LineOperator>(functions, axis, opset >= 13);
}

}  // namespace pleat
