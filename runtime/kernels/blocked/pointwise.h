#pragma once

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/binary_function.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/interval.h"
#include "runtime/kernels/unary.h"

namespace pleat {

/// Functions of blocked planes pixel by pixel, with the bits of the row-major operators. The halo of y becomes zeros,
/// its spare lanes stay finite; y may be an operand of the same layout. No scratch; threads share the rows of y.

/// Planes that reach over the sizes of y: an axis of size 1 serves all of y's. Lanes are kChannelBlock, or 1 for a
/// single channel that serves all channels, such as a scalar.
struct BinaryOperand {
  Planes planes;
  const float* data = nullptr;
};

/// y = activation(a function b).
struct BlockedBinary {
  BinaryFunction function = BinaryFunction::kAdd;
  BinaryOperand a, b;
  Planes y_planes;
  float* y = nullptr;
  Activation activation = {};
};
void binary(const BlockedBinary& problem, ThreadPool& pool);

/// y = activation(x); `from` and `to` are alike but for the halo.
void activate(const Activation& activation, const Planes& from, const float* x, const Planes& to, float* y,
              ThreadPool& pool);

/// y = activation(fma(x - mean[c], scale[c], shift[c])), the steps of kernels/batch_norm.h. mean, scale and shift are
/// aligned and filled up with finite values to a whole number of blocks. x and y are alike but for the halo.
struct BlockedNormalization {
  Planes x_planes, y_planes;
  const float* x = nullptr;
  const float* mean = nullptr;
  const float* scale = nullptr;
  const float* shift = nullptr;
  float* y = nullptr;
  Activation activation = {};
};
void normalize(const BlockedNormalization& problem, ThreadPool& pool);
/// Rows of block `b` of image `n` of y, on the calling thread.
void normalize_rows(const BlockedNormalization& problem, std::int64_t n, std::int64_t b, Interval rows);

}  // namespace pleat
