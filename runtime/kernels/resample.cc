#include "runtime/kernels/resample.h"

namespace pleat {
namespace {

template <class T>
void resample_row(const Resampling<T>& p, const T* x, const std::int64_t* index, const double* weight, T* y) {
  const T* first = x + index[0] * p.inner;
  const T first_weight = static_cast<T>(weight[0]);
  for (std::int64_t b = 0; b < p.inner; ++b) y[b] = first_weight * first[b];
  for (std::int64_t t = 1; t < p.taps; ++t) {
    const T* row = x + index[t] * p.inner;
    const T w = static_cast<T>(weight[t]);
    for (std::int64_t b = 0; b < p.inner; ++b) y[b] += w * row[b];
  }
}

}  // namespace

template <class T>
void resample(const Resampling<T>& p, ThreadPool& pool) {
  constexpr std::int64_t kProducts = 16384;  // worth another thread
  pool.parallel_for(p.outer * p.out, kProducts / (p.inner * p.taps + 1) + 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; ++at) {
      const std::int64_t o = at % p.out;
      resample_row(p, p.x + at / p.out * p.in * p.inner, p.index + o * p.taps, p.weight + o * p.taps,
                   p.y + at * p.inner);
    }
  });
}

template void resample(const Resampling<float>&, ThreadPool&);
template void resample(const Resampling<double>&, ThreadPool&);

}  // namespace pleat
