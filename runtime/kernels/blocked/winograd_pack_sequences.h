// U of winograd.h over Lanes, an Ops of elementary.h for double that loads from and stores to float. Meant to be
// included inside a namespace: once for the scalar reference and once per vector target. The place of inclusion brings
// Lanes.

using Value = Lanes::Value;

/// u = G·w. The points 0, ±s, ±2s give rows (1, p, p²) / N(p), N(p) the product of the distances of p to the other
/// points; ∞ gives (0, 0, 1) / s³, since Aᵀ brings s³ to it (winograd_sequences.h).
HWY_INLINE void weights_to_points(const Lanes& o, const Value (&w)[3], Value (&u)[6]) {
  const Value near_even = o.add(o.mul(o.set(-2048.0 / 1875), w[0]), o.mul(o.set(-32.0 / 75), w[2]));
  const Value near_odd = o.mul(o.set(-256.0 / 375), w[1]);
  const Value far_even = o.add(o.mul(o.set(512.0 / 1875), w[0]), o.mul(o.set(32.0 / 75), w[2]));
  const Value far_odd = o.mul(o.set(128.0 / 375), w[1]);
  u[0] = o.mul(o.set(1024.0 / 625), w[0]);
  u[1] = o.add(near_even, near_odd);
  u[2] = o.sub(near_even, near_odd);
  u[3] = o.add(far_even, far_odd);
  u[4] = o.sub(far_even, far_odd);
  u[5] = o.mul(o.set(512.0 / 125), w[2]);
}

/// w[3·3][16 lanes], u[6·6] of 16 lanes each, `step` elements apart.
inline void transform_weights(const float* HWY_RESTRICT w, float* HWY_RESTRICT u, std::int64_t step) {
  const Lanes o;
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += Lanes::kLanes) {
    Value rows[6][3];
#pragma GCC unroll 3
    for (int k = 0; k < 3; ++k) {
      const Value column[3] = {o.load(w + k * kChannelBlock + lane), o.load(w + (3 + k) * kChannelBlock + lane),
                               o.load(w + (6 + k) * kChannelBlock + lane)};
      Value points[6];
      weights_to_points(o, column, points);
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) rows[i][k] = points[i];
    }
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) {
      Value points[6];
      weights_to_points(o, rows[i], points);
#pragma GCC unroll 6
      for (int j = 0; j < 6; ++j) o.store(points[j], u + (6 * i + j) * step + lane);
    }
  }
}
