#include "runtime/kernels/gemm.h"

#include <algorithm>

#include "runtime/base/isa.h"
#include "runtime/kernels/parallel.h"
#include "runtime/kernels/reference.h"
#include "runtime/kernels/transpose.h"

namespace pleat {
namespace {

/// Rows worth a task of their own: two full tiles of the widest kernel.
constexpr std::int64_t kLeastRows = 24;

/// Rows that are dealt out to threads together: those of a tile of the widest kernel.
constexpr std::int64_t kRowBlock = 14;

/// So few rows are dealt out by panels of b alone.
constexpr std::int64_t kFewRows = 3;

/// Of one operand, stays in the second-level cache besides the rows and strips of the others that pass through it.
constexpr std::int64_t kCachedBytes = 640 << 10;

/// Products that repay a sum's way to y and back.
constexpr std::int64_t kLeastDepth = 768;

template <class T>
constexpr std::int64_t bytes(std::int64_t elements) {
  return elements * static_cast<std::int64_t>(sizeof(T));
}

template <class T>
void pack_strip(const GemmProblem<T>& p, Interval columns, T* packed) {
  const std::int64_t width = columns.size();
  const T* b = p.b + columns.begin * p.b_column;
  if (p.b_k == 1 && p.b_column != 1) {
    transpose(b, p.b_column, packed, kStripWidth<T>, width, p.k);
  } else if (p.b_column == 1) {
    for (std::int64_t k = 0; k < p.k; ++k) std::copy_n(b + k * p.b_k, width, packed + k * kStripWidth<T>);
  } else {
    for (std::int64_t k = 0; k < p.k; ++k)
      for (std::int64_t j = 0; j < width; ++j) packed[k * kStripWidth<T> + j] = b[k * p.b_k + j * p.b_column];
  }
  if (width < kStripWidth<T>)
    for (std::int64_t k = 0; k < p.k; ++k)
      std::fill(packed + k * kStripWidth<T> + width, packed + (k + 1) * kStripWidth<T>, T{0});
}

template <class T>
void pack_strips(const GemmProblem<T>& p, Interval columns, T* packed) {
  for (std::int64_t column = columns.begin; column < columns.end;
       column += kStripWidth<T>, packed += p.k * kStripWidth<T>)
    pack_strip(p, {column, std::min(columns.end, column + kStripWidth<T>)}, packed);
}

/// The share of some k in a product: sums go on from what y holds where they are not the first. Strips of packed b
/// remain those of all k.
template <class T>
struct Part : GemmProblem<T> {
  std::int64_t strip;  ///< elements of packed b from a strip to the next

  Part(const GemmProblem<T>& p, Interval depth) : GemmProblem<T>(p), strip(p.k * kStripWidth<T>) {
    this->k = depth.size();
    this->a += depth.begin * p.a_k;
    if (p.packed_b != nullptr) this->packed_b += depth.begin * kStripWidth<T>;
    if (p.b != nullptr) this->b += depth.begin * p.b_k;
    if (depth.begin > 0) {
      this->bias = p.y;
      this->bias_row = p.n;
    }
    if (depth.end < p.k) {
      this->addends = {};
      this->activation = {};
    }
  }
};

/// Where the strips of some columns lie, and those that will be multiplied after them, if known.
template <class T>
struct Strips {
  const T* first;
  std::int64_t k_step, next;
  const T* ahead = nullptr;
};

template <class T>
void multiply(const GemmProblem<T>& p, Interval rows, Interval columns, const Strips<T>& strips) {
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
                     .panel = strips.first,
                     .y = p.y + corner,
                     .y_row = p.n,
                     .panel_k = strips.k_step,
                     .next_strip = strips.next,
                     .ahead = strips.ahead,
                     .first_row = rows.begin,
                     .ahead_rows = p.m,
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

  explicit Units(const GemmProblem<T>& p) : panels(panel_count<T>(p.n)), blocks(divide_up(p.m, kRowBlock)) {
    const bool cached = bytes<T>(panels * kPanelWidth<T> * p.k) <= kCachedBytes;
    by = p.m <= kFewRows ? By::kPanels : p.packed_b != nullptr && cached ? By::kRows : By::kPanelBlocks;
  }
  std::int64_t count() const { return by == By::kPanels ? panels : by == By::kRows ? blocks : panels * blocks; }
};

/// Whether rows of a lie so far apart, at multiples of 4 KiB, that those of a tile fall into one set of the first-level
/// cache and drive each other out. Then they are copied to places a line further apart.
template <class T>
bool rows_collide(const GemmProblem<T>& p, std::int64_t count) {
  return count == 1 && p.m > kRowBlock && p.n > 4 * kPanelWidth<T> && p.a_k == 1 && bytes<T>(p.a_row) % 4096 == 0;
}

/// Each panel of b goes by all of a: of rows that do not stay in the cache so many k are summed in a turn that they do.
template <class T>
std::int64_t turn_count(const GemmProblem<T>& p, std::int64_t count) {
  if (active_isa() == Isa::kReference || count != 1 || p.m <= kRowBlock || Units<T>(p).by != Units<T>::By::kPanelBlocks)
    return 1;
  return std::clamp<std::int64_t>(divide_up(bytes<T>(p.m * p.k), kCachedBytes), 1,
                                  std::max<std::int64_t>(1, p.k / kLeastDepth));
}

/// Elements from a row of the copy to the next, a multiple of 64 bytes.
template <class T>
std::int64_t spread_row(const GemmProblem<T>& p) {
  return strip_count<T>(p.k + 1) * kStripWidth<T>;
}

template <class T>
void spread_rows(const GemmProblem<T>& p, T* copy, ThreadPool& pool) {
  pool.parallel_for(p.m, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) std::copy_n(p.a + i * p.a_row, p.k, copy + i * spread_row(p));
  });
}

