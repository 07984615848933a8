#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/base/function_ref.h"
#include "runtime/base/thread_pool.h"
#include "runtime/kernels/interval.h"
#include "runtime/kernels/unary.h"

namespace pleat {

/// What is added to a finished sum: element (i, j) gets data[i·row + j]. Null adds nothing.
template <class T>
struct Addend {
  const T* data = nullptr;
  std::int64_t row = 0;  ///< 0 where one row serves all
};

/// y[m,n] = activation(start + a[m,k]·b[k,n] + addends) for T = float or double. Each start + a·b is one chain of fused
/// multiply-adds over k ascending; then come the additions in order and the activation with the bits of kernels/unary.
/// The same bits on every instruction set and thread count. Steps are in elements, so a transpose is an exchange of
/// steps; y is row-major and dense. Long sums go by way of y, so an addend may not lie there.
template <class T>
struct GemmProblem {
  std::int64_t m = 0, n = 0, k = 0;
  const T* a = nullptr;
  std::int64_t a_row = 0, a_k = 0;
  const T* b = nullptr;
  std::int64_t b_k = 0, b_column = 0;
  const T* packed_b =
      nullptr;  ///< what pack_b made of b, which then is not read, or null: packed on the way in scratch
  T* y = nullptr;
  const T* bias = nullptr;    ///< element (i, j) starts from bias[i·bias_row + j], or from 0 without; may be y itself
  std::int64_t bias_row = 0;  ///< 0 where one row serves all
  std::array<Addend<T>, 2> addends = {};
  Activation activation = {};
};

/// Columns of a strip, 64 bytes wide: b is packed as strips of k rows by this many columns, the last one filled up with
/// zeros. One vector of AVX-512 or two of AVX2, so that packed weights suit each instruction set.
template <class T>
inline constexpr std::int64_t kStripWidth = 64 / static_cast<std::int64_t>(sizeof(T));

template <class T>
constexpr std::int64_t strip_count(std::int64_t n) {
  return (n + kStripWidth<T> - 1) / kStripWidth<T>;
}

/// Columns of a panel: two strips, which the tile of AVX-512 takes together.
template <class T>
inline constexpr std::int64_t kPanelWidth = 2 * kStripWidth<T>;

template <class T>
constexpr std::int64_t panel_count(std::int64_t n) {
  return (n + kPanelWidth<T> - 1) / kPanelWidth<T>;
}

/// Rows by panels by problems, cut into pieces of near equal work for `threads`. Which piece computes an element does
/// not matter to its bits.
struct PanelTasks {
  std::int64_t panels, row_chunks, rows_per_chunk, count;

  PanelTasks(std::int64_t problems, std::int64_t m, std::int64_t panel_count, int threads);
  Interval rows(std::int64_t chunk, std::int64_t m) const;
};

/// The same on some rows and columns of y, with the vectors of the active instruction set (not kReference) on the
/// calling thread. b is given as strips, read to their full width, as many as the columns need.
template <class T>
struct PanelProduct {
  std::int64_t rows, columns, k;
  const T* a;
  std::int64_t a_row, a_k;
  const T* panel;
  T* y;
  std::int64_t y_row;
  std::int64_t panel_k = kPanelWidth<T>;     ///< elements of b from one k to the next
  std::int64_t next_strip = kStripWidth<T>;  ///< elements from a strip to the next
  /// Strips to be multiplied next, or null. Of their lines those are brought near meanwhile that fall to `rows` from
  /// first_row on, of ahead_rows that share the work.
  const T* ahead = nullptr;
  std::int64_t first_row = 0, ahead_rows = 0;
  bool from_y = true;  ///< chains start from what y holds, else from bias
  const T* bias = nullptr;
  std::int64_t bias_row = 0;
  std::array<Addend<T>, 2> addends = {};
  Activation activation = {};
};
template <class T>
void multiply_panel(const PanelProduct<T>& product);

template <class T>
std::size_t packed_b_elements(std::int64_t n, std::int64_t k) {
  return static_cast<std::size_t>(strip_count<T>(n) * kStripWidth<T> * k);
}
template <class T>
void pack_b(const GemmProblem<T>& problem, T* packed);

/// What gemm needs for `count` problems of this shape.
template <class T>
std::size_t gemm_scratch_bytes(const GemmProblem<T>& shapes, std::int64_t count, int threads);

/// `count` problems of equal m, n and k, the i-th being problem(i). Scratch is 64-byte aligned.
template <class T>
void gemm(std::int64_t count, FunctionRef<GemmProblem<T>(std::int64_t)> problem, std::byte* scratch, ThreadPool& pool);

}  // namespace pleat
