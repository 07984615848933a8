#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// One axis of the output and the steps of condition, X and Y along it, 0 where they repeat.
struct Loop {
  std::int64_t size;
  std::int64_t steps[3];
};

std::int64_t step_along(const Shape& shape, const Shape& out, int axis) {
  const int own = axis - (out.rank() - shape.rank());
  return own < 0 || shape[own] == 1 ? 0 : shape.elements(own + 1, shape.rank());
}

/// Outermost first; axes that all three walk as one are one; there is always at least one.
std::vector<Loop> loops_of(std::span<const Fact> inputs, const Shape& out) {
  std::vector<Loop> loops;
  for (int axis = 0; axis < out.rank(); ++axis) {
    if (out[axis] == 1) continue;
    Loop loop{out[axis], {}};
    bool joins = !loops.empty();
    for (std::size_t i = 0; i < 3; ++i) {
      loop.steps[i] = step_along(inputs[i].shape, out, axis);
      joins = joins && loops.back().steps[i] == loop.steps[i] * loop.size;
    }
    if (joins) {
      loop.size *= loops.back().size;
      loops.back() = loop;
    } else {
      loops.push_back(loop);
    }
  }
  if (loops.empty()) loops.push_back({1, {0, 0, 0}});
  return loops;
}

template <class Block>
Block* select(std::span<const Loop> loops, const bool* condition, const Block* x, const Block* y, Block* out) {
  const auto& [size, steps] = loops[0];
  for (std::int64_t i = 0; i < size; ++i, condition += steps[0], x += steps[1], y += steps[2]) {
    if (loops.size() > 1)
      out = select(loops.subspan(1), condition, x, y, out);
    else
      *out++ = *condition ? *x : *y;
  }
  return out;
}

/// X where the condition holds, else Y; all three broadcast.
class Where final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 3, 3));
    if (inputs[0].dtype != DType::kBool)
      return fail(Error::invalid("the condition is not bool").saw(std::string(dtype_name(inputs[0].dtype))));
    PLEAT_TRY(expect_movable(inputs[1]));
    if (inputs[1].dtype != inputs[2].dtype) return fail(Error::invalid("X and Y are not of one type"));
    PLEAT_ASSIGN(const Shape values, broadcast(inputs[1].shape, inputs[2].shape));
    PLEAT_ASSIGN(Shape out, broadcast(inputs[0].shape, values));
    PLEAT_TRY(checked_elements(out.dims(), size_of(inputs[1].dtype)));
    loops_ = loops_of(inputs, out);
    return std::vector<Fact>{{inputs[1].dtype, std::move(out), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    if (context.outputs[0].elements() == 0) return;
    with_block(size_of(context.outputs[0].dtype), [&](auto block) {
      using Block = decltype(block);
      select(std::span<const Loop>(loops_), context.inputs[0].as<bool>(),
             static_cast<const Block*>(context.inputs[1].data), static_cast<const Block*>(context.inputs[2].data),
             static_cast<Block*>(context.outputs[0].data));
    });
  }

 private:
  std::vector<Loop> loops_;
};

Result<std::unique_ptr<Operator>> make_where(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<Where>();
}

}  // namespace

void register_where(OpRegistry& registry) { registry.add("Where", make_where); }

}  // namespace pleat
