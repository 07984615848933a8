#pragma once

#include <cstdint>
#include <span>

#include "runtime/kernels/blocked/shuffle.h"

namespace pleat {

/// Some rows of one block of y, or one long row where the rows of all planes join.
struct ShuffleRows {
  const ChannelTable* table;
  std::span<const ChannelSource> sources;
  std::int64_t n, block, first_row;
  std::int64_t rows, pixels;
  float* y;
  std::int64_t y_row;
};

namespace reference {

inline float origin_value(const ShuffleRows& r, std::size_t channel, std::int64_t row, std::int64_t pixel) {
  if (channel >= r.table->origins().size() || r.table->origins()[channel].source < 0) return 0;
  const ChannelOrigin& origin = r.table->origins()[channel];
  const ChannelSource& source = r.sources[static_cast<std::size_t>(origin.source)];
  return source.x[source.planes.offset(r.n, origin.channel / kChannelBlock, r.first_row + row, pixel) +
                  origin.channel % kChannelBlock];
}

inline void shuffle_rows(const ShuffleRows& r) {
  for (std::int64_t row = 0; row < r.rows; ++row)
    for (std::int64_t p = 0; p < r.pixels; ++p)
      for (std::int64_t l = 0; l < kChannelBlock; ++l)
        r.y[row * r.y_row + p * kChannelBlock + l] =
            origin_value(r, static_cast<std::size_t>(r.block * kChannelBlock + l), row, p);
}

}  // namespace reference
}  // namespace pleat
