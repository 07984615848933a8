#include "runtime/kernels/local_response.h"

#include <algorithm>

#include "runtime/kernels/positive_power.h"

namespace pleat {

template <class T>
void normalize_local_response(const LocalResponse<T>& p, ThreadPool& pool) {
  const T alpha = p.alpha / static_cast<T>(p.size);
  const ScalarOps<double> ops;
  pool.parallel_for(p.batch * p.channels, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t plane = begin; plane < end; ++plane) {
      const std::int64_t c = plane % p.channels;
      const std::int64_t first = std::max<std::int64_t>(0, c - (p.size - 1) / 2) - c;
      const std::int64_t last = std::min(p.channels - 1, c + p.size / 2) - c;
      for (std::int64_t at = plane * p.spatial; at < (plane + 1) * p.spatial; ++at) {
        T sum{0};
        for (std::int64_t i = first; i <= last; ++i) sum += p.x[at + i * p.spatial] * p.x[at + i * p.spatial];
        const auto base = static_cast<double>(p.bias + alpha * sum);
        const double power = reference::exp(ops, static_cast<double>(p.beta) * reference::log(ops, base));
        p.y[at] = p.x[at] / static_cast<T>(power);
      }
    }
  });
}

template void normalize_local_response(const LocalResponse<float>&, ThreadPool&);
template void normalize_local_response(const LocalResponse<double>&, ThreadPool&);

}  // namespace pleat
