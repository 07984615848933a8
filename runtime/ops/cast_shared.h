#pragma once

#include "runtime/ops/op.h"

namespace pleat {

/// X in another element type, as kernels/cast.h says.
Status expect_castable(DType from, DType to);
void run_cast(const RunContext& context) noexcept;

}  // namespace pleat
