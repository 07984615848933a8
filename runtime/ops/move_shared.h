#pragma once

#include <span>

#include "runtime/ops/op.h"

/// What operators that only move elements have in common.

namespace pleat {

/// Between `least` and `most` inputs, the first `least` of them present.
Status expect_inputs(std::span<const Fact> inputs, std::size_t least, std::size_t most);

/// Elements of a fixed size of 1, 2, 4, 8 or 16 bytes.
Status expect_movable(const Fact& input);

Status expect_no_attributes(const Node& node);

/// Copies all elements in order; both have the same count and size of element.
void copy_elements(const TensorView& from, const MutableTensorView& to) noexcept;

/// Calls body with a value of the trivially copyable type that is as wide as an element.
template <class Body>
void with_block(std::size_t element_size, Body body) noexcept {
  struct Wide {
    std::uint64_t halves[2];
  };
  switch (element_size) {
    case 1: return body(std::uint8_t{});
    case 2: return body(std::uint16_t{});
    case 4: return body(std::uint32_t{});
    case 8: return body(std::uint64_t{});
    default: return body(Wide{});
  }
}

/// Elements of a constant 1-D int64 input (a scalar counts as one element), or why there are none to have.
/// `what` is what the elements mean: "shape".
Result<std::vector<std::int64_t>> constant_integers(const Fact& input, std::string_view what);

/// The fact of `input` under another shape of equal count, its elements kept where known.
Fact reshaped_fact(const Fact& input, Shape shape);

}  // namespace pleat
