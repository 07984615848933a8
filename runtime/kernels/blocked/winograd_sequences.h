// The steps of winograd.h over Lanes, an Ops of elementary.h that loads and stores `kLanes` neighbouring lanes. Meant
// to be included inside a namespace: once for the scalar reference and once per vector target. The place of inclusion
// brings Lanes and multiply(const WinogradProduct&).

using Value = Lanes::Value;

/// s = 5/8, the points of interpolation being 0, ±s, ±2s and ∞. All constants here are exact.
inline constexpr float kScale = 0.625F;

/// v = Bᵀ·d, the rows of Bᵀ being the coefficients of the products of (x - p) over all finite points p but one, and
/// over all of them.
HWY_INLINE void to_points(const Lanes& o, const Value (&d)[6], Value (&v)[6]) {
  constexpr float kNear = kScale * kScale, kFar = 4 * kNear;
  const Value sum = o.set(-(kNear + kFar)), product = o.set(kNear * kFar);
  const Value near_even = o.fma(o.set(-kFar), d[2], d[4]);
  const Value near_odd = o.fma(o.set(-kFar), d[1], d[3]);
  const Value far_even = o.fma(o.set(-kNear), d[2], d[4]);
  const Value far_odd = o.fma(o.set(-kNear), d[1], d[3]);
  v[0] = o.fma(product, d[0], o.fma(sum, d[2], d[4]));
  v[1] = o.fma(o.set(kScale), near_odd, near_even);
  v[2] = o.fma(o.set(-kScale), near_odd, near_even);
  v[3] = o.fma(o.set(2 * kScale), far_odd, far_even);
  v[4] = o.fma(o.set(-2 * kScale), far_odd, far_even);
  v[5] = o.fma(product, d[1], o.fma(sum, d[3], d[5]));
}

/// z = Aᵀ·m but for the factor s^i of row i, which the last step brings for both axes at once:
/// z[i] = 0^i·m[0] + m[1] + (-1)^i·m[2] + 2^i·m[3] + (-2)^i·m[4], and z[3] gets m[5] too.
HWY_INLINE void from_points(const Lanes& o, const Value (&m)[6], Value (&z)[4]) {
  const Value near_even = o.add(m[1], m[2]);
  const Value near_odd = o.sub(m[1], m[2]);
  const Value far_even = o.add(m[3], m[4]);
  const Value far_odd = o.sub(m[3], m[4]);
  z[0] = o.add(o.add(m[0], near_even), far_even);
  z[1] = o.fma(o.set(2), far_odd, near_odd);
  z[2] = o.fma(o.set(4), far_even, near_even);
  z[3] = o.fma(o.set(8), far_odd, o.add(near_odd, m[5]));
}

/// V of one tile and block of channels; x has `row` elements from a row to the next, v `step` from a place to the next.
HWY_INLINE void input_tile(const Lanes& o, const float* HWY_RESTRICT x, std::int64_t row, float* HWY_RESTRICT v,
                           std::int64_t step) {
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += Lanes::kLanes) {
    Value rows[6][6];
#pragma GCC unroll 6
    for (int j = 0; j < 6; ++j) {
      Value column[6], points[6];
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) column[i] = o.load(x + i * row + j * kChannelBlock + lane);
      to_points(o, column, points);
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) rows[i][j] = points[i];
    }
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) {
      Value points[6];
      to_points(o, rows[i], points);
#pragma GCC unroll 6
      for (int j = 0; j < 6; ++j) o.store(points[j], v + (6 * i + j) * step + lane);
    }
  }
}

struct Keep {
  HWY_INLINE Value operator()(const Lanes&, Value x) const { return x; }
};
struct Relu {
  HWY_INLINE Value operator()(const Lanes& o, Value x) const { return o.if_less(x, o.set(0), o.set(0), x); }
};
struct Clip {
  Value least, most;
  HWY_INLINE Value operator()(const Lanes& o, Value x) const {
    x = o.if_less(x, least, least, x);
    return o.if_less(most, x, most, x);
  }
};
struct Leaky {
  Value slope;
  HWY_INLINE Value operator()(const Lanes& o, Value x) const { return o.if_less(x, o.set(0), o.mul(slope, x), x); }
};

/// 4×4 pixels of one output block, and where they come from.
struct OutputTile {
  const float* m;
  std::int64_t step;
  const float* bias;
  const float* addend;  ///< may be null
  std::int64_t addend_row;
  float* y;
  std::int64_t y_row;
};

template <class Function>
HWY_INLINE void output_tile(const Lanes& o, const OutputTile& t, const Function& function) {
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += Lanes::kLanes) {
    Value rows[4][6];
#pragma GCC unroll 6
    for (int j = 0; j < 6; ++j) {
      Value column[6], sums[4];
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) column[i] = o.load(t.m + (6 * i + j) * t.step + lane);
      from_points(o, column, sums);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) rows[i][j] = sums[i];
    }
    constexpr float kPowers[] = {1,
                                 kScale,
                                 kScale * kScale,
                                 kScale * kScale * kScale,
                                 kScale * kScale * kScale * kScale,
                                 kScale * kScale * kScale * kScale * kScale,
                                 kScale * kScale * kScale * kScale * kScale * kScale};
    const Value bias = o.load(t.bias + lane);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      Value sums[4];
      from_points(o, rows[i], sums);
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        Value y = o.fma(o.set(kPowers[i + j]), sums[j], bias);
        if (t.addend != nullptr) y = o.add(y, o.load(t.addend + i * t.addend_row + j * kChannelBlock + lane));
        o.store(function(o, y), t.y + i * t.y_row + j * kChannelBlock + lane);
      }
    }
  }
}

