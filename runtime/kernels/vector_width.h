#pragma once

namespace pleat {

/// Bytes of the vectors that kernels use now: 64, 32, or 0 for the scalar reference. Asked of the code that runs.
int vector_bytes();

}  // namespace pleat
