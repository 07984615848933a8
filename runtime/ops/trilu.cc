#include <algorithm>

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Of each matrix (the last two axes) the upper or lower triangle from diagonal k on (0: the main one), else zeros.
class Trilu final : public Operator {
 public:
  explicit Trilu(bool upper) : upper_(upper) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 2));
    PLEAT_TRY(expect_movable(inputs[0]));
    if (inputs[0].shape.rank() < 2)
      return fail(Error::invalid("the input holds no matrices").expect("rank 2 or more").saw(inputs[0].shape.text()));
    if (inputs.size() > 1 && inputs[1].present() &&
        (inputs[1].dtype != DType::kInt64 || inputs[1].shape.elements() != 1))
      return fail(Error::invalid("the diagonal 'k' must be one int64")
                      .saw(std::string(dtype_name(inputs[1].dtype)) + inputs[1].shape.text()));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    const Shape& shape = *context.inputs[0].shape;
    const std::int64_t rows = shape[shape.rank() - 2], columns = shape[shape.rank() - 1];
    const bool given = context.inputs.size() > 1 && context.inputs[1].present();
    // Beyond these diagonals nothing changes.
    const std::int64_t k = std::clamp(given ? *context.inputs[1].as<std::int64_t>() : 0, -rows - 1, columns + 1);
    if (shape.elements() == 0) return;
    with_block(size_of(context.inputs[0].dtype), [&](auto block) {
      using Block = decltype(block);
      const auto* x = static_cast<const Block*>(context.inputs[0].data);
      auto* y = static_cast<Block*>(context.outputs[0].data);
      for (std::int64_t row = 0; row < shape.elements() / columns; ++row)
        for (std::int64_t column = 0; column < columns; ++column, ++x, ++y) {
          const std::int64_t diagonal = column - row % rows;
          *y = (upper_ ? diagonal >= k : diagonal <= k) ? *x : Block{};
        }
    });
  }

 private:
  bool upper_;
};

Result<std::unique_ptr<Operator>> make_trilu(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const bool upper = reader.integer("upper", 1) != 0;
  PLEAT_TRY(reader.finish());
  return std::make_unique<Trilu>(upper);
}

}  // namespace

void register_trilu(OpRegistry& registry) { registry.add("Trilu", make_trilu); }

}  // namespace pleat
