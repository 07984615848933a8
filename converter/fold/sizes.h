#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/fold/constants.h"

namespace pleat {

/// One size of a value as far as the model proves it: a number times sizes that are only known by name.
struct Size {
  std::int64_t factor = 1;
  std::vector<std::string> symbols = {};  ///< sorted

  static Size number(std::int64_t value) { return {value, {}}; }
  static Size symbol(std::string name) { return {1, {std::move(name)}}; }
  bool known() const { return symbols.empty(); }
  bool is(std::int64_t value) const { return known() && factor == value; }

  friend bool operator==(const Size&, const Size&) = default;
};
using Sizes = std::vector<Size>;

Size operator*(const Size& a, const Size& b);
/// a / b where that is a whole number times symbols.
std::optional<Size> quotient(const Size& a, const Size& b);

/// The sizes of `value` where the model proves at least their number: by its annotation, or by the operators that made
/// it. Sizes left open by both get a name of their own.
std::optional<Sizes> sizes_of(const FoldContext& context, const std::string& value);

std::optional<int> rank_of(const FoldContext& context, const std::string& value);

/// The element type where the model proves it, else undefined.
DType type_of(const FoldContext& context, const std::string& value);

/// The axes that a Squeeze, Unsqueeze or reduction names by attribute or by a constant input, counted from the front
/// of `rank` axes; nothing where they are not constant. Without any: empty.
std::optional<std::vector<std::size_t>> axes_of(const FoldContext& context, const Node& node, int rank);

}  // namespace pleat
