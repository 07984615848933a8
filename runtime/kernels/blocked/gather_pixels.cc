#include "runtime/kernels/blocked/gather_pixels.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"

namespace pleat {

void gather_pixels(const PixelGather& g, ThreadPool& pool) {
  const Planes& x = g.x_planes;
  const Planes& y = g.y_planes;
  PLEAT_CHECK(x.batch == y.batch && x.channels == y.channels && x.lanes == y.lanes);
  parallel_rows(y, rows_worth_a_thread(y.row()), pool, [&](std::int64_t n, std::int64_t b, Interval rows) {
    clear_halo(y, g.y, n, b, rows);
    for (std::int64_t i = rows.begin; i < rows.end; ++i) {
      const std::int64_t row = g.rows[static_cast<std::size_t>(i)];
      float* to = g.y + y.offset(n, b, i, 0);
      for (const std::int64_t column : g.columns) {
        if (row == PixelGather::kFilled || column == PixelGather::kFilled)
          std::fill_n(to, y.lanes, g.fill);
        else
          std::copy_n(g.x + x.offset(n, b, row, column), y.lanes, to);
        to += y.lanes;
      }
    }
    if (b == y.blocks() - 1) clear_spare_lanes(y, g.y, n, rows);
  });
}

}  // namespace pleat
