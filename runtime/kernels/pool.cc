#include "runtime/kernels/pool.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "runtime/kernels/pool_rows.h"
#include "runtime/kernels/positive_power.h"
#include "runtime/kernels/softmax.h"

namespace pleat {
namespace {

/// Calls visit(flat input position) for each element under the window at `at`, in row-major order.
template <class Visit>
void for_each_inside(const Window& w, const Window::Sizes& at, const Visit& visit) {
  const Interval depth = w.taps_inside(0, at[0]);
  const Interval height = w.taps_inside(1, at[1]);
  const Interval width = w.taps_inside(2, at[2]);
  for (std::int64_t i = depth.begin; i < depth.end; ++i)
    for (std::int64_t j = height.begin; j < height.end; ++j) {
      const std::int64_t row = (w.source(0, at[0], i) * w.in[1] + w.source(1, at[1], j)) * w.in[2];
      for (std::int64_t k = width.begin; k < width.end; ++k) visit(row + w.source(2, at[2], k));
    }
}

std::int64_t planes_worth_a_thread(const Window& w) {
  constexpr std::int64_t kReads = 4096;
  return kReads / (w.out_elements() * w.taps() + 1) + 1;
}

/// Calls body(plane, output position in the plane, its coordinates) for every output.
template <class Body>
void for_each_output(const Window& w, std::int64_t planes, ThreadPool& pool, const Body& body) {
  pool.parallel_for(planes, planes_worth_a_thread(w), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t plane = begin; plane < end; ++plane) {
      std::int64_t position = 0;
      for (std::int64_t d = 0; d < w.out[0]; ++d)
        for (std::int64_t h = 0; h < w.out[1]; ++h)
          for (std::int64_t v = 0; v < w.out[2]; ++v) body(plane, position++, Window::Sizes{d, h, v});
    }
  });
}

template <class T>
constexpr T lowest() {
  if constexpr (std::is_floating_point_v<T>)
    return -std::numeric_limits<T>::infinity();
  else
    return std::numeric_limits<T>::lowest();
}

template <class T>
bool is_nan(T value) {
  if constexpr (std::is_floating_point_v<T>)
    return std::isnan(value);
  else
    return false;
}

std::int64_t column_major_position(const Window& w, std::int64_t position) {
  const Window::Sizes at = Window::unravel(position, w.in);
  return at[0] + w.in[0] * (at[1] + w.in[1] * at[2]);
}

bool goes_by_rows(const Window& w) {
  return w.in[0] == 1 && w.out[0] == 1 && w.kernel[0] == 1 && w.pad_begin[0] == 0 && w.stride[2] <= 2;
}

/// for_each_output, but where windows reach no padding along their row, some_rows(PoolRows, first row) is called for
/// rows that reach the same taps.
template <class SomeRows, class Body>
void for_each_row(const Window& w, std::int64_t planes, const float* x, float* y, ThreadPool& pool,
                  const SomeRows& some_rows, const Body& body) {
  const Interval whole_rows = w.whole_outputs(1), whole_columns = w.whole_outputs(2);
  const auto run_plane = [&](std::int64_t plane) {
    for (std::int64_t row = 0, end = 0; row < w.out[1]; row = end) {
      const Interval taps = w.taps_inside(1, row);
      end = row == whole_rows.begin ? std::max(row + 1, whole_rows.end) : row + 1;
      const Interval together = taps.size() > 0 ? whole_columns : Interval{0, 0};
      if (together.size() > 0)
        some_rows(PoolRows{.x = x + plane * w.in_elements() + w.source(1, row, taps.begin) * w.in[2] +
                                w.source(2, together.begin, 0),
                           .x_row = w.stride[1] * w.in[2],
                           .stride = w.stride[2],
                           .tap_rows = taps.size(),
                           .tap_row = w.dilation[1] * w.in[2],
                           .tap_columns = w.kernel[2],
                           .tap_column = w.dilation[2],
                           .y = y + plane * w.out_elements() + row * w.out[2] + together.begin,
                           .y_row = w.out[2],
                           .rows = end - row,
                           .outputs = together.size()},
                  row);
      for (std::int64_t r = row; r < end; ++r) {
        for (std::int64_t v = 0; v < together.begin; ++v) body(plane, r * w.out[2] + v, Window::Sizes{0, r, v});
        for (std::int64_t v = together.end; v < w.out[2]; ++v) body(plane, r * w.out[2] + v, Window::Sizes{0, r, v});
      }
    }
  };
  pool.parallel_for(planes, planes_worth_a_thread(w), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t plane = begin; plane < end; ++plane) run_plane(plane);
  });
}

}  // namespace

