#pragma once

#include <string>

#include "runtime/tensor/tensor.h"

namespace pleat {

/// One array of a NumPy .npy file, format 1 to 3: little-endian floats of 2, 4 or 8 bytes, integers, and bool.
/// Fortran order is transposed to row-major. Big-endian, structured and object arrays give kUnsupported.
Result<Tensor> read_npy(const std::string& path);

/// Writes format 1.0 in C order. bfloat16 gives kUnsupported: NumPy has no such type.
Status write_npy(const std::string& path, const Tensor& tensor);

}  // namespace pleat