inline constexpr std::int64_t kAhead = 2 * kWinogradOutputs;  ///< pixels, so two tiles

/// Asks for the pixels of a tile to come: large maps lie far away, in rows too short for the processor to foresee. To
/// ask for what lies beyond the planes does no harm.
template <int kRows, int kUse>
HWY_INLINE void fetch_pixels(const float* from, std::int64_t row) {
#pragma GCC unroll 6
  for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) __builtin_prefetch(from + i * row + j * kChannelBlock, kUse);
}

inline void inputs(const WinogradConv& p, const WinogradGroup& group, Interval items) {
  const Lanes o;
  const WinogradTiles tiles(p.out);
  const std::int64_t size = group.tiles.size();
  const std::int64_t step = winograd_step(p.in.blocks(), size);
  for (std::int64_t item = items.begin; item < items.end; ++item) {
    const std::int64_t block = item / size;
    const InputWindow window(p, tiles.at(group.tiles.begin + item % size), block);
    if (window.whole()) fetch_pixels<6, kToRead>(window.source() + (kAhead + 2) * kChannelBlock, p.in.row());
    alignas(64) float copy[kWinogradPlaces * kChannelBlock];
    if (!window.whole()) window.copy_to(copy);
    input_tile(o, window.whole() ? window.source() : copy,
               window.whole() ? p.in.row() : kWinogradInputs * kChannelBlock, group.v + item * kChannelBlock, step);
  }
}

/// The tiles of one output block; `m` is its part of M.
template <class Function>
void finish_block(const WinogradConv& p, const WinogradGroup& group, std::int64_t block, Interval range, const float* m,
                  std::int64_t step, const Function& function) {
  const Lanes o;
  const WinogradTiles tiles(p.out);
  alignas(64) float bias[kChannelBlock] = {};
  if (p.bias != nullptr)
    std::copy(p.bias + block * kChannelBlock, p.bias + std::min(p.out.channels, (block + 1) * kChannelBlock), bias);
  for (std::int64_t t = range.begin; t < range.end; ++t, m += kChannelBlock) {
    const OutputWindow window(p, tiles, tiles.at(group.tiles.begin + t), block);
    OutputTile tile = {m, step, bias, window.addend(), p.epilogue.addend_planes.row(), window.target(), p.out.row()};
    alignas(64) float addend[kOutputTileElements];
    alignas(64) float copy[kOutputTileElements];
    if (!window.whole()) {
      tile.y = copy;
      tile.y_row = kWinogradOutputs * kChannelBlock;
      if (tile.addend != nullptr) {
        window.copy_addend_to(addend);
        tile.addend = addend;
        tile.addend_row = kWinogradOutputs * kChannelBlock;
      }
    }
    if (window.whole()) fetch_pixels<4, kToWrite>(window.target() + kAhead * kChannelBlock, p.out.row());
    output_tile(o, tile, function);
    if (!window.whole()) window.copy_from(copy);
    window.clear_halo();
  }
}

/// The same with any activation.
inline void finish(const WinogradConv& p, const WinogradGroup& group, std::int64_t block, Interval tiles,
                   const float* m, std::int64_t step) {
  const Lanes o;
  const Activation& f = p.epilogue.activation;
  switch (f.function) {
    case Unary::kIdentity: return finish_block(p, group, block, tiles, m, step, Keep());
    case Unary::kRelu: return finish_block(p, group, block, tiles, m, step, Relu());
    case Unary::kClip: return finish_block(p, group, block, tiles, m, step, Clip{o.set(f.a), o.set(f.b)});
    case Unary::kLeakyRelu: return finish_block(p, group, block, tiles, m, step, Leaky{o.set(f.a)});
    default: break;
  }
  finish_block(p, group, block, tiles, m, step, Keep());
  activate_tiles(p, group, block, tiles);
}

inline void outputs(const WinogradConv& p, const WinogradGroup& group, std::int64_t pair, Interval tiles, float* m) {
  const std::int64_t blocks = std::min<std::int64_t>(2, p.out.blocks() - 2 * pair);
  const std::int64_t v_step = winograd_step(p.in.blocks(), group.tiles.size());
  const std::int64_t u_step = p.in.channels * kChannelBlock;
  const std::int64_t m_step = winograd_step(blocks, tiles.size());
  for (std::int64_t place = 0; place < kWinogradPlaces; ++place)
    multiply({.channels = p.in.channels,
              .tiles = tiles.size(),
              .blocks = blocks,
              .v = group.v + place * v_step + tiles.begin * kChannelBlock,
              .v_block = group.tiles.size() * kChannelBlock,
              .u = p.packed + (2 * pair * kWinogradPlaces + place) * u_step,
              .u_block = kWinogradPlaces * u_step,
              .m = m + place * m_step,
              .m_block = tiles.size() * kChannelBlock});
  for (std::int64_t b = 0; b < blocks; ++b)
    finish(p, group, 2 * pair + b, tiles, m + b * tiles.size() * kChannelBlock, m_step);
}
