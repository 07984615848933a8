#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/thread_pool.h"
#include "runtime/kernels/interval.h"

namespace pleat {

/// y[i0,i1,…] = x[t0[i0] + t1[i1] + …] with one table per axis of y: how Slice, Pad, Expand, Tile, DepthToSpace and the
/// nearest Resize move elements. Built once, then const.
class AxisGather {
 public:
  using Table = std::vector<std::int64_t>;
  static constexpr std::int64_t kFill = -1;  ///< in a table: not from x, but the fill value

  /// Refuses an axis whose table would take more memory than moving elements is worth.
  static Status check_length(std::int64_t count);

  /// `count` entries first, first + step, …
  static Table table(std::int64_t count, std::int64_t first, std::int64_t step);

  AxisGather() = default;
  /// Tables of element offsets, outermost axis first.
  explicit AxisGather(std::vector<Table> tables);

  /// y repeats the elements of x unchanged from the first on.
  bool is_copy() const { return tables_.empty() && base_ == 0; }

  /// `fill` is one element; it may be null where no table has kFill. x and y do not overlap.
  void run(const void* x, const void* fill, void* y, std::size_t element_size, ThreadPool& pool) const noexcept;

 private:
  /// Neighbours in y that are neighbours in x, or that are all filled.
  struct Run {
    std::int64_t to, from, count;
  };

  void find_runs();
  template <class Block>
  void walk(std::size_t axis, Interval part, const Block* x, const Block* fill, Block* y) const;
  template <class Block>
  void gather_last(Interval part, const Block* x, const Block* fill, Block* y) const;

  std::vector<Table> tables_;         ///< of the axes that are not part of a row
  std::vector<std::int64_t> inside_;  ///< elements of y in one step along each of them
  std::vector<Run> runs_;             ///< of the last table, where they are long
  std::int64_t row_ = 1;              ///< elements that are neighbours in x and y
  std::int64_t base_ = 0;
  bool empty_ = false;
};

}  // namespace pleat
