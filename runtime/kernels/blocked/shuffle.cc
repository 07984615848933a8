#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/shuffle.cc"
#include "runtime/kernels/blocked/shuffle.h"

#include <algorithm>

#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/blocked/shuffle_rows.h"
#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/block_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

using DI = hn::RebindToSigned<D>;

/// One piece at work: where its rows lie and how its lanes move.
struct Mover {
  const float* x;
  std::int64_t x_row;
  hn::Vec<DI> index;
  hn::Mask<D> taken;

  HWY_INLINE V moved(const float* from) const {
    return hn::TableLookupLanes(hn::LoadU(D(), from), hn::IndicesFromVec(D(), index));
  }
};

HWY_INLINE Mover mover_of(const ShuffleRows& r, const ChannelTable::Piece& piece) {
  const ChannelSource& source = r.sources[static_cast<std::size_t>(piece.source)];
  const std::int64_t channel = piece.vector * kLanes;
  const float* x = source.x + source.planes.offset(r.n, channel / kChannelBlock, r.first_row, 0);
  return {x + channel % kChannelBlock, source.planes.row(), hn::LoadU(DI(), piece.index),
          hn::MaskFromVec(hn::BitCast(D(), hn::LoadU(DI(), piece.taken)))};
}

/// Lanes that no piece takes become zeros.
template <int kPieces>
void move_pieces(const ShuffleRows& r, std::span<const ChannelTable::Piece> pieces, float* y) {
  const D d;
  Mover movers[kPieces];
#pragma GCC unroll 4
  for (int i = 0; i < kPieces; ++i) movers[i] = mover_of(r, pieces[static_cast<std::size_t>(i)]);
  for (std::int64_t row = 0; row < r.rows; ++row) {
    float* out = y + row * r.y_row;
    for (std::int64_t p = 0; p < r.pixels * kChannelBlock; p += kChannelBlock) {
      V value = hn::IfThenElseZero(movers[0].taken, movers[0].moved(movers[0].x + row * movers[0].x_row + p));
#pragma GCC unroll 4
      for (int i = 1; i < kPieces; ++i)
        value = hn::IfThenElse(movers[i].taken, movers[i].moved(movers[i].x + row * movers[i].x_row + p), value);
      hn::Store(value, d, out + p);
    }
  }
}

/// Adds the lanes of one more piece to a vector of y.
void move_one_more(const ShuffleRows& r, const ChannelTable::Piece& piece, float* y) {
  const D d;
  const Mover mover = mover_of(r, piece);
  for (std::int64_t row = 0; row < r.rows; ++row)
    for (std::int64_t p = 0; p < r.pixels * kChannelBlock; p += kChannelBlock) {
      float* out = y + row * r.y_row + p;
      hn::Store(hn::IfThenElse(mover.taken, mover.moved(mover.x + row * mover.x_row + p), hn::Load(d, out)), d, out);
    }
}

void copy_whole(const ShuffleRows& r, const ChannelTable::Piece& piece, float* y) {
  const D d;
  const Mover mover = mover_of(r, piece);
  for (std::int64_t row = 0; row < r.rows; ++row)
    for (std::int64_t p = 0; p < r.pixels * kChannelBlock; p += kChannelBlock)
      hn::Store(hn::Load(d, mover.x + row * mover.x_row + p), d, y + row * r.y_row + p);
}

void clear(const ShuffleRows& r, float* y) {
  for (std::int64_t row = 0; row < r.rows; ++row)
    for (std::int64_t p = 0; p < r.pixels * kChannelBlock; p += kChannelBlock)
      hn::Store(hn::Zero(D()), D(), y + row * r.y_row + p);
}

void shuffle_rows(const ShuffleRows& r) {
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += kLanes) {
    const auto pieces = r.table->pieces(kLanes, r.block * kChannelBlock + lane);
    float* y = r.y + lane;
    if (pieces.size() == 1 && pieces[0].whole) {
      copy_whole(r, pieces[0], y);
      continue;
    }
    switch (pieces.size()) {
      case 0: clear(r, y); break;
      case 1: move_pieces<1>(r, pieces, y); break;
      case 2: move_pieces<2>(r, pieces, y); break;
      case 3: move_pieces<3>(r, pieces, y); break;
      default: move_pieces<4>(r, pieces, y);
    }
    for (std::size_t i = 4; i < pieces.size(); ++i) move_one_more(r, pieces[i], y);
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {

void gather_channels(const ChannelTable& table, std::span<const ChannelSource> sources, const Planes& y_planes,
                     float* y, ThreadPool& pool) {
  const auto work = PLEAT_CHOOSE(shuffle_rows);
  bool joined = rows_join(y_planes);
  for (const ChannelSource& source : sources) joined = joined && rows_join(source.planes);
  parallel_rows(y_planes, rows_worth_a_thread(y_planes.row()), pool,
                [&](std::int64_t n, std::int64_t b, Interval rows) {
                  clear_halo(y_planes, y, n, b, rows);
                  work({.table = &table,
                        .sources = sources,
                        .n = n,
                        .block = b,
                        .first_row = rows.begin,
                        .rows = joined ? 1 : rows.size(),
                        .pixels = joined ? rows.size() * y_planes.width : y_planes.width,
                        .y = y + y_planes.offset(n, b, rows.begin, 0),
                        .y_row = y_planes.row()});
                });
}

}  // namespace pleat
#endif
