#include "runtime/ops/product_epilogue_shared.h"

namespace pleat {

bool ProductEpilogue::take(const Activation& f) {
  if (activation_.function != Unary::kIdentity) return false;
  activation_ = f;
  return true;
}

bool ProductEpilogue::take_addend(const Fact& addend, const Shape& out) {
  const bool whole = addend.shape == out;
  const std::int64_t columns = out[out.rank() - 1];
  const bool row = addend.shape.elements() == columns && addend.shape.rank() >= 1 &&
                   addend.shape[addend.shape.rank() - 1] == columns;
  if (activation_.function != Unary::kIdentity || count_ == repeats_.size() || (!whole && !row)) return false;
  repeats_[count_++] = !whole;
  return true;
}

}  // namespace pleat
