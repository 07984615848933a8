#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/divided_norm.cc"
#include "runtime/kernels/divided_norm.h"

#include <cmath>

#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/lane_sum_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

using NormLanes = VectorLanes<float>;
using NormVec = NormLanes::V;

/// Some lines at once: each sum is a chain of additions, and several chains hide each other's latency.
template <int kLines>
struct LineBundle {
  static constexpr auto kGroup = static_cast<std::int64_t>(kSumLanes);
  static constexpr auto kStep = static_cast<std::int64_t>(NormLanes::kLanes);
  static constexpr auto kVectors = static_cast<std::int64_t>(NormLanes::kVectors);

  const DividedNorm& p;
  const float* x;
  float* y;

  HWY_INLINE LineBundle(const DividedNorm& norm, std::int64_t line)
      : p(norm), x(norm.x + line * norm.x_line), y(norm.y + line * norm.y_line) {}

  /// sums[n] += term(n, x) over all values; absent ones leave their lanes as they are.
  template <class Term>
  HWY_INLINE void add_up(NormLanes* sums, const Term& term) const {
    const NormLanes::D d;
    for (int n = 0; n < kLines; ++n) sums[n].clear();
    const float* group = x;
    std::int64_t left = p.length;
    for (; left >= kGroup; left -= kGroup, group += p.x_group)
#pragma GCC unroll 2
      for (std::int64_t v = 0; v < kVectors; ++v)
#pragma GCC unroll 4
        for (int n = 0; n < kLines; ++n)
          sums[n].sums[v] = hn::Add(sums[n].sums[v], term(n, hn::LoadU(d, group + n * p.x_line + v * kStep)));
    for (std::int64_t v = 0; v * kStep < left; ++v) {
      const auto present = hn::FirstN(d, static_cast<std::size_t>(left - v * kStep));
      for (int n = 0; n < kLines; ++n) {
        const auto value = term(n, hn::MaskedLoad(present, d, group + n * p.x_line + v * kStep));
        sums[n].sums[v] = hn::IfThenElse(present, hn::Add(sums[n].sums[v], value), sums[n].sums[v]);
      }
    }
  }

  HWY_INLINE void run() const {
    const NormLanes::D d;
    const auto count = static_cast<float>(p.length);
    NormLanes sums[kLines];
    NormVec mean[kLines], deviation[kLines];
    add_up(sums, [](int, NormVec value) HWY_ATTR { return value; });
    for (int n = 0; n < kLines; ++n) mean[n] = hn::Set(d, sums[n].total() / count);
    add_up(sums, [&](int n, NormVec value) HWY_ATTR {
      const auto distance = hn::Sub(value, mean[n]);
      return hn::Mul(distance, distance);
    });
    for (int n = 0; n < kLines; ++n) deviation[n] = hn::Sqrt(hn::Set(d, sums[n].total() / count + p.epsilon));

    const std::int64_t whole = p.length - p.length % kStep;
    std::int64_t x_at = 0, y_at = 0, lane = 0;
    for (std::int64_t i = 0; i < whole; i += kStep) {
      const auto scale = p.scale == nullptr ? hn::Zero(d) : hn::LoadU(d, p.scale + i);
      const auto shift = p.shift == nullptr ? hn::Zero(d) : hn::LoadU(d, p.shift + i);
#pragma GCC unroll 4
      for (int n = 0; n < kLines; ++n) {
        auto value = hn::Div(hn::Sub(hn::LoadU(d, x + n * p.x_line + x_at + lane), mean[n]), deviation[n]);
        if (p.scale != nullptr) value = hn::Mul(value, scale);
        if (p.shift != nullptr) value = hn::Add(value, shift);
        hn::StoreU(value, d, y + n * p.y_line + y_at + lane);
      }
      lane += kStep;
      if (lane == kGroup) lane = 0, x_at += p.x_group, y_at += p.y_group;
    }
    for (std::int64_t i = whole; i < p.length || (p.fill_group && lane != 0); i += kStep) {
      const auto present = hn::FirstN(d, i < p.length ? static_cast<std::size_t>(p.length - i) : 0);
      for (int n = 0; n < kLines; ++n) {
        auto value =
            hn::Div(hn::Sub(hn::MaskedLoad(present, d, x + n * p.x_line + x_at + lane), mean[n]), deviation[n]);
        if (p.scale != nullptr) value = hn::Mul(value, hn::MaskedLoad(present, d, p.scale + i));
        if (p.shift != nullptr) value = hn::Add(value, hn::MaskedLoad(present, d, p.shift + i));
        float* to = y + n * p.y_line + y_at + lane;
        if (p.fill_group)
          hn::StoreU(hn::IfThenElseZero(present, value), d, to);
        else
          hn::BlendedStore(value, present, d, to);
      }
      lane = (lane + kStep) % kGroup;
    }
  }
};

void divided_lines(const DividedNorm& p) {
  std::int64_t line = 0;
  for (; line + 4 <= p.lines; line += 4) LineBundle<4>(p, line).run();
  for (; line < p.lines; ++line) LineBundle<1>(p, line).run();
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

void divided_lines(const DividedNorm& p) {
  constexpr auto kGroup = static_cast<std::int64_t>(kSumLanes);
  const auto count = static_cast<float>(p.length);
  for (std::int64_t line = 0; line < p.lines; ++line) {
    const float* x = p.x + line * p.x_line;
    float* y = p.y + line * p.y_line;
    const auto value = [&](std::int64_t i) { return x[i / kGroup * p.x_group + i % kGroup]; };
    LaneSum<float> sum, squares;
    for (std::int64_t i = 0; i < p.length; ++i) sum.add(value(i));
    const float mean = sum.total() / count;
    for (std::int64_t i = 0; i < p.length; ++i) squares.add((value(i) - mean) * (value(i) - mean));
    const float deviation = std::sqrt(squares.total() / count + p.epsilon);
    for (std::int64_t i = 0; i < p.length; ++i) {
      float result = (value(i) - mean) / deviation;
      if (p.scale != nullptr) result *= p.scale[i];
      if (p.shift != nullptr) result += p.shift[i];
      y[i / kGroup * p.y_group + i % kGroup] = result;
    }
    for (std::int64_t i = p.length; p.fill_group && i % kGroup != 0; ++i) y[i / kGroup * p.y_group + i % kGroup] = 0;
  }
}

}  // namespace reference

void divided_norm(const DividedNorm& norm) { PLEAT_CHOOSE(divided_lines)(norm); }

}  // namespace pleat
#endif
