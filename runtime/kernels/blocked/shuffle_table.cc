#include <algorithm>

#include "runtime/kernels/blocked/shuffle.h"

namespace pleat {
namespace {

bool is_whole(const ChannelTable::Piece& piece, std::int64_t lanes) {
  for (std::int64_t l = 0; l < lanes; ++l)
    if (piece.taken[l] == 0 || piece.index[l] != l) return false;
  return true;
}

}  // namespace

ChannelTable::ChannelTable(std::vector<ChannelOrigin> origins)
    : origins_(std::move(origins)), whole_(cut(kChannelBlock)), half_(cut(kChannelBlock / 2)) {}

std::span<const ChannelTable::Piece> ChannelTable::pieces(std::int64_t lanes, std::int64_t channel) const {
  const Width& width = lanes == kChannelBlock ? whole_ : half_;
  const auto vector = static_cast<std::size_t>(channel / lanes);
  return std::span(width.pieces).subspan(width.first[vector], width.first[vector + 1] - width.first[vector]);
}

ChannelTable::Width ChannelTable::cut(std::int64_t lanes) const {
  Width width;
  const auto channels = static_cast<std::int64_t>(origins_.size());
  const std::int64_t blocks = (channels + kChannelBlock - 1) / kChannelBlock;
  for (std::int64_t first = 0; first < blocks * kChannelBlock; first += lanes) {
    const std::size_t begin = width.pieces.size();
    width.first.push_back(begin);
    for (std::int64_t l = 0; l < std::min(lanes, channels - first); ++l) {
      const ChannelOrigin& origin = origins_[static_cast<std::size_t>(first + l)];
      if (origin.source < 0) continue;
      const auto vector = static_cast<std::int32_t>(origin.channel / lanes);
      auto piece = std::find_if(width.pieces.begin() + static_cast<std::ptrdiff_t>(begin), width.pieces.end(),
                                [&](const Piece& p) { return p.source == origin.source && p.vector == vector; });
      if (piece == width.pieces.end()) piece = width.pieces.insert(piece, Piece{origin.source, vector, {}, {}, false});
      piece->index[l] = static_cast<std::int32_t>(origin.channel % lanes);
      piece->taken[l] = -1;
    }
    for (std::size_t i = begin; i < width.pieces.size(); ++i) width.pieces[i].whole = is_whole(width.pieces[i], lanes);
  }
  width.first.push_back(width.pieces.size());
  return width;
}

}  // namespace pleat
