#include "runtime/kernels/rectangles.h"

#include <gtest/gtest.h>

#include <vector>

namespace pleat {
namespace {

TEST(ForEachRectangle, CoversARangeOnceInOrder) {
  constexpr std::int64_t kColumns = 5, kCells = 23;
  for (std::int64_t begin = 0; begin <= kCells; ++begin)
    for (std::int64_t end = begin; end <= kCells; ++end) {
      std::vector<std::int64_t> cells;
      for_each_rectangle(kColumns, {begin, end}, [&](Interval rows, Interval columns) {
        for (std::int64_t row = rows.begin; row < rows.end; ++row)
          for (std::int64_t column = columns.begin; column < columns.end; ++column)
            cells.push_back(row * kColumns + column);
      });
      ASSERT_EQ(std::ssize(cells), end - begin);
      for (std::size_t i = 0; i < cells.size(); ++i) ASSERT_EQ(cells[i], begin + static_cast<std::int64_t>(i));
    }
}

TEST(ForEachRectangle, JoinsWholeRows) {
  int calls = 0;
  for_each_rectangle(4, {3, 18}, [&](Interval, Interval) { ++calls; });
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace pleat
