#include "runtime/ops/arg_shared.h"

#include "runtime/graph/attributes.h"
#include "runtime/ops/axis_lines_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"

namespace pleat {
namespace {

class ArgOperator final : public Operator {
 public:
  struct Options {
    bool greatest;
    std::int64_t axis;
    bool keep_dims;
    bool last_of_equals;
  };
  explicit ArgOperator(Options options) : options_(options) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    if (!is_number(inputs[0].dtype))
      return fail(Error::unsupported("no order of this element type").saw(std::string(dtype_name(inputs[0].dtype))));
    std::vector<std::int64_t> dims = inputs[0].shape.dims();
    PLEAT_ASSIGN(const int axis, normalize_axis(options_.axis, inputs[0].shape.rank()));
    if (inputs[0].shape[axis] == 0)
      return fail(Error::invalid("there is nothing along the axis").saw(inputs[0].shape.text()));
    lines_ = AxisLines(inputs[0].shape, axis);
    if (options_.keep_dims)
      dims[static_cast<std::size_t>(axis)] = 1;
    else
      dims.erase(dims.begin() + axis);
    return std::vector<Fact>{{DType::kInt64, Shape(std::move(dims)), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    with_number(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      const T* x = context.inputs[0].as<T>();
      std::int64_t* y = context.outputs[0].as<std::int64_t>();
      for (std::int64_t line = 0; line < lines_.count(); ++line) y[line] = find(x + lines_.first(line));
    });
  }

 private:
  template <class T>
  std::int64_t find(const T* line) const {
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < lines_.length; ++i) {
      const T value = line[i * lines_.inner], held = line[best * lines_.inner];
      if ((options_.greatest ? value > held : value < held) || (options_.last_of_equals && value == held)) best = i;
    }
    return best;
  }

  Options options_;
  AxisLines lines_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_arg(bool greatest, const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  ArgOperator::Options options{
      .greatest = greatest, .axis = reader.integer("axis", 0), .keep_dims = true, .last_of_equals = false};
  options.keep_dims = reader.integer("keepdims", 1) != 0;
  options.last_of_equals = opset >= 12 && reader.integer("select_last_index", 0) != 0;
  PLEAT_TRY(reader.finish());
  return std::make_unique<ArgOperator>(options);
}

}  // namespace pleat
