#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/epilogue.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/interval.h"

namespace pleat {

/// Pixels of a row of y so short that its padding counts: a kernel of 3×3 reads a fifth of its taps there.
inline constexpr int kConvRun = 7;

/// y = activation(bias + x ∗ w + addend), each sum one chain in the order of reference::convolve over the real input
/// channels: the same bits on every instruction set, thread count and batch size. With `leaves_padding` 0 is added to
/// each sum, and taps in the padding may be left out: with finite weights they change the sign of a zero at most.
///
/// Layout: `out` has kChannelBlock lanes and any halo, which is written as zeros; `in` has kChannelBlock lanes, or 1
/// (row-major planes) with groups = 1. The halo of `in` covers the padding and whatever else the last windows read.
/// With groups > 1 the channels of a group are a multiple of kChannelBlock on both sides. Lanes of y beyond the
/// channels are finite where x and the addend are. y may be the addend itself if their planes are equal, never x.
///
/// Packed weights: per block of output channels [kChannelBlock] of bias and then [input block][tap][channel of the
/// block][kChannelBlock], the output channels beyond the last as zeros; 64-byte aligned. No scratch.
struct BlockedConv {
  using Sizes = std::array<std::int64_t, 2>;  ///< height, width

  Planes in, out;
  std::int64_t groups = 1;
  Sizes kernel = {1, 1}, stride = {1, 1}, dilation = {1, 1};
  Sizes pad = {0, 0};  ///< at the top and at the left
  bool leaves_padding = false;
  const float* x = nullptr;
  const float* packed = nullptr;
  float* y = nullptr;
  Epilogue epilogue;

  std::int64_t group_channels() const { return in.channels / groups; }  ///< of the input
  std::int64_t group_blocks() const { return out.blocks() / groups; }   ///< of the output
  std::int64_t taps() const { return kernel[0] * kernel[1]; }
  std::int64_t depth() const { return group_channels() * taps(); }
  std::int64_t packed_block() const { return (1 + depth()) * kChannelBlock; }
};

/// Sums of so many products or more are made in several turns, faster where y is not the addend.
inline constexpr std::int64_t kLongSum = 1280;

inline std::size_t packed_conv_elements(const BlockedConv& conv) {
  return static_cast<std::size_t>(conv.out.blocks() * conv.packed_block());
}

/// Packs the output blocks `blocks`, so that they may come one after the other. `w` is [out][in / groups][kernel…] from
/// the first of them on; `bias` is [out] or null and whole, and so is `packed`. Only the shapes of `conv` are read.
void pack_conv(const BlockedConv& conv, const float* w, const float* bias, Interval blocks, float* packed);

/// Whether leaving out the padding repays: by the shape, and only for weights that are finite. Reads `packed`.
bool padding_is_worth_leaving(const BlockedConv& conv);

/// A share of a convolution: output blocks of all groups by output pixels of all images, counted row by row.
struct ConvPiece {
  Interval blocks, pixels;
};

/// One piece, on the calling thread. Of the halo of `out` it zeroes what lies before the first pixel of each of its
/// rows and, if it has the last row, all behind that.
void conv_piece(const BlockedConv& conv, const ConvPiece& piece);

/// Splits output channels or pixels over the pool; a tiny problem stays on the calling thread.
void conv(const BlockedConv& conv, ThreadPool& pool);

}  // namespace pleat
