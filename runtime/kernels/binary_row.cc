#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/binary_row.cc"
#include "runtime/kernels/binary_row.h"

#include <algorithm>

#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/map_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;
using V = hn::Vec<hn::ScalableTag<float>>;

template <class Function>
HWY_INLINE void row_of(RowOperand a, RowOperand b, float* y, std::int64_t count, const Function& function) {
  const hn::ScalableTag<float> d;
  if (a.repeats && b.repeats) {
    std::fill_n(y, count, hn::GetLane(function(hn::Set(d, *a.data), hn::Set(d, *b.data))));
  } else if (a.repeats) {
    const V left = hn::Set(d, *a.data);
    map(b.data, y, count, [&](V right) HWY_ATTR { return function(left, right); });
  } else if (b.repeats) {
    const V right = hn::Set(d, *b.data);
    map(a.data, y, count, [&](V left) HWY_ATTR { return function(left, right); });
  } else {
    map(a.data, b.data, y, count, function);
  }
}

void binary_row(BinaryFunction function, RowOperand a, RowOperand b, float* y, std::int64_t count) {
  switch (function) {
    case BinaryFunction::kAdd: return row_of(a, b, y, count, [](V l, V r) HWY_ATTR { return hn::Add(l, r); });
    case BinaryFunction::kSub: return row_of(a, b, y, count, [](V l, V r) HWY_ATTR { return hn::Sub(l, r); });
    case BinaryFunction::kMul: return row_of(a, b, y, count, [](V l, V r) HWY_ATTR { return hn::Mul(l, r); });
    case BinaryFunction::kDiv: return row_of(a, b, y, count, [](V l, V r) HWY_ATTR { return hn::Div(l, r); });
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

void binary_row(BinaryFunction function, RowOperand a, RowOperand b, float* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = apply(function, a.data[a.repeats ? 0 : i], b.data[b.repeats ? 0 : i]);
}

}  // namespace reference

void binary_row(BinaryFunction function, RowOperand a, RowOperand b, float* y, std::int64_t count) {
  PLEAT_CHOOSE(binary_row)(function, a, b, y, count);
}

}  // namespace pleat
#endif
