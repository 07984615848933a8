#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/panel.cc"
#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/gemm.h"
#include "runtime/kernels/prefetch.h"

#include "runtime/kernels/highway.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

/// A tile's sums fill the registers over the whole of k: of 32, 28 hold sums, of 16, 12. Rows take two vectors of b; so
/// few rows that those would not hide the latency of an addition take more strips; of doubles, which few models have,
/// half as many, for the size of the library.
#if HWY_TARGET == HWY_AVX3
constexpr int kMostRows = 14;
template <class T>
constexpr int kMostStrips[] = {32 / sizeof(T), 32 / sizeof(T), 32 / sizeof(T)};
#else
constexpr int kMostRows = 6;
template <class T>
constexpr int kMostStrips[] = {6, 3, 2};
#endif
constexpr int kFewRows = static_cast<int>(std::size(kMostStrips<float>));

/// Rows of the smallest block that more than kFewRows rows are split into.
constexpr int kLeastRows = std::min(kFewRows + 1, (kMostRows + 1) / 2);

template <class T>
constexpr int kStripVectors = static_cast<int>(kStripWidth<T> / hn::MaxLanes(hn::ScalableTag<T>()));

/// What of a product one tile makes: from this row and column on.
template <class T>
struct Corner {
  std::int64_t row, column;
  const T* b;
};

/// A tile's share of the strips to come, to be brought into the second-level cache evenly over its sums: strips that
/// come from memory are read while those at hand are multiplied.
template <class T>
struct Ahead {
  const T* line;
  std::int64_t every, lines;  ///< so many lines of each strip after so many k
};

/// For tiles of so many rows; out of line, since it would be as long as some of them.
template <class T>
HWY_NOINLINE Ahead<T> ahead_of(const PanelProduct<T>& p, const Corner<T>& corner, std::int64_t rows) {
  constexpr std::int64_t kLeastSteps = 8;
  if (p.ahead == nullptr) return {nullptr, p.k, 0};
  const std::int64_t tiles = std::max<std::int64_t>(1, p.ahead_rows / rows);
  const std::int64_t lines = divide_up(kLeastSteps, tiles);
  const std::int64_t first = p.k * (p.first_row + corner.row) / p.ahead_rows;
  return {p.ahead + corner.column / kStripWidth<T> * p.next_strip + first * kStripWidth<T>, lines * tiles, lines};
}

/// Reads and writes the vectors of a tile in matrices like y, the last of them only as far as the columns reach.
template <int kStrips, int kVectors, class T>
struct TileColumns {
  static constexpr int kAll = kStrips * kVectors;
  using D = hn::ScalableTag<T>;
  using V = hn::Vec<D>;
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());

  std::int64_t left;  ///< columns from the tile's first on

  static constexpr std::int64_t at(int v) { return v / kVectors * kStripWidth<T> + v % kVectors * kLanes; }
  HWY_INLINE bool full() const { return left >= at(kAll - 1) + kLanes; }
  HWY_INLINE auto present(int v) const {
    return hn::FirstN(D(), static_cast<std::size_t>(std::max<std::int64_t>(0, left - at(v))));
  }
  HWY_INLINE void load(const T* row, V* values) const {
    if (full()) {
#pragma GCC unroll 16
      for (int v = 0; v < kAll; ++v) values[v] = hn::LoadU(D(), row + at(v));
    } else {
#pragma GCC unroll 16
      for (int v = 0; v < kAll; ++v) values[v] = hn::MaskedLoad(present(v), D(), row + at(v));
    }
  }
  HWY_INLINE void store(const V* values, T* row) const {
    if (full()) {
#pragma GCC unroll 16
      for (int v = 0; v < kAll; ++v) hn::StoreU(values[v], D(), row + at(v));
    } else {
#pragma GCC unroll 16
      for (int v = 0; v < kAll; ++v) hn::BlendedStore(values[v], present(v), D(), row + at(v));
    }
  }
};

/// x < least ? least : x and most < x ? most : x, so NaN and -0 go as in kernels/unary.
template <class V>
HWY_INLINE V at_least(V x, V least) {
  return hn::IfThenElse(hn::Lt(x, least), least, x);
}
template <class V>
HWY_INLINE V at_most(V x, V most) {
  return hn::IfThenElse(hn::Lt(most, x), most, x);
}

