#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Where the elements differ from 0, as int64[rank, count]. The input must be known when the model is planned, since
/// the count depends on it.
class NonZero final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    if (!inputs[0].constant)
      return fail(Error::unsupported("the shape of the output depends on the model's input")
                      .expect("an input that is known when the model is planned"));
    const TensorView x = inputs[0].constant->view();
    std::vector<std::int64_t> found;
    const auto collect = [&](auto zero) {
      using T = decltype(zero);
      for (std::int64_t i = 0; i < x.elements(); ++i)
        if (x.as<T>()[i] != T{}) found.push_back(i);
    };
    if (x.dtype == DType::kBool)
      collect(bool{});
    else if (!with_number(x.dtype, collect))
      return fail(Error::unsupported("no zero of this element type").saw(std::string(dtype_name(x.dtype))));
    PLEAT_ASSIGN(positions_, positions(*x.shape, found));
    return std::vector<Fact>{Fact::of(positions_)};
  }

  void run(const RunContext& context) const noexcept override { copy_elements(positions_.view(), context.outputs[0]); }

 private:
  static Result<Tensor> positions(const Shape& shape, const std::vector<std::int64_t>& found) {
    const auto count = static_cast<std::int64_t>(found.size());
    PLEAT_ASSIGN(Tensor out, Tensor::allocate(DType::kInt64, Shape{shape.rank(), count}));
    const auto values = out.mutable_data<std::int64_t>();
    const std::vector<std::int64_t> strides = shape.strides();
    for (std::size_t axis = 0; axis < strides.size(); ++axis)
      for (std::size_t i = 0; i < found.size(); ++i)
        values[axis * found.size() + i] = found[i] / strides[axis] % shape[static_cast<int>(axis)];
    return out;
  }

  Tensor positions_;
};

Result<std::unique_ptr<Operator>> make_non_zero(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<NonZero>();
}

}  // namespace

void register_non_zero(OpRegistry& registry) { registry.add("NonZero", make_non_zero); }

}  // namespace pleat
