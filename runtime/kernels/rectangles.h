#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernels/interval.h"

namespace pleat {

/// Calls body(rows, columns) with rectangles that together are the cells `range` of a grid so many columns wide,
/// counted row by row.
template <class Body>
void for_each_rectangle(std::int64_t columns, Interval range, const Body& body) {
  while (range.size() > 0) {
    const std::int64_t row = range.begin / columns, first = range.begin % columns;
    const std::int64_t whole = first == 0 ? range.size() / columns : 0;
    const Interval across = {row, row + std::max<std::int64_t>(1, whole)};
    const Interval along = {first, whole > 0 ? columns : std::min(columns, first + range.size())};
    body(across, along);
    range.begin += across.size() * along.size();
  }
}

/// The cells `range` of images of so many rows and blocks each, counted row by row or block by block: calls
/// body(image, blocks, rows).
template <class Body>
void for_each_part(bool by_rows, std::int64_t rows, std::int64_t blocks, Interval range, const Body& body) {
  const std::int64_t lines_of_image = by_rows ? rows : blocks;
  for_each_rectangle(by_rows ? blocks : rows, range, [&](Interval lines, Interval along) {
    while (lines.size() > 0) {
      const std::int64_t first = lines.begin % lines_of_image;
      const Interval across = {first, std::min(lines_of_image, first + lines.size())};
      body(lines.begin / lines_of_image, by_rows ? along : across, by_rows ? across : along);
      lines.begin += across.size();
    }
  });
}

}  // namespace pleat
