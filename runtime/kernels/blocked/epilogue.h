#pragma once

#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/unary.h"

namespace pleat {

/// What a finished sum goes through on its way to memory: y = activation(sum + addend). The bits are those of the
/// separate operators.
struct Epilogue {
  const float* addend = nullptr;  ///< planes of the sizes of y; null adds nothing
  Planes addend_planes;           ///< lanes as those of y, the halo may differ
  Activation activation;
};

}  // namespace pleat
