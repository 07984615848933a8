#include "runtime/ops/axes_shared.h"

#include <algorithm>
#include <string>

#include "runtime/ops/move_shared.h"

namespace pleat {

Result<std::vector<int>> normalize_axes(std::span<const std::int64_t> axes, int rank) {
  std::vector<int> normalized;
  for (std::int64_t axis : axes) {
    PLEAT_ASSIGN(const int position, normalize_axis(axis, rank));
    normalized.push_back(position);
  }
  std::sort(normalized.begin(), normalized.end());
  if (std::adjacent_find(normalized.begin(), normalized.end()) != normalized.end())
    return fail(Error::invalid("an axis is named twice").saw(Shape({axes.begin(), axes.end()}).text()));
  return normalized;
}

Result<std::vector<std::int64_t>> constant_indices(const Fact& input, std::string_view what) {
  if (input.dtype != DType::kInt32) return constant_integers(input, what);
  if (input.shape.rank() > 1)
    return fail(Error::invalid("the " + std::string(what) + " must be a list").saw(input.shape.text()));
  if (!input.constant)
    return fail(Error::unsupported("the " + std::string(what) + " is computed from the model's input")
                    .expect("one that is known when the model is planned"));
  const auto values = input.constant->data<std::int32_t>();
  return std::vector<std::int64_t>(values.begin(), values.end());
}

ListParameter ListParameter::attribute(AttributeReader& reader, std::string_view name) {
  ListParameter list;
  list.attribute_ = {reader.has(name), reader.integers(name)};
  return list;
}

ListParameter ListParameter::input(std::size_t position, std::string_view what) {
  ListParameter list;
  list.position_ = position;
  list.what_ = what;
  return list;
}

Result<OptionalList> ListParameter::resolve(std::span<const Fact> inputs) const {
  if (!position_) return attribute_;
  if (*position_ >= inputs.size() || !inputs[*position_].present()) return OptionalList{};
  PLEAT_ASSIGN(auto values, constant_indices(inputs[*position_], what_));
  return OptionalList{true, std::move(values)};
}

}  // namespace pleat
