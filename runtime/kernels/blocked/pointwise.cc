#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/pointwise.cc"
#include "runtime/kernels/blocked/pointwise.h"

#include <algorithm>

#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/blocked/pointwise_rows.h"
#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/block_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

template <BinaryFunction kFunction>
HWY_INLINE V apply(V a, V b) {
  if constexpr (kFunction == BinaryFunction::kAdd) return hn::Add(a, b);
  if constexpr (kFunction == BinaryFunction::kSub) return hn::Sub(a, b);
  if constexpr (kFunction == BinaryFunction::kMul) return hn::Mul(a, b);
  if constexpr (kFunction == BinaryFunction::kDiv) return hn::Div(a, b);
}

/// One row of an operand; what serves all its pixels is loaded once.
template <Reach kReach>
class OperandRow {
 public:
  HWY_INLINE OperandRow(const OperandRows& rows, std::int64_t row) : data_(rows.data + row * rows.row) {
    for (std::int64_t v = 0; v < kVectors; ++v) held_[v] = load_held(v);
  }
  HWY_INLINE V value(std::int64_t pixel, std::int64_t v) const {
    if constexpr (kReach == Reach::kEach) return hn::Load(D(), data_ + pixel * kChannelBlock + v * kLanes);
    if constexpr (kReach == Reach::kSpread) return hn::Set(D(), data_[pixel]);
    return held_[v];
  }

 private:
  HWY_INLINE V load_held(std::int64_t v) const {
    if constexpr (kReach == Reach::kHeld) return hn::Load(D(), data_ + v * kLanes);
    if constexpr (kReach == Reach::kScalar) return hn::Set(D(), data_[0]);
    return hn::Zero(D());
  }

  const float* data_;
  V held_[kVectors];
};

template <BinaryFunction kFunction, Reach kA, Reach kB>
void rows_of(const BinaryRows& r) {
  const D d;
  const BoundVectors bounded(r.bounds);
  V kept[kVectors];
  for (std::int64_t v = 0; v < kVectors; ++v) kept[v] = lanes_below(r.lanes, v);
  for (std::int64_t row = 0; row < r.rows; ++row) {
    const OperandRow<kA> a(r.a, row);
    const OperandRow<kB> b(r.b, row);
    float* y = r.y + row * r.y_row;
    for (std::int64_t p = 0; p < r.pixels; ++p)
      for (std::int64_t v = 0; v < kVectors; ++v) {
        const V value = bounded(apply<kFunction>(a.value(p, v), b.value(p, v)));
        hn::Store(hn::And(kept[v], value), d, y + p * kChannelBlock + v * kLanes);
      }
  }
}

template <BinaryFunction kFunction, Reach kA>
void rows_by_b(const BinaryRows& r) {
  switch (r.b.reach) {
    case Reach::kEach: return rows_of<kFunction, kA, Reach::kEach>(r);
    case Reach::kHeld: return rows_of<kFunction, kA, Reach::kHeld>(r);
    case Reach::kSpread: return rows_of<kFunction, kA, Reach::kSpread>(r);
    case Reach::kScalar: return rows_of<kFunction, kA, Reach::kScalar>(r);
  }
}

template <BinaryFunction kFunction>
void rows_by_a(const BinaryRows& r) {
  switch (r.a.reach) {
    case Reach::kEach: return rows_by_b<kFunction, Reach::kEach>(r);
    case Reach::kHeld: return rows_by_b<kFunction, Reach::kHeld>(r);
    case Reach::kSpread: return rows_by_b<kFunction, Reach::kSpread>(r);
    case Reach::kScalar: return rows_by_b<kFunction, Reach::kScalar>(r);
  }
}

void binary_rows(const BinaryRows& r) {
  switch (r.function) {
    case BinaryFunction::kAdd: return rows_by_a<BinaryFunction::kAdd>(r);
    case BinaryFunction::kSub: return rows_by_a<BinaryFunction::kSub>(r);
    case BinaryFunction::kMul: return rows_by_a<BinaryFunction::kMul>(r);
    case BinaryFunction::kDiv: return rows_by_a<BinaryFunction::kDiv>(r);
  }
}

