#include "runtime/kernels/transpose.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/each_isa.h"

namespace pleat {
namespace {

/// Rows of x and y lie further apart than needed, and what lies between them must stay as it is.
template <class T>
void check(std::int64_t rows, std::int64_t columns) {
  const std::int64_t x_row = columns + 3, y_row = rows + 5;
  std::vector<T> x(static_cast<std::size_t>(rows * x_row));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i % 251 + 1);
  std::vector<T> expected(static_cast<std::size_t>(columns * y_row), T{0});
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      expected[static_cast<std::size_t>(c * y_row + r)] = x[static_cast<std::size_t>(r * x_row + c)];
  for_each_isa([&](Isa) {
    std::vector<T> y(expected.size(), T{0});
    transpose(x.data(), x_row, y.data(), y_row, rows, columns);
    EXPECT_EQ(y, expected) << rows << 'x' << columns;
  });
}

TEST(Transpose, MovesEachElementToItsMirror) {
  for (std::int64_t rows : {1, 2, 3, 4, 7, 8, 15, 16, 21, 31, 33, 64, 70})
    for (std::int64_t columns : {1, 2, 3, 4, 5, 8, 13, 16, 30, 63, 64, 65, 130}) {
      check<float>(rows, columns);
      check<double>(rows, columns);
      check<std::uint8_t>(rows, columns);
      check<std::uint16_t>(rows, columns);
      check<std::uint32_t>(rows, columns);
      check<std::uint64_t>(rows, columns);
    }
}

}  // namespace
}  // namespace pleat
