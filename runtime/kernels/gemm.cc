#include "runtime/kernels/gemm.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/isa.h"
#include "runtime/kernels/parallel.h"
#include "runtime/kernels/reference.h"

namespace pleat {
namespace {

/// Rows worth a task of their own: two full tiles of the widest kernel.
constexpr std::int64_t kLeastRows = 24;

template <class T>
void pack_panel(const GemmProblem<T>& p, Interval columns, T* packed) {
  const std::int64_t width = columns.size();
  const T* b = p.b + columns.begin * p.b_column;
  for (std::int64_t k = 0; k < p.k; ++k, b += p.b_k, packed += kPanelWidth<T>) {
    if (p.b_column == 1)
      std::memcpy(packed, b, static_cast<std::size_t>(width) * sizeof(T));
    else
      for (std::int64_t j = 0; j < width; ++j) packed[j] = b[j * p.b_column];
    for (std::int64_t j = width; j < kPanelWidth<T>; ++j) packed[j] = T{0};
  }
}

template <class T>
void multiply(const GemmProblem<T>& p, Interval rows, Interval columns, const T* panel) {
  multiply_panel<T>({.rows = rows.size(),
                     .columns = columns.size(),
                     .k = p.k,
                     .a = p.a + rows.begin * p.a_row,
                     .a_row = p.a_row,
                     .a_k = p.a_k,
                     .panel = panel,
                     .y = p.y + rows.begin * p.n + columns.begin,
                     .y_row = p.n});
}

}  // namespace

PanelTasks::PanelTasks(std::int64_t problems, std::int64_t m, std::int64_t panel_total, int threads)
    : panels(panel_total), row_chunks(1), rows_per_chunk(m), count(0) {
  const std::int64_t whole = problems * panels;
  if (whole == 0 || m == 0) return;
  const std::int64_t wanted = 4 * std::int64_t{threads};
  if (threads > 1 && whole < wanted)
    row_chunks = std::clamp<std::int64_t>((wanted + whole - 1) / whole, 1, (m + kLeastRows - 1) / kLeastRows);
  rows_per_chunk = (m + row_chunks - 1) / row_chunks;
  row_chunks = (m + rows_per_chunk - 1) / rows_per_chunk;
  count = whole * row_chunks;
}

Interval PanelTasks::rows(std::int64_t chunk, std::int64_t m) const {
  return {chunk * rows_per_chunk, std::min(m, (chunk + 1) * rows_per_chunk)};
}

template <class T>
void pack_b(const GemmProblem<T>& problem, T* packed) {
  for (std::int64_t column = 0; column < problem.n; column += kPanelWidth<T>, packed += problem.k * kPanelWidth<T>)
    pack_panel(problem, {column, std::min(problem.n, column + kPanelWidth<T>)}, packed);
}

template <class T>
void gemm(std::int64_t count, FunctionRef<GemmProblem<T>(std::int64_t)> problem, std::byte* scratch, ThreadPool& pool) {
  if (count == 0) return;
  const GemmProblem<T> first = problem(0);
  const PanelTasks tasks(count, first.m, panel_count<T>(first.n), pool.threads());
  const bool plain = active_isa() == Isa::kReference;
  const std::int64_t panel_elements = first.k * kPanelWidth<T>;

  parallel_slots(pool, tasks.count, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
    T* slot = reinterpret_cast<T*>(scratch) + thread * panel_elements;
    std::int64_t in_slot = -1;
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t whole = task / tasks.row_chunks;
      const std::int64_t panel = whole % tasks.panels;
      const GemmProblem<T> p = problem(whole / tasks.panels);
      const Interval rows = tasks.rows(task % tasks.row_chunks, p.m);
      const Interval columns = {panel * kPanelWidth<T>, std::min(p.n, (panel + 1) * kPanelWidth<T>)};
      if (plain) {
        reference::gemm_block(p, rows, columns);
      } else if (p.packed_b != nullptr) {
        multiply(p, rows, columns, p.packed_b + panel * panel_elements);
      } else {
        if (in_slot != whole) pack_panel(p, columns, slot);
        in_slot = whole;
        multiply(p, rows, columns, slot);
      }
    }
  });
}

template void pack_b(const GemmProblem<float>&, float*);
template void pack_b(const GemmProblem<double>&, double*);
template void gemm(std::int64_t, FunctionRef<GemmProblem<float>(std::int64_t)>, std::byte*, ThreadPool&);
template void gemm(std::int64_t, FunctionRef<GemmProblem<double>(std::int64_t)>, std::byte*, ThreadPool&);

}  // namespace pleat
