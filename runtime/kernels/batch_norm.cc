#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/batch_norm.cc"
#include "runtime/kernels/batch_norm.h"

#include <cmath>

#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/lane_sum.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/map_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
struct Affine {
  using V = hn::Vec<hn::ScalableTag<T>>;
  V mean, scale, shift;
  HWY_INLINE V operator()(V x) const { return hn::MulAdd(hn::Sub(x, mean), scale, shift); }
};

/// One channel: `count` neighbours share mean, scale and shift.
template <class T>
void normalize_plane(const T* x, T* y, std::int64_t count, T mean, T scale, T shift) {
  const hn::ScalableTag<T> d;
  map(x, y, count, Affine<T>{hn::Set(d, mean), hn::Set(d, scale), hn::Set(d, shift)});
}

/// `count` channels of one element each.
template <class T>
void normalize_row(const T* x, T* y, std::int64_t count, const T* mean, const T* scale, const T* shift) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t i = 0; i < count; i += lanes) {
    const auto here = hn::FirstN(d, static_cast<std::size_t>(count - i));
    const Affine<T> affine = {hn::MaskedLoad(here, d, mean + i), hn::MaskedLoad(here, d, scale + i),
                              hn::MaskedLoad(here, d, shift + i)};
    hn::BlendedStore(affine(hn::MaskedLoad(here, d, x + i)), here, d, y + i);
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class T>
void normalize_plane(const T* x, T* y, std::int64_t count, T mean, T scale, T shift) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = std::fma(x[i] - mean, scale, shift);
}

template <class T>
void normalize_row(const T* x, T* y, std::int64_t count, const T* mean, const T* scale, const T* shift) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = std::fma(x[i] - mean[i], scale[i], shift[i]);
}

}  // namespace reference

template <class T>
void normalize(const Normalization<T>& p, ThreadPool& pool) {
  constexpr std::int64_t kElements = 4096;  // worth another thread
  if (p.spatial == 0 || p.channels == 0) return;
  if (p.spatial == 1) {
    pool.parallel_for(p.batch, kElements / p.channels + 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t n = begin; n < end; ++n) PLEAT_CHOOSE(normalize_row<T>)
      (p.x + n * p.channels, p.y + n * p.channels, p.channels, p.mean, p.scale, p.shift);
    });
    return;
  }
  pool.parallel_for(p.batch * p.channels, kElements / p.spatial + 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t plane = begin; plane < end; ++plane) {
      const std::int64_t c = plane % p.channels;
      const std::int64_t offset = plane * p.spatial;
      PLEAT_CHOOSE(normalize_plane<T>)(p.x + offset, p.y + offset, p.spatial, p.mean[c], p.scale[c], p.shift[c]);
    }
  });
}

template <class T>
T normalization_scale(T gamma, T variance, T epsilon) {
  return gamma / std::sqrt(variance + epsilon);
}

template <class T>
void batch_statistics(std::int64_t batch, std::int64_t channels, std::int64_t spatial, const T* x, T* mean, T* variance,
                      ThreadPool& pool) {
  const T count = static_cast<T>(batch * spatial);
  pool.parallel_for(channels, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      LaneSum<T> sum, squares;
      for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t s = 0; s < spatial; ++s) sum.add(x[(n * channels + c) * spatial + s]);
      mean[c] = sum.total() / count;
      for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t s = 0; s < spatial; ++s) squares.add_square(x[(n * channels + c) * spatial + s] - mean[c]);
      variance[c] = squares.total() / count;
    }
  });
}

template void normalize(const Normalization<float>&, ThreadPool&);
template void normalize(const Normalization<double>&, ThreadPool&);
template float normalization_scale(float, float, float);
template double normalization_scale(double, double, double);
template void batch_statistics(std::int64_t, std::int64_t, std::int64_t, const float*, float*, float*, ThreadPool&);
template void batch_statistics(std::int64_t, std::int64_t, std::int64_t, const double*, double*, double*, ThreadPool&);

}  // namespace pleat
#endif