template <class T>
void max_pool(const MaxPooling<T>& p, ThreadPool& pool) {
  const Window& w = p.window;
  const auto body = [&](std::int64_t plane, std::int64_t position, const Window::Sizes& at) {
    const T* x = p.x + plane * w.in_elements();
    T largest = lowest<T>();
    std::int64_t where = -1;
    for_each_inside(w, at, [&](std::int64_t i) {
      if (where >= 0 && !(x[i] > largest) && !(is_nan(x[i]) && !is_nan(largest))) return;
      largest = x[i];
      where = i;
    });
    const std::int64_t out = plane * w.out_elements() + position;
    p.y[out] = largest;
    if (p.indices == nullptr) return;
    if (where >= 0 && p.column_major) where = column_major_position(w, where);
    p.indices[out] = where < 0 ? -1 : plane * w.in_elements() + where;
  };
  if constexpr (std::is_same_v<T, float>)
    if (p.indices == nullptr && goes_by_rows(w))
      return for_each_row(
          w, p.planes, p.x, p.y, pool, [](const PoolRows& rows, std::int64_t) { maximum_rows(rows); }, body);
  for_each_output(w, p.planes, pool, body);
}

template <class T>
void average_pool(const AveragePooling<T>& p, ThreadPool& pool) {
  const Window& w = p.window;
  const auto body = [&](std::int64_t plane, std::int64_t position, const Window::Sizes& at) {
    const T* x = p.x + plane * w.in_elements();
    T sum{};
    std::int64_t count = 0;
    for_each_inside(w, at, [&](std::int64_t i) { sum = count++ == 0 ? x[i] : sum + x[i]; });
    if (p.count_padding) count = w.padded_taps(0, at[0]) * w.padded_taps(1, at[1]) * w.padded_taps(2, at[2]);
    p.y[plane * w.out_elements() + position] = count > 0 ? sum / static_cast<T>(count) : T{};
  };
  if constexpr (std::is_same_v<T, float>)
    if (goes_by_rows(w))
      return for_each_row(
          w, p.planes, p.x, p.y, pool,
          [&](const PoolRows& rows, std::int64_t first) {
            const std::int64_t height = p.count_padding ? w.padded_taps(1, first) : rows.tap_rows;
            average_rows(rows, static_cast<float>(height * rows.tap_columns));
          },
          body);
  for_each_output(w, p.planes, pool, body);
}

template <class T>
void power_pool(const PowerPooling<T>& p, ThreadPool& pool) {
  const Window& w = p.window;
  for_each_output(w, p.planes, pool, [&](std::int64_t plane, std::int64_t position, const Window::Sizes& at) {
    const T* x = p.x + plane * w.in_elements();
    T sum{};
    for_each_inside(w, at, [&](std::int64_t i) { sum += whole_power(std::fabs(x[i]), p.p); });
    T& y = p.y[plane * w.out_elements() + position];
    y = p.p == 1   ? sum
        : p.p == 2 ? std::sqrt(sum)
                   : static_cast<T>(positive_power(sum, 1.0 / static_cast<double>(p.p)));
  });
}

template <class T>
void global_average_pool(const T* x, std::int64_t planes, std::int64_t size, T* y, ThreadPool& pool) {
  constexpr std::int64_t kElements = 4096;  // worth another thread
  pool.parallel_for(planes, kElements / (size + 1) + 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t plane = begin; plane < end; ++plane)
      y[plane] = sum(x + plane * size, size) / static_cast<T>(size);
  });
}

template void max_pool(const MaxPooling<float>&, ThreadPool&);
template void max_pool(const MaxPooling<double>&, ThreadPool&);
template void max_pool(const MaxPooling<std::int8_t>&, ThreadPool&);
template void max_pool(const MaxPooling<std::uint8_t>&, ThreadPool&);
template void average_pool(const AveragePooling<float>&, ThreadPool&);
template void average_pool(const AveragePooling<double>&, ThreadPool&);
template void power_pool(const PowerPooling<float>&, ThreadPool&);
template void power_pool(const PowerPooling<double>&, ThreadPool&);
template void global_average_pool(const float*, std::int64_t, std::int64_t, float*, ThreadPool&);
template void global_average_pool(const double*, std::int64_t, std::int64_t, double*, ThreadPool&);

}  // namespace pleat
