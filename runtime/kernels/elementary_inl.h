// The Ops of elementary.h on Highway vectors. Included once per target, after highway.h: no include guard
// but Highway's toggle.
#if defined(PLEAT_ELEMENTARY_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEAT_ELEMENTARY_INL
#undef PLEAT_ELEMENTARY_INL
#else
#define PLEAT_ELEMENTARY_INL
#endif

#include "runtime/kernels/elementary.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
struct VectorOps {
  using Element = T;
  using D = hn::ScalableTag<T>;
  using DI = hn::RebindToSigned<D>;
  using Value = hn::Vec<D>;
  using Int = hn::Vec<DI>;

  HWY_INLINE Value set(T value) const { return hn::Set(D(), value); }
  HWY_INLINE Value add(Value a, Value b) const { return hn::Add(a, b); }
  HWY_INLINE Value sub(Value a, Value b) const { return hn::Sub(a, b); }
  HWY_INLINE Value mul(Value a, Value b) const { return hn::Mul(a, b); }
  HWY_INLINE Value div(Value a, Value b) const { return hn::Div(a, b); }
  HWY_INLINE Value fma(Value a, Value b, Value c) const { return hn::MulAdd(a, b, c); }
  HWY_INLINE Value sqrt(Value a) const { return hn::Sqrt(a); }
  HWY_INLINE Value abs(Value a) const { return hn::Abs(a); }
  HWY_INLINE Value copy_sign(Value magnitude, Value sign) const { return hn::CopySign(magnitude, sign); }
  HWY_INLINE Value floor(Value a) const { return hn::Floor(a); }
  HWY_INLINE Value ceil(Value a) const { return hn::Ceil(a); }
  HWY_INLINE Value nearest_even(Value a) const { return hn::Round(a); }
  HWY_INLINE Value if_less(Value a, Value b, Value yes, Value no) const {
    return hn::IfThenElse(hn::Lt(a, b), yes, no);
  }
  // Where the operands do not compare, the instructions of x86 behind Max and Min give the second one.
  HWY_INLINE Value at_least(Value x, Value least) const { return hn::Max(least, x); }
  HWY_INLINE Value at_most(Value x, Value most) const { return hn::Min(most, x); }
  HWY_INLINE Value negative_size(Value a) const { return hn::Or(a, hn::SignBit(D())); }
  HWY_INLINE Int bits(Value a) const { return hn::BitCast(DI(), a); }
  HWY_INLINE Int int_set(hn::TFromD<DI> value) const { return hn::Set(DI(), value); }
  HWY_INLINE Int int_add(Int a, Int b) const { return hn::Add(a, b); }
  HWY_INLINE Int int_sub(Int a, Int b) const { return hn::Sub(a, b); }
  HWY_INLINE Int int_half(Int a) const { return hn::ShiftRight<1>(a); }
  template <int kShift>
  HWY_INLINE Int int_shift_right(Int a) const {
    return hn::ShiftRight<kShift>(a);
  }
  HWY_INLINE Value pick(const T (&table)[16], Int index) const {
    const DI d;
    static_assert(hn::MaxLanes(d) == 16 || hn::MaxLanes(d) == 8);
    const auto in_table = hn::And(index, hn::Set(d, hn::MaxLanes(d) - 1));
    const auto at = hn::IndicesFromVec(D(), in_table);
    const auto low = hn::TableLookupLanes(hn::LoadU(D(), table), at);
    if constexpr (hn::MaxLanes(d) == 16) return low;
    const auto high = hn::TableLookupLanes(hn::LoadU(D(), table + 8), at);
    return hn::IfThenElse(hn::RebindMask(D(), hn::TestBit(index, hn::Set(d, 8))), high, low);
  }
  HWY_INLINE Int pick_of_eight(const hn::TFromD<DI> (&table)[16], Int index) const {
    const DI d;
    return hn::TableLookupLanes(hn::LoadU(d, table), hn::IndicesFromVec(d, hn::And(index, hn::Set(d, 7))));
  }
  template <int kShift>
  HWY_INLINE Int int_shift_left(Int a) const {
    return hn::ShiftLeft<kShift>(a);
  }
  HWY_INLINE Value from_bits(Int a) const { return hn::BitCast(D(), a); }
  template <int kShift>
  HWY_INLINE Value from_exponent(Int a) const {
    return hn::BitCast(D(), hn::ShiftLeft<kShift>(a));
  }
};

#include "runtime/kernels/elementary_sequences.h"
#include "runtime/kernels/error_function_sequences.h"
#include "runtime/kernels/logarithm_sequences.h"

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
