#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/transpose.cc"
#include "runtime/kernels/transpose.h"

#include <algorithm>

#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/interval.h"

#include "runtime/kernels/highway.h"

#ifndef PLEAT_TRANSPOSE_ONCE
#define PLEAT_TRANSPOSE_ONCE
namespace pleat {
namespace {

/// Columns of x, rows of y, that are walked together: their lines of y fit the first-level cache.
constexpr std::int64_t kColumns = 64;

template <class T>
void transpose_plainly(const T* x, std::int64_t x_row, T* y, std::int64_t y_row, Interval rows, Interval columns) {
  for (std::int64_t c = columns.begin; c < columns.end; ++c)
    for (std::int64_t r = rows.begin; r < rows.end; ++r) y[c * y_row + r] = x[r * x_row + c];
}

}  // namespace
}  // namespace pleat
#endif

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

/// 128 bits from each of some places `step` apart, side by side.
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D d, const hn::TFromD<D>* x, std::int64_t step) {
  constexpr std::size_t kBytes = hn::MaxLanes(D()) * sizeof(hn::TFromD<D>);
  if constexpr (kBytes == 16) {
    return hn::LoadU(d, x);
  } else {
    const hn::Half<D> half;
    constexpr auto kBlocks = static_cast<std::int64_t>(kBytes / 32);
    return hn::Combine(d, load_blocks(half, x + kBlocks * step, step), load_blocks(half, x, step));
  }
}

/// As many rows as a vector has lanes, by as many columns as 128 bits have.
template <class D, class T>
HWY_INLINE void tile(D d, const T* x, std::int64_t x_row, T* y, std::int64_t y_row) {
  if constexpr (sizeof(T) == 4) {
    const hn::RepartitionToWide<hn::RebindToUnsigned<D>> pairs;
    const auto a = load_blocks(d, x, 4 * x_row), b = load_blocks(d, x + x_row, 4 * x_row);
    const auto c = load_blocks(d, x + 2 * x_row, 4 * x_row), e = load_blocks(d, x + 3 * x_row, 4 * x_row);
    const auto ab = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
    const auto ce = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
    const auto ab_upper = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
    const auto ce_upper = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab, ce)), d, y);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab, ce)), d, y + y_row);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab_upper, ce_upper)), d, y + 2 * y_row);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab_upper, ce_upper)), d, y + 3 * y_row);
  } else {
    const auto a = load_blocks(d, x, 2 * x_row), b = load_blocks(d, x + x_row, 2 * x_row);
    hn::StoreU(hn::InterleaveLower(d, a, b), d, y);
    hn::StoreU(hn::InterleaveUpper(d, a, b), d, y + y_row);
  }
}

/// Rows by the lanes of D from `rows.begin` on; returns the first row left over.
template <class D, class T>
HWY_INLINE std::int64_t tile_rows(D d, const T* x, std::int64_t x_row, T* y, std::int64_t y_row, Interval rows,
                                  Interval columns) {
  constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));
  constexpr auto kBlock = static_cast<std::int64_t>(16 / sizeof(T));
  std::int64_t r = rows.begin;
  for (; r + kLanes <= rows.end; r += kLanes) {
    std::int64_t c = columns.begin;
    for (; c + kBlock <= columns.end; c += kBlock) tile(d, x + r * x_row + c, x_row, y + c * y_row + r, y_row);
    transpose_plainly(x, x_row, y, y_row, {r, r + kLanes}, {c, columns.end});
  }
  return r;
}

template <class T>
void transpose_range(const T* x, std::int64_t x_row, T* y, std::int64_t y_row, std::int64_t rows,
                     std::int64_t columns) {
  for (std::int64_t c = 0; c < columns; c += kColumns) {
    const Interval band = {c, std::min(columns, c + kColumns)};
    std::int64_t r = 0;
    if constexpr (sizeof(T) >= 4) {
      r = tile_rows(hn::ScalableTag<T>(), x, x_row, y, y_row, {r, rows}, band);
      r = tile_rows(hn::FixedTag<T, 16 / sizeof(T)>(), x, x_row, y, y_row, {r, rows}, band);
    }
    transpose_plainly(x, x_row, y, y_row, {r, rows}, band);
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class T>
void transpose_range(const T* x, std::int64_t x_row, T* y, std::int64_t y_row, std::int64_t rows,
                     std::int64_t columns) {
  for (std::int64_t c = 0; c < columns; c += kColumns)
    transpose_plainly(x, x_row, y, y_row, {0, rows}, {c, std::min(columns, c + kColumns)});
}

}  // namespace reference

template <class T>
void transpose(const T* x, std::int64_t x_row, T* y, std::int64_t y_row, std::int64_t rows, std::int64_t columns) {
  PLEAT_CHOOSE(transpose_range<T>)(x, x_row, y, y_row, rows, columns);
}

template void transpose(const float*, std::int64_t, float*, std::int64_t, std::int64_t, std::int64_t);
template void transpose(const double*, std::int64_t, double*, std::int64_t, std::int64_t, std::int64_t);
template void transpose(const std::uint8_t*, std::int64_t, std::uint8_t*, std::int64_t, std::int64_t, std::int64_t);
template void transpose(const std::uint16_t*, std::int64_t, std::uint16_t*, std::int64_t, std::int64_t, std::int64_t);
template void transpose(const std::uint32_t*, std::int64_t, std::uint32_t*, std::int64_t, std::int64_t, std::int64_t);
template void transpose(const std::uint64_t*, std::int64_t, std::uint64_t*, std::int64_t, std::int64_t, std::int64_t);

}  // namespace pleat
#endif
