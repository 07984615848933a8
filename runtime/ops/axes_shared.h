#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/graph/attributes.h"
#include "runtime/ops/op.h"

/// What operators that name axes have in common.

namespace pleat {

/// Each axis counted from the front, ascending. A repeated one is refused.
Result<std::vector<int>> normalize_axes(std::span<const std::int64_t> axes, int rank);

/// Elements of a constant list (or scalar) of int32 or int64. `what` is what they mean: "starts".
Result<std::vector<std::int64_t>> constant_indices(const Fact& input, std::string_view what);

/// A list, empty where it was not given.
struct OptionalList {
  bool given = false;
  std::vector<std::int64_t> values;

  explicit operator bool() const { return given; }
  const std::vector<std::int64_t>& operator*() const { return values; }
  const std::vector<std::int64_t>* operator->() const { return &values; }
};

/// A list that was an attribute in older opsets and is an optional constant input in newer ones.
class ListParameter {
 public:
  static ListParameter attribute(AttributeReader& reader, std::string_view name);
  static ListParameter input(std::size_t position, std::string_view what);

  Result<OptionalList> resolve(std::span<const Fact> inputs) const;

 private:
  OptionalList attribute_;
  std::optional<std::size_t> position_;
  std::string_view what_;
};

}  // namespace pleat