/// kRows by the first kVectors vectors of kStrips strips of y.
template <int kRows, int kStrips, int kVectors, class T>
HWY_INLINE void tile(const PanelProduct<T>& p, const Corner<T>& corner) {
  using Columns = TileColumns<kStrips, kVectors, T>;
  constexpr int kAll = Columns::kAll;
  const typename Columns::D d;
  const Columns columns{p.columns - corner.column};
  typename Columns::V sums[kRows][kAll];
  T* y = p.y + corner.row * p.y_row + corner.column;
  if (p.bias == nullptr) {
#pragma GCC unroll 14
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
      for (int v = 0; v < kAll; ++v) sums[i][v] = hn::Zero(d);
  } else {
    const T* bias = p.bias + corner.row * p.bias_row + corner.column;
#pragma GCC unroll 14
    for (int i = 0; i < kRows; ++i) columns.load(bias + i * p.bias_row, sums[i]);
  }

  // Three rows share a pointer, and the steps between them an index register.
  const T* a[(kRows + 2) / 3];
#pragma GCC unroll 5
  for (int g = 0; g < (kRows + 2) / 3; ++g) a[g] = p.a + (corner.row + 3 * g) * p.a_row;
  const T* b = corner.b;
  constexpr bool kLooksAhead = kRows >= kLeastRows && std::is_same_v<T, float>;
  Ahead<T> ahead = kLooksAhead ? ahead_of(p, corner, kRows) : Ahead<T>{nullptr, p.k, 0};
  for (std::int64_t left = p.k; left > 0; left -= ahead.every) {
    for (std::int64_t i = 0; i < ahead.lines; ++i, ahead.line += kStripWidth<T>)
#pragma GCC unroll 8
      for (int s = 0; s < kStrips; ++s) __builtin_prefetch(ahead.line + s * p.next_strip, kToRead, kToSecondLevel);
    std::int64_t count = std::min(left, ahead.every);
    do {
      typename Columns::V right[kAll];
#pragma GCC unroll 16
      for (int v = 0; v < kAll; ++v)
        right[v] = hn::LoadU(d, b + v / kVectors * p.next_strip + v % kVectors * Columns::kLanes);
#pragma GCC unroll 14
      for (int i = 0; i < kRows; ++i) {
        const auto row = hn::Set(d, a[i / 3][i % 3 * p.a_row]);
#pragma GCC unroll 16
        for (int v = 0; v < kAll; ++v) sums[i][v] = hn::MulAdd(row, right[v], sums[i][v]);
      }
#pragma GCC unroll 5
      for (int g = 0; g < (kRows + 2) / 3; ++g) a[g] += p.a_k;
      b += p.panel_k;
    } while (--count != 0);
  }

  for (const Addend<T>& addend : p.addends) {
    if (addend.data == nullptr) continue;
    const T* from = addend.data + corner.row * addend.row + corner.column;
#pragma GCC unroll 14
    for (int i = 0; i < kRows; ++i) {
      typename Columns::V more[kAll];
      columns.load(from + i * addend.row, more);
#pragma GCC unroll 16
      for (int v = 0; v < kAll; ++v) sums[i][v] = hn::Add(sums[i][v], more[v]);
    }
  }
  if (p.activation.function == Unary::kRelu || p.activation.function == Unary::kClip) {
    const bool clip = p.activation.function == Unary::kClip;
    const auto least = hn::Set(d, clip ? T{p.activation.a} : T{0});
#pragma GCC unroll 14
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
      for (int v = 0; v < kAll; ++v) sums[i][v] = at_least(sums[i][v], least);
    if (clip) {
      const auto most = hn::Set(d, T{p.activation.b});
#pragma GCC unroll 14
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int v = 0; v < kAll; ++v) sums[i][v] = at_most(sums[i][v], most);
    }
  }
#pragma GCC unroll 14
  for (int i = 0; i < kRows; ++i) columns.store(sums[i], y + i * p.y_row);
}

/// All columns of kRows rows, two vectors at a time.
template <int kRows, class T>
void many_rows(const PanelProduct<T>& p, std::int64_t row) {
  constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
  for (std::int64_t column = 0; column < p.columns; column += 2 * kLanes) {
    const Corner<T> corner = {row, column, p.panel + column / kStripWidth<T> * p.next_strip};
    if (p.columns - column > kLanes)
      tile<kRows, 2 / kStripVectors<T>, kStripVectors<T>>(p, corner);
    else
      tile<kRows, 1, 1>(p, corner);
  }
}

template <int kRows, int kStrips, class T>
void few_rows(const PanelProduct<T>& p, std::int64_t strip) {
  tile<kRows, kStrips, kStripVectors<T>>(p, {0, strip * kStripWidth<T>, p.panel + strip * p.next_strip});
}

template <class T>
using Part = void (*)(const PanelProduct<T>&, std::int64_t);

/// The kernels of 1, 2 … strips for kRows rows, and those of 1, 2 … rows.
template <int kRows, class T, int... kStrips>
void split_strips(const PanelProduct<T>& p, std::integer_sequence<int, kStrips...>) {
  static constexpr Part<T> kParts[] = {few_rows<kRows, kStrips + 1, T>...};
  const std::int64_t strips = strip_count<T>(p.columns);
  const std::int64_t groups = divide_up(strips, kMostStrips<T>[kRows - 1]);
  for (std::int64_t group = 0; group < groups; ++group) {
    const std::int64_t first = strips * group / groups;
    const std::int64_t last = strips * (group + 1) / groups;
    kParts[last - first - 1](p, first);
  }
}
template <int kRows, class T>
void few(const PanelProduct<T>& p) {
  split_strips<kRows>(p, std::make_integer_sequence<int, kMostStrips<T>[kRows - 1]>());
}

template <class T, int... kMore>
void split_rows(const PanelProduct<T>& p, std::integer_sequence<int, kMore...>) {
  static constexpr Part<T> kParts[] = {many_rows<kLeastRows + kMore, T>...};
  const bool by_hand = p.activation.function != Unary::kIdentity && p.activation.function != Unary::kRelu &&
                       p.activation.function != Unary::kClip;
  const std::int64_t blocks = divide_up(p.rows, kMostRows);
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t first = p.rows * block / blocks;
    const std::int64_t last = p.rows * (block + 1) / blocks;
    kParts[last - first - kLeastRows](p, first);
    if (by_hand) activate_rows(p.activation, p.y + first * p.y_row, last - first, p.columns, p.y_row);
  }
}

template <class T>
void panel(const PanelProduct<T>& p) {
  PanelProduct<T> q = p;
  if (p.from_y) {
    q.bias = p.y;
    q.bias_row = p.y_row;
  }
  if (p.rows > kFewRows) return split_rows(q, std::make_integer_sequence<int, kMostRows - kLeastRows + 1>());
  static constexpr void (*kFew[])(const PanelProduct<T>&) = {few<1, T>, few<2, T>, few<3, T>};
  if (p.rows == 0) return;
  kFew[p.rows - 1](q);
  const Unary f = p.activation.function;
  if (f != Unary::kIdentity && f != Unary::kRelu && f != Unary::kClip)
    activate_rows(p.activation, p.y, p.rows, p.columns, p.y_row);
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
