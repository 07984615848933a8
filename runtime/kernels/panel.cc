#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/panel.cc"
#include "runtime/base/check.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/gemm.h"

#include "runtime/kernels/highway.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_AVX3
constexpr std::int64_t kMostRows = 12;  // 24 accumulators of 32 registers
#else
constexpr std::int64_t kMostRows = 6;  // 12 accumulators of 16 registers
#endif

/// kRows by two vectors of y, held in registers over the whole of k.
template <int kRows, class T>
HWY_INLINE void full_tile(const PanelProduct<T>& p, const T* HWY_RESTRICT a, const T* HWY_RESTRICT panel,
                          T* HWY_RESTRICT y) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<decltype(d)> left[kRows], right[kRows];
#pragma GCC unroll 12
  for (int i = 0; i < kRows; ++i) {
    left[i] = hn::LoadU(d, y + i * p.y_row);
    right[i] = hn::LoadU(d, y + i * p.y_row + lanes);
  }
  for (std::int64_t k = 0; k < p.k; ++k) {
    const auto b_left = hn::LoadU(d, panel);
    const auto b_right = hn::LoadU(d, panel + lanes);
#pragma GCC unroll 12
    for (int i = 0; i < kRows; ++i) {
      const auto a_ik = hn::Set(d, a[i * p.a_row]);
      left[i] = hn::MulAdd(a_ik, b_left, left[i]);
      right[i] = hn::MulAdd(a_ik, b_right, right[i]);
    }
    a += p.a_k;
    panel += kPanelWidth<T>;
  }
#pragma GCC unroll 12
  for (int i = 0; i < kRows; ++i) {
    hn::StoreU(left[i], d, y + i * p.y_row);
    hn::StoreU(right[i], d, y + i * p.y_row + lanes);
  }
}

/// A tile at the right edge works on a copy of full width, so that all lanes go through the same code.
template <int kRows, class T>
void edge_tile(const PanelProduct<T>& p, const T* a, const T* panel, T* y, std::int64_t columns) {
  constexpr std::int64_t kWidth = 2 * hn::MaxLanes(hn::ScalableTag<T>());
  alignas(64) T copy[kRows * kWidth] = {};
  PanelProduct<T> inner = p;
  inner.y_row = kWidth;
  for (int i = 0; i < kRows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) copy[i * kWidth + j] = y[i * p.y_row + j];
  full_tile<kRows>(inner, a, panel, copy);
  for (int i = 0; i < kRows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) y[i * p.y_row + j] = copy[i * kWidth + j];
}

template <int kRows, class T>
void row_block(const PanelProduct<T>& p, std::int64_t first_row) {
  constexpr std::int64_t kWidth = 2 * hn::MaxLanes(hn::ScalableTag<T>());
  const T* a = p.a + first_row * p.a_row;
  for (std::int64_t column = 0; column < p.columns; column += kWidth) {
    T* y = p.y + first_row * p.y_row + column;
    if (column + kWidth <= p.columns)
      full_tile<kRows>(p, a, p.panel + column, y);
    else
      edge_tile<kRows>(p, a, p.panel + column, y, p.columns - column);
  }
}

template <class T>
void panel(const PanelProduct<T>& p) {
  using Block = void (*)(const PanelProduct<T>&, std::int64_t);
  static constexpr Block kBlocks[] = {
    row_block<1, T>,
    row_block<2, T>,
    row_block<3, T>,
    row_block<4, T>,
    row_block<5, T>,
    row_block<6, T>,
#if HWY_TARGET == HWY_AVX3
    row_block<7, T>,
    row_block<8, T>,
    row_block<9, T>,
    row_block<10, T>,
    row_block<11, T>,
    row_block<12, T>
#endif
  };
  const std::int64_t blocks = (p.rows + kMostRows - 1) / kMostRows;
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t first = p.rows * block / blocks;
    const std::int64_t last = p.rows * (block + 1) / blocks;
    kBlocks[last - first - 1](p, first);
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

/// Never asked for: the reference reads b where it lies and has no panels.
template <class T>
void panel(const PanelProduct<T>&) {
  PLEAT_CHECK(active_isa() != Isa::kReference);
}

}  // namespace reference

template <class T>
void multiply_panel(const PanelProduct<T>& product) {
  PLEAT_CHOOSE(panel<T>)(product);
}

template void multiply_panel(const PanelProduct<float>&);
template void multiply_panel(const PanelProduct<double>&);

}  // namespace pleat
#endif
