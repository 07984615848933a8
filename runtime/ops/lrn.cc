#include "runtime/graph/attributes.h"
#include "runtime/kernels/local_response.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Local response normalization across channels, as kernels/local_response.h says.
class Lrn final : public Operator {
 public:
  struct Attributes {
    float alpha, beta, bias;
    std::int64_t size;
  };
  explicit Lrn(Attributes attributes) : attributes_(attributes) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "X"));
    if (inputs[0].shape.rank() < 2)
      return fail(
          Error::invalid("the input has no channels").expect("[batch, channels, …]").saw(inputs[0].shape.text()));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    const Shape& shape = *context.inputs[0].shape;
    with_float(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      normalize_local_response<T>({.batch = shape[0],
                                   .channels = shape[1],
                                   .spatial = shape.elements(2, shape.rank()),
                                   .size = attributes_.size,
                                   .alpha = static_cast<T>(attributes_.alpha),
                                   .beta = static_cast<T>(attributes_.beta),
                                   .bias = static_cast<T>(attributes_.bias),
                                   .x = context.inputs[0].as<T>(),
                                   .y = context.outputs[0].as<T>()},
                                  *context.pool);
    });
  }

 private:
  Attributes attributes_;
};

Result<std::unique_ptr<Operator>> make_lrn(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const Lrn::Attributes attributes = {.alpha = reader.number("alpha", 1e-4F),
                                      .beta = reader.number("beta", 0.75F),
                                      .bias = reader.number("bias", 1),
                                      .size = reader.integer("size", 0)};
  PLEAT_TRY(reader.finish());
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  if (attributes.size < 1 || attributes.size > kMost)
    return fail(Error::invalid("the attribute 'size' is missing or out of range")
                    .expect("1 to " + std::to_string(kMost))
                    .saw(std::to_string(attributes.size)));
  return std::make_unique<Lrn>(attributes);
}

}  // namespace

void register_lrn(OpRegistry& registry) { registry.add("LRN", make_lrn); }

}  // namespace pleat