void normalize_rows(const NormalizationRows& r) {
  const D d;
  const BoundVectors bounded(r.bounds);
  V kept[kVectors], mean[kVectors], scale[kVectors], shift[kVectors];
  for (std::int64_t v = 0; v < kVectors; ++v) {
    kept[v] = lanes_below(r.lanes, v);
    mean[v] = hn::Load(d, r.mean + v * kLanes);
    scale[v] = hn::Load(d, r.scale + v * kLanes);
    shift[v] = hn::Load(d, r.shift + v * kLanes);
  }
  for (std::int64_t row = 0; row < r.rows; ++row) {
    const float* x = r.x + row * r.x_row;
    float* y = r.y + row * r.y_row;
    for (std::int64_t p = 0; p < r.pixels; ++p)
      for (std::int64_t v = 0; v < kVectors; ++v) {
        const std::int64_t at = p * kChannelBlock + v * kLanes;
        const V value = bounded(hn::MulAdd(hn::Sub(hn::Load(d, x + at), mean[v]), scale[v], shift[v]));
        hn::Store(hn::And(kept[v], value), d, y + at);
      }
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace {

std::int64_t channels_of_block(const Planes& planes, std::int64_t b) {
  return std::min(kChannelBlock, planes.channels - b * kChannelBlock);
}

/// Whether neighbouring rows of the operand may be taken as one long row where those of y may.
bool runs_on(const BinaryOperand& operand, const Planes& y) {
  const Planes& p = operand.planes;
  const bool one_value = p.height == 1 && p.width == 1;
  const bool as_y = p.height == y.height && p.width == y.width && rows_join(p);
  return one_value || as_y;
}

bool is_one_number_a_channel(const BinaryOperand& operand) {
  return operand.planes.height == 1 && operand.planes.width == 1 && operand.planes.channels > 1;
}

/// Some rows of a block, or pixels of one long row where the rows from `first_row` on are joined to one.
struct Piece {
  std::int64_t n, b, first_row;
  std::int64_t row, rows;  ///< `row` counts from first_row
  std::int64_t pixel, pixels;
};

OperandRows operand_rows(const BinaryOperand& operand, const Planes& y, const Piece& piece) {
  const Planes& p = operand.planes;
  const bool one_row = p.height == 1 && y.height > 1;
  const bool one_pixel = p.width == 1 && (y.width > 1 || one_row);
  OperandRows rows;
  rows.row = one_row ? 0 : p.row();
  if (p.lanes == 1)
    rows.reach = one_pixel ? Reach::kScalar : Reach::kSpread;
  else
    rows.reach = one_pixel ? Reach::kHeld : Reach::kEach;
  rows.data = operand.data + p.offset(p.batch == 1 ? 0 : piece.n, p.channels == 1 ? 0 : piece.b,
                                      one_row ? 0 : piece.first_row + piece.row, one_pixel ? 0 : piece.pixel);
  return rows;
}

/// Calls run(piece, its first pixel in y) on pieces that cover rows `range` of a block of y, and activates what it
/// stored.
template <class Run>
void for_each_piece(const Planes& y_planes, float* y, const Activation& f, bool joined, std::int64_t n, std::int64_t b,
                    Interval range, const Run& run) {
  const bool whole = bounds_of(f).whole;
  joined = joined && rows_join(y_planes);
  clear_halo(y_planes, y, n, b, range);
  const std::int64_t rows = joined ? 1 : range.size();
  const std::int64_t pixels = joined ? range.size() * y_planes.width : y_planes.width;
  const std::int64_t most_rows = whole ? rows : std::max<std::int64_t>(1, kHotPixels / pixels);
  const std::int64_t most_pixels = whole ? pixels : kHotPixels;
  for (std::int64_t r = 0; r < rows; r += most_rows)
    for (std::int64_t p = 0; p < pixels; p += most_pixels) {
      const Piece piece = {n, b, range.begin, r, std::min(most_rows, rows - r), p, std::min(most_pixels, pixels - p)};
      float* out = y + y_planes.offset(n, b, range.begin + r, p);
      run(piece, out);
      if (!whole) activate_rows(f, out, piece.rows, piece.pixels * kChannelBlock, y_planes.row());
    }
  if (is_wild_at_zero(f) && b == y_planes.blocks() - 1) clear_spare_lanes(y_planes, y, n, range);
}

std::int64_t grain_of(const Planes& y_planes, const Activation& f) {
  return rows_worth_a_thread(y_planes.row(), bounds_of(f).whole ? 1 : 4);
}

}  // namespace

void binary(const BlockedBinary& p, ThreadPool& pool) {
  const auto work = PLEAT_CHOOSE(binary_rows);
  const bool joined = runs_on(p.a, p.y_planes) && runs_on(p.b, p.y_planes);
  // Numbers of channels come from what takes these one by one, such as a global pooling.
  const bool by_rows = shares_rows(p.y_planes) && !is_one_number_a_channel(p.a) && !is_one_number_a_channel(p.b);
  const auto rows_of_block = [&](std::int64_t n, std::int64_t b, Interval rows) {
    for_each_piece(p.y_planes, p.y, p.activation, joined, n, b, rows, [&](const Piece& piece, float* y) {
      work({.function = p.function,
            .a = operand_rows(p.a, p.y_planes, piece),
            .b = operand_rows(p.b, p.y_planes, piece),
            .y = y,
            .y_row = p.y_planes.row(),
            .rows = piece.rows,
            .pixels = piece.pixels,
            .lanes = channels_of_block(p.y_planes, piece.b),
            .bounds = bounds_of(p.activation)});
    });
  };
  parallel_rows(p.y_planes, by_rows, grain_of(p.y_planes, p.activation), pool, rows_of_block);
}

void activate(const Activation& f, const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  const bool joined = rows_join(from) && rows_join(to);
  parallel_rows(to, rows_worth_a_thread(to.row(), 4), pool, [&](std::int64_t n, std::int64_t b, Interval range) {
    clear_halo(to, y, n, b, range);
    const std::int64_t rows = joined ? 1 : range.size();
    const std::int64_t pixels = joined ? range.size() * to.width : to.width;
    for (std::int64_t r = 0; r < rows; ++r)
      activate(f, x + from.offset(n, b, range.begin + r, 0), y + to.offset(n, b, range.begin + r, 0),
               pixels * kChannelBlock);
    if (b == to.blocks() - 1) clear_spare_lanes(to, y, n, range);
  });
}

void normalize_rows(const BlockedNormalization& p, std::int64_t n, std::int64_t b, Interval rows) {
  const auto work = PLEAT_CHOOSE(normalize_rows);
  for_each_piece(p.y_planes, p.y, p.activation, rows_join(p.x_planes), n, b, rows, [&](const Piece& piece, float* y) {
    const std::int64_t channel = piece.b * kChannelBlock;
    work({.x = p.x + p.x_planes.offset(piece.n, piece.b, piece.first_row + piece.row, piece.pixel),
          .mean = p.mean + channel,
          .scale = p.scale + channel,
          .shift = p.shift + channel,
          .x_row = p.x_planes.row(),
          .y = y,
          .y_row = p.y_planes.row(),
          .rows = piece.rows,
          .pixels = piece.pixels,
          .lanes = channels_of_block(p.y_planes, piece.b),
          .bounds = bounds_of(p.activation)});
  });
}

void normalize(const BlockedNormalization& p, ThreadPool& pool) {
  parallel_rows(p.y_planes, grain_of(p.y_planes, p.activation), pool,
                [&](std::int64_t n, std::int64_t b, Interval rows) { normalize_rows(p, n, b, rows); });
}

}  // namespace pleat
#endif
