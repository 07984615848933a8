#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/layer_norm.cc"
#include "runtime/kernels/layer_norm.h"

#include <cmath>

#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/moments.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/lane_sum_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

/// Some lines at once: each sum is a chain of additions, and several chains hide each other's latency.
template <int kLines, class T>
HWY_INLINE void normalize_lines(const LayerNorm<T>& p, std::int64_t line) {
  using Lanes = VectorLanes<T>;
  const typename Lanes::D d;
  constexpr auto kStep = static_cast<std::int64_t>(Lanes::kLanes);
  constexpr auto kBlock = static_cast<std::int64_t>(kSumLanes);
  const T* x = p.x + line * p.length;
  T* y = p.y + line * p.length;
  const std::int64_t whole = p.length - p.length % kBlock;

  Lanes sums[kLines];
  for (Lanes& s : sums) s.clear();
  for (std::int64_t i = 0; i < whole; i += kBlock)
    for (std::size_t v = 0; v < Lanes::kVectors; ++v)
#pragma GCC unroll 4
      for (int n = 0; n < kLines; ++n)
        sums[n].sums[v] = hn::Add(sums[n].sums[v], hn::LoadU(d, x + n * p.length + i + v * Lanes::kLanes));
  for (std::int64_t i = whole; i < p.length; i += kStep) {
    const auto present = hn::FirstN(d, static_cast<std::size_t>(p.length - i));
    for (int n = 0; n < kLines; ++n) {
      auto& sum = sums[n].sums[(i - whole) / kStep];
      sum = hn::Add(sum, hn::MaskedLoad(present, d, x + n * p.length + i));
    }
  }
  typename Lanes::V mean[kLines], factor[kLines];
  for (int n = 0; n < kLines; ++n) mean[n] = hn::Set(d, sums[n].total() / static_cast<T>(p.length));

  for (Lanes& s : sums) s.clear();
  for (std::int64_t i = 0; i < whole; i += kBlock)
    for (std::size_t v = 0; v < Lanes::kVectors; ++v)
#pragma GCC unroll 4
      for (int n = 0; n < kLines; ++n) {
        const auto distance = hn::Sub(hn::LoadU(d, x + n * p.length + i + v * Lanes::kLanes), mean[n]);
        sums[n].sums[v] = hn::MulAdd(distance, distance, sums[n].sums[v]);
      }
  for (std::int64_t i = whole; i < p.length; i += kStep) {
    const auto present = hn::FirstN(d, static_cast<std::size_t>(p.length - i));
    for (int n = 0; n < kLines; ++n) {
      auto& sum = sums[n].sums[(i - whole) / kStep];
      const auto distance = hn::Sub(hn::MaskedLoad(present, d, x + n * p.length + i), mean[n]);
      sum = hn::IfThenElse(present, hn::MulAdd(distance, distance, sum), sum);
    }
  }
  for (int n = 0; n < kLines; ++n) {
    const T variance = sums[n].total() / static_cast<T>(p.length);
    factor[n] = hn::Div(hn::Set(d, T{1}), hn::Sqrt(hn::Set(d, variance + p.epsilon)));
  }

  std::int64_t i = 0;
  for (; i + kStep <= p.length; i += kStep) {
    const auto scale = hn::LoadU(d, p.scale + i);
    const auto shift = p.shift == nullptr ? hn::Zero(d) : hn::LoadU(d, p.shift + i);
#pragma GCC unroll 4
    for (int n = 0; n < kLines; ++n) {
      const auto value = hn::Mul(hn::Sub(hn::LoadU(d, x + n * p.length + i), mean[n]), factor[n]);
      hn::StoreU(hn::MulAdd(value, scale, shift), d, y + n * p.length + i);
    }
  }
  if (i == p.length) return;
  const auto present = hn::FirstN(d, static_cast<std::size_t>(p.length - i));
  const auto scale = hn::MaskedLoad(present, d, p.scale + i);
  const auto shift = p.shift == nullptr ? hn::Zero(d) : hn::MaskedLoad(present, d, p.shift + i);
  for (int n = 0; n < kLines; ++n) {
    const auto value = hn::Mul(hn::Sub(hn::MaskedLoad(present, d, x + n * p.length + i), mean[n]), factor[n]);
    hn::BlendedStore(hn::MulAdd(value, scale, shift), present, d, y + n * p.length + i);
  }
}

template <class T>
void lines(const LayerNorm<T>& p) {
  std::int64_t line = 0;
  for (; line + 4 <= p.lines; line += 4) normalize_lines<4>(p, line);
  for (; line < p.lines; ++line) normalize_lines<1>(p, line);
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class T>
void lines(const LayerNorm<T>& p) {
  for (std::int64_t line = 0; line < p.lines; ++line) {
    const T* x = p.x + line * p.length;
    const auto [mean, variance] = moments(x, p.length);
    normalize_line(x, mean, T{1} / std::sqrt(variance + p.epsilon), p.scale, p.shift, p.y + line * p.length, p.length);
  }
}

}  // namespace reference

template <class T>
void layer_norm(const LayerNorm<T>& norm) {
  PLEAT_CHOOSE(lines<T>)(norm);
}

template void layer_norm(const LayerNorm<float>&);
template void layer_norm(const LayerNorm<double>&);

}  // namespace pleat
#endif