template <class T>
Interval columns_of(const GemmProblem<T>& p, std::int64_t first_panel, std::int64_t last_panel) {
  return {first_panel * kPanelWidth<T>, std::min(p.n, last_panel * kPanelWidth<T>)};
}

/// All of `rows` in these panels; b is packed in `slot` where nobody did before, and read where it lies if that is in
/// panels' order and would be read but once.
template <class T>
void run_panels(const Part<T>& p, Interval rows, Interval panels, T* slot) {
  const std::int64_t elements = p.k * kStripWidth<T>;
  const Interval columns = columns_of(p, panels.begin, panels.end);
  if (active_isa() == Isa::kReference) return multiply_plainly(p, rows, columns);
  if (p.packed_b != nullptr) {
    const T* strips = p.packed_b + panels.begin * 2 * p.strip;
    const bool more = panels.size() == 1 && panels.end < p.n / kPanelWidth<T>;
    return multiply(p, rows, columns, {strips, kStripWidth<T>, p.strip, more ? strips + 2 * p.strip : nullptr});
  }
  const bool read_once = p.b_column == 1 && p.m <= kRowBlock;
  const std::int64_t in_place = read_once ? std::min(panels.end, p.n / kPanelWidth<T>) : panels.begin;
  if (in_place > panels.begin)
    multiply(p, rows, columns_of(p, panels.begin, in_place),
             {p.b + panels.begin * kPanelWidth<T>, p.b_k, kStripWidth<T>});
  for (std::int64_t panel = std::max(in_place, panels.begin); panel < panels.end; ++panel) {
    pack_strips(p, columns_of(p, panel, panel + 1), slot);
    multiply(p, rows, columns_of(p, panel, panel + 1), {slot, kStripWidth<T>, elements});
  }
}

template <class T>
void run_units(const Part<T>& p, const Units<T>& units, Interval range, T* slot) {
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

template <class T>
void run_parts(std::int64_t count, FunctionRef<Part<T>(std::int64_t)> part, std::byte* scratch, ThreadPool& pool) {
  Part<T> first = part(0);
  T* slots = reinterpret_cast<T*>(scratch);
  if (rows_collide(first, count) && active_isa() != Isa::kReference) {
    spread_rows(first, slots, pool);
    slots += first.m * spread_row(first);
    first.a_row = spread_row(first);
    first.a = reinterpret_cast<const T*>(scratch);
  }
  const Units<T> units(first);
  const std::int64_t each = units.count();
  const auto run = [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
    T* slot = slots + thread * first.k * kPanelWidth<T>;
    while (begin < end) {
      const std::int64_t i = begin / each;
      const std::int64_t stop = std::min(end, (i + 1) * each);
      run_units(i == 0 ? first : part(i), units, {begin - i * each, stop - i * each}, slot);
      begin = stop;
    }
  };
  if (count * first.m * first.n * first.k < kFewMultiplyAdds)
    run(0, 0, count * each);
  else
    pool.parallel_slots(count * each, 1, run);
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
  pack_strips(problem, {0, problem.n}, packed);
}

template <class T>
std::size_t gemm_scratch_bytes(const GemmProblem<T>& shapes, std::int64_t count, int threads) {
  const std::int64_t slots = shapes.packed_b == nullptr ? threads * shapes.k * kPanelWidth<T> : 0;
  const std::int64_t rows = rows_collide(shapes, count) ? shapes.m * spread_row(shapes) : 0;
  return static_cast<std::size_t>(slots + rows) * sizeof(T);
}

template <class T>
void gemm(std::int64_t count, FunctionRef<GemmProblem<T>(std::int64_t)> problem, std::byte* scratch, ThreadPool& pool) {
  if (count == 0) return;
  const GemmProblem<T> first = problem(0);
  if (first.m == 0 || first.n == 0) return;
  const std::int64_t turns = turn_count(first, count);
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    const Interval depth = even_part({0, first.k}, turns, turn);
    run_parts<T>(
        count, [&](std::int64_t i) { return Part<T>(i == 0 ? first : problem(i), depth); }, scratch, pool);
  }
}

template std::size_t gemm_scratch_bytes(const GemmProblem<float>&, std::int64_t, int);
template std::size_t gemm_scratch_bytes(const GemmProblem<double>&, std::int64_t, int);
template void pack_b(const GemmProblem<float>&, float*);
template void pack_b(const GemmProblem<double>&, double*);
template void gemm(std::int64_t, FunctionRef<GemmProblem<float>(std::int64_t)>, std::byte*, ThreadPool&);
template void gemm(std::int64_t, FunctionRef<GemmProblem<double>(std::int64_t)>, std::byte*, ThreadPool&);

}  // namespace pleat
