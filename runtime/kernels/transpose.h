#pragma once

#include <cstdint>

namespace pleat {

/// y[c·y_row + r] = x[r·x_row + c] for r < rows and c < columns, on the calling thread. T is float, double or an
/// unsigned integer of 8 to 64 bits; those of 32 and 64 bits go through vectors in square tiles. x and y do not
/// overlap.
template <class T>
void transpose(const T* x, std::int64_t x_row, T* y, std::int64_t y_row, std::int64_t rows, std::int64_t columns);

}  // namespace pleat
