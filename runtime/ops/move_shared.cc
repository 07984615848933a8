#include "runtime/ops/move_shared.h"

#include <cstring>

#include "runtime/graph/attributes.h"

namespace pleat {

Status expect_inputs(std::span<const Fact> inputs, std::size_t least, std::size_t most) {
  if (inputs.size() < least || inputs.size() > most)
    return fail(
        Error::invalid("wrong number of inputs")
            .expect(least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most))
            .saw(std::to_string(inputs.size())));
  for (std::size_t i = 0; i < least; ++i)
    if (!inputs[i].present()) return fail(Error::invalid("input number " + std::to_string(i + 1) + " is omitted"));
  return {};
}

Status expect_movable(const Fact& input) {
  if (size_of(input.dtype) > 0) return {};
  return fail(Error::unsupported("elements of this type have no fixed size").saw(std::string(dtype_name(input.dtype))));
}

Status expect_no_attributes(const Node& node) { return AttributeReader(node).finish(); }

void copy_elements(const TensorView& from, const MutableTensorView& to) noexcept {
  if (const std::size_t bytes = from.bytes(); bytes > 0 && to.data != from.data) std::memcpy(to.data, from.data, bytes);
}

Result<std::vector<std::int64_t>> constant_integers(const Fact& input, std::string_view what) {
  if (input.dtype != DType::kInt64 || input.shape.rank() > 1)
    return fail(Error::invalid("the " + std::string(what) + " must be a list of int64")
                    .saw(std::string(dtype_name(input.dtype)) + input.shape.text()));
  if (!input.constant)
    return fail(Error::unsupported("the " + std::string(what) + " is computed from the model's input")
                    .expect("one that is known when the model is planned"));
  const auto values = input.constant->data<std::int64_t>();
  return std::vector<std::int64_t>(values.begin(), values.end());
}

Fact reshaped_fact(const Fact& input, Shape shape) {
  Fact fact{input.dtype, std::move(shape), std::nullopt};
  if (input.constant) fact.constant = input.constant->reshaped(fact.shape);
  return fact;
}

}  // namespace pleat
