#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// Where a channel of y comes from: channel `channel` of the planes number `source`, or zeros where that is negative.
struct ChannelOrigin {
  std::int32_t source = -1;
  std::int32_t channel = 0;
};

/// The origins of all channels of y, prepared for vectors of any width: made once, used in every run.
class ChannelTable {
 public:
  explicit ChannelTable(std::vector<ChannelOrigin> origins);

  /// What a vector of y takes from one vector of a source: lane l takes lane index[l] where taken[l] is -1, and keeps
  /// what it has where that is 0.
  struct Piece {
    std::int32_t source, vector;
    std::int32_t index[kChannelBlock], taken[kChannelBlock];
    bool whole;  ///< every lane takes its like
  };

  const std::vector<ChannelOrigin>& origins() const { return origins_; }
  /// The pieces of the vector of `lanes` (kChannelBlock or half of it) lanes of y from channel `channel` on.
  std::span<const Piece> pieces(std::int64_t lanes, std::int64_t channel) const;

 private:
  struct Width {
    std::vector<Piece> pieces;
    std::vector<std::size_t> first;  ///< of each vector of y, and one more
  };
  Width cut(std::int64_t lanes) const;

  std::vector<ChannelOrigin> origins_;
  Width whole_, half_;
};

struct ChannelSource {
  Planes planes;
  const float* x = nullptr;
};

/// y[n,c] = x[n,channel of c] of NCHW16c planes that are alike but for channels and halo: Split, Slice, Concat and
/// shuffles of channels. `table` has an origin for each channel of y. The halo and the spare lanes of y become zeros.
/// Sources and y do not overlap. No scratch; threads share the rows of y.
void gather_channels(const ChannelTable& table, std::span<const ChannelSource> sources, const Planes& y_planes,
                     float* y, ThreadPool& pool);

}  // namespace pleat
