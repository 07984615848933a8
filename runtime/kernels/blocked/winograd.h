#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/epilogue.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/interval.h"

namespace pleat {

/// y = activation(bias + x ∗ w + addend) for kernels of 3×3, stride 1, dilation 1 and one group, by the minimal
/// filtering F(4×4, 3×3) of Winograd (Lavin & Gray, arXiv 1509.09308). Per tile of 4×4 outputs and channel:
///
///   V[c] = Bᵀ·x[c]·B   the 6×6 inputs of the tile, those outside the planes being 0
///   U[c] = G·w[c]·Gᵀ   in double, rounded once to float; done by pack_winograd
///   M    = Σ V[c]⊙U[c] for each of the 36 places in chains of fused multiply-adds over 64 channels ascending, each
///          from 0, that are added in order
///   Z    = Aᵀ·M·A
///   y    = activation(fma(s^(i+j), Z[i,j], bias) + addend), s = 5/8
///
/// The points of interpolation are 0, ±5/8, ±5/4 and ∞: they lose about half of what 0, ±1, ±2, ∞ lose (on the choice
/// of points: Alam et al., 10.1145/3524069). Columns are transformed first, then rows, by the sequences of
/// winograd_sequences.h. This is a fixed arithmetic of its own: not the bits of the direct convolution, but the same
/// bits on every instruction set, thread count and batch. A value of x that is not finite reaches the whole of each
/// tile that reads it.
struct WinogradConv {
  Planes in;   ///< 16 lanes, any halo; the lanes beyond `channels` are not read into a sum
  Planes out;  ///< 16 lanes, any halo, which is written as zeros
  std::int64_t pad_top = 0, pad_left = 0;
  const float* x = nullptr;
  const float* packed = nullptr;  ///< what pack_winograd made of w
  const float* bias = nullptr;    ///< [out.channels]; null counts as zeros
  float* y = nullptr;
  Epilogue epilogue;
};

/// Whether the shape is worth it, against a direct convolution. Depends on nothing else, so that the bits do not
/// either.
bool winograd_pays(std::int64_t in_channels, std::int64_t out_channels, std::int64_t out_height,
                   std::int64_t out_width);

/// Packed weights: [output block][6·6][in_channels][16 lanes]. Lanes beyond out_channels are 0.
std::size_t packed_winograd_elements(std::int64_t in_channels, std::int64_t out_channels);

/// Packs the output blocks `blocks` of w[out_channels, in_channels, 3, 3], given from the first of them on, into their
/// places in the whole of `packed`.
void pack_winograd(std::int64_t in_channels, std::int64_t out_channels, Interval blocks, const float* w, float* packed);

/// Enough for any pool of at most `threads`.
std::size_t winograd_scratch_bytes(const WinogradConv& problem, int threads);

/// Splits the tiles over the threads, or the output channels where weights outweigh tiles. Scratch is 64-byte aligned.
void winograd_conv(const WinogradConv& problem, std::byte* scratch, ThreadPool& pool);

}  // namespace pleat
