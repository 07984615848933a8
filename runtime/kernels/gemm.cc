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

/// Rows that are dealt out to threads together: those of a tile of the widest kernel.
constexpr std::int64_t kRowBlock = 14;

/// So few rows are dealt out by panels of b alone.
constexpr std::int64_t kFewRows = 3;

/// Work that is done before another thread would have begun.
constexpr std::int64_t kLeastMacs = 20000;

/// Packed b that stays in the second-level cache besides the rows of a and y that pass through it.
constexpr std::int64_t kCachedBytes = 512 * 1024;

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

/// Where the panels of some columns lie.
template <class T>
struct Panels {
  const T* first;
  std::int64_t k_step, next;
};

template <class T>
void multiply(const GemmProblem<T>& p, Interval rows, Interval columns, const Panels<T>& panels) {
  const std::int64_t corner = rows.begin * p.n + columns.begin;
  auto addends = p.addends;
  for (Addend<T>& addend : addends)
    if (addend.data != nullptr) addend.data += rows.begin * addend.row + columns.begin;
  multiply_panel<T>({.rows = rows.size(),
                     .columns = columns.size(),
                     .k = p.k,
                     .a = p.a + rows.begin * p.a_row,
                     .a_row = p.a_row,
                     .a_k = p.a_k,
                     .panel = panels.first,
                     .y = p.y + corner,
                     .y_row = p.n,
                     .panel_k = panels.k_step,
                     .next_panel = panels.next,
                     .from_y = false,
                     .bias = p.bias == nullptr ? nullptr : p.bias + rows.begin * p.bias_row + columns.begin,
                     .bias_row = p.bias_row,
                     .addends = addends,
                     .activation = p.activation});
}

template <class T>
void multiply_plainly(const GemmProblem<T>& p, Interval rows, Interval columns) {
  reference::gemm_block(p, rows, columns);
  activate_rows(p.activation, p.y + rows.begin * p.n + columns.begin, rows.size(), columns.size(), p.n);
}

/// How a problem is cut into units that are dealt out in order, a run of them to each thread.
template <class T>
struct Units {
  enum class By {
    kPanels,      ///< all rows of a panel
    kRows,        ///< all columns of a block of rows
    kPanelBlocks  ///< a block of rows of one panel after the other, so that each panel of b is read once
  };
  By by;
  std::int64_t panels, blocks;

  explicit Units(const GemmProblem<T>& p) : panels(panel_count<T>(p.n)), blocks((p.m + kRowBlock - 1) / kRowBlock) {
    const bool cached = panels * kPanelWidth<T> * p.k * static_cast<std::int64_t>(sizeof(T)) <= kCachedBytes;
    by = p.m <= kFewRows ? By::kPanels : p.packed_b != nullptr && cached ? By::kRows : By::kPanelBlocks;
  }
  std::int64_t count() const { return by == By::kPanels ? panels : by == By::kRows ? blocks : panels * blocks; }
};

template <class T>
Interval columns_of(const GemmProblem<T>& p, std::int64_t first_panel, std::int64_t last_panel) {
  return {first_panel * kPanelWidth<T>, std::min(p.n, last_panel * kPanelWidth<T>)};
}

/// All of `rows` in these panels; b is packed in `slot` where nobody did before, and read where it lies if that is in
/// panels' order and would be read but once.
template <class T>
void run_panels(const GemmProblem<T>& p, Interval rows, Interval panels, T* slot) {
  const std::int64_t elements = p.k * kPanelWidth<T>;
  const Interval columns = columns_of(p, panels.begin, panels.end);
  if (active_isa() == Isa::kReference) return multiply_plainly(p, rows, columns);
  if (p.packed_b != nullptr)
    return multiply(p, rows, columns, {p.packed_b + panels.begin * elements, kPanelWidth<T>, elements});
  const bool read_once = p.b_column == 1 && p.m <= kRowBlock;
  const std::int64_t in_place = read_once ? std::min(panels.end, p.n / kPanelWidth<T>) : panels.begin;
  if (in_place > panels.begin)
    multiply(p, rows, columns_of(p, panels.begin, in_place),
             {p.b + panels.begin * kPanelWidth<T>, p.b_k, kPanelWidth<T>});
  for (std::int64_t panel = std::max(in_place, panels.begin); panel < panels.end; ++panel) {
    pack_panel(p, columns_of(p, panel, panel + 1), slot);
    multiply(p, rows, columns_of(p, panel, panel + 1), {slot, kPanelWidth<T>, elements});
  }
}

template <class T>
void run_units(const GemmProblem<T>& p, const Units<T>& units, Interval range, T* slot) {
  const auto rows = [&](std::int64_t first, std::int64_t last) {
    return Interval{p.m * first / units.blocks, p.m * last / units.blocks};
  };
  if (units.by == Units<T>::By::kPanels) return run_panels(p, {0, p.m}, range, slot);
  if (units.by == Units<T>::By::kRows) return run_panels(p, rows(range.begin, range.end), {0, units.panels}, slot);
  while (range.begin < range.end) {
    const std::int64_t panel = range.begin / units.blocks;
    const std::int64_t end = std::min(range.end, (panel + 1) * units.blocks);
    run_panels(p, rows(range.begin - panel * units.blocks, end - panel * units.blocks), {panel, panel + 1}, slot);
    range.begin = end;
  }
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
  const GemmProblem<T> shapes = problem(0);
  if (shapes.m == 0 || shapes.n == 0) return;
  const Units<T> units(shapes);
  const std::int64_t each = units.count();
  const auto run = [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
    T* slot = reinterpret_cast<T*>(scratch) + thread * shapes.k * kPanelWidth<T>;
    while (begin < end) {
      const std::int64_t i = begin / each;
      const std::int64_t stop = std::min(end, (i + 1) * each);
      run_units(i == 0 ? shapes : problem(i), units, {begin - i * each, stop - i * each}, slot);
      begin = stop;
    }
  };
  if (count * shapes.m * shapes.n * shapes.k < kLeastMacs)
    run(0, 0, count * each);
  else
    parallel_slots(pool, count * each, run);
}

template void pack_b(const GemmProblem<float>&, float*);
template void pack_b(const GemmProblem<double>&, double*);
template void gemm(std::int64_t, FunctionRef<GemmProblem<float>(std::int64_t)>, std::byte*, ThreadPool&);
template void gemm(std::int64_t, FunctionRef<GemmProblem<double>(std::int64_t)>, std::byte*, ThreadPool&);

}  // namespace pleat
