#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/pair_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = X < 0 ? slope·X : X. From opset 7 the slope broadcasts to X; before, it is one number or one per channel.
class PRelu final : public Operator {
 public:
  PRelu(BroadcastPair pair, bool per_channel) : pair_(std::move(pair)), per_channel_(per_channel) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    const DType dtype = inputs[0].dtype;
    if (dtype != inputs[1].dtype) return fail(Error::invalid("the inputs are not of one type"));
    if (!is_number(dtype))
      return fail(Error::unsupported("no slope for this element type").saw(std::string(dtype_name(dtype))));
    const Shape& x = inputs[0].shape;
    Shape slope = inputs[1].shape;
    if (per_channel_ && slope.elements() > 1) {
      std::vector<std::int64_t> dims(static_cast<std::size_t>(std::max(1, x.rank() - 1)), 1);
      dims[0] = slope.elements();
      slope = Shape(std::move(dims));
    } else if (per_channel_) {
      slope = Shape{};
    }
    PLEAT_ASSIGN(const Shape out, pair_.join(x, slope));
    if (out != x) return fail(Error::invalid("the slope does not broadcast to the input"));
    overwritable_ = BroadcastPair::overwritable(inputs.first(1), dtype, out.elements());
    return std::vector<Fact>{{dtype, x, std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return overwritable_; }

  void run(const RunContext& context) const noexcept override {
    with_number(context.outputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      pair_.run<T, T, T>(context, [](T x, T slope) { return x < T{0} ? wrapping_product(slope, x) : x; });
    });
  }

 private:
  BroadcastPair pair_;
  bool per_channel_;
  std::optional<int> overwritable_;
};

Result<std::unique_ptr<Operator>> make_p_relu(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  if (opset < 6) reader.ignore("consumed_inputs");
  BroadcastPair pair(reader, 7);
  PLEAT_TRY(reader.finish());
  return std::make_unique<PRelu>(std::move(pair), opset < 7);
}

}  // namespace

void register_p_relu(OpRegistry& registry) { registry.add("PRelu", make_p_relu); }

}  // namespace pleat
