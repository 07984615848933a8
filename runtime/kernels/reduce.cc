#include "runtime/kernels/reduce.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "runtime/kernels/elementary.h"
#include "runtime/kernels/lane_sum.h"
#include "runtime/kernels/softmax.h"

namespace pleat {
namespace {

template <class T>
constexpr bool kIsFloat = std::is_floating_point_v<T>;

/// A sum of integers in 64 bits that wraps.
template <class T>
struct WrappingSum {
  std::uint64_t sum = 0;
  void add(T x) { sum += static_cast<std::uint64_t>(x); }
  void add_square(T x) { sum += static_cast<std::uint64_t>(x) * static_cast<std::uint64_t>(x); }
  T total() const { return static_cast<T>(sum); }
  T mean(std::int64_t count) const {
    if (count == 0) return T{0};
    if constexpr (std::is_signed_v<T>) return static_cast<T>(static_cast<std::int64_t>(sum) / count);
    return static_cast<T>(sum / static_cast<std::uint64_t>(count));
  }
};

template <class T, bool kFloat>
struct SumOf {
  using Type = LaneSum<T>;
};
template <class T>
struct SumOf<T, false> {
  using Type = WrappingSum<T>;
};

template <class T>
T magnitude(T x) {
  if constexpr (kIsFloat<T>)
    return std::fabs(x);
  else
    return x < 0 ? static_cast<T>(std::make_unsigned_t<T>{0} - static_cast<std::make_unsigned_t<T>>(x)) : x;
}

template <class T>
T truncated(double x) {
  const double highest = static_cast<double>(std::numeric_limits<T>::max());
  return x >= highest ? std::numeric_limits<T>::max() : static_cast<T>(x);
}

template <Reduction kind, class T>
struct Sum {
  typename SumOf<T, kIsFloat<T>>::Type sum;
  void add(T x) {
    if constexpr (kind == Reduction::kSumSquare || kind == Reduction::kL2)
      sum.add_square(x);
    else
      sum.add(kind == Reduction::kL1 ? magnitude(x) : x);
  }
  T result(std::int64_t count) const {
    if constexpr (kind == Reduction::kL2) return std::sqrt(sum.total());
    if constexpr (kind == Reduction::kLogSum) return reference::log(ScalarOps<T>(), sum.total());
    if constexpr (kind != Reduction::kMean) return sum.total();
    if constexpr (kIsFloat<T>)
      return sum.total() / static_cast<T>(count);
    else
      return sum.mean(count);
  }
};

/// The Euclidean norm of integers.
template <class T>
struct IntegerNorm {
  LaneSum<double> sum;
  void add(T x) { sum.add_square(static_cast<double>(x)); }
  T result(std::int64_t) const { return truncated<T>(std::sqrt(sum.total())); }
};

template <class T>
struct Product {
  T value{1};
  void add(T x) {
    if constexpr (kIsFloat<T>) {
      value *= x;
    } else {
      using Wide = std::common_type_t<unsigned, std::make_unsigned_t<T>>;
      value = static_cast<T>(static_cast<Wide>(value) * static_cast<Wide>(x));
    }
  }
  T result(std::int64_t) const { return value; }
};

template <Reduction kind, class T>
struct Extreme {
  using Limits = std::numeric_limits<T>;
  static constexpr bool kLargest = kind == Reduction::kMax;
  T value = kIsFloat<T> ? (kLargest ? -Limits::infinity() : Limits::infinity())
                        : (kLargest ? Limits::lowest() : Limits::max());
  void add(T x) {
    if ((kLargest ? x > value : x < value) || x != x) value = x;
  }
  T result(std::int64_t) const { return value; }
};

/// Second pass of kLogSumExp.
template <class T>
struct ExponentialSum {
  T shift;
  LaneSum<T> sum;
  void add(T x) { sum.add(reference::exp(ScalarOps<T>(), x - shift)); }
  T result() const { return reference::log(ScalarOps<T>(), sum.total()) + shift; }
};

template <class T, class Accumulator>
void visit(std::span<const ReduceLoop> loops, const T* x, Accumulator& into) {
  if (loops.empty()) return into.add(*x);
  const ReduceLoop& loop = loops[0];
  for (std::int64_t i = 0; i < loop.size; ++i)
    if (loops.size() == 1)
      into.add(x[i * loop.step]);
    else
      visit(loops.subspan(1), x + i * loop.step, into);
}

template <class T>
std::int64_t reduced_count(const ReduceProblem<T>& p) {
  std::int64_t count = 1;
  for (const ReduceLoop& loop : p.reduced) count *= loop.size;
  return count;
}

/// Calls body(output position, its first element in x).
template <class T, class Body>
void for_each_output(const ReduceProblem<T>& p, ThreadPool& pool, const Body& body) {
  constexpr std::int64_t kReads = 8192;  // worth another thread
  std::int64_t outputs = 1;
  for (const ReduceLoop& loop : p.kept) outputs *= loop.size;
  pool.parallel_for(outputs, kReads / (reduced_count(p) + 1) + 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      std::int64_t at = 0, rest = i;
      for (std::size_t loop = p.kept.size(); loop-- > 0; rest /= p.kept[loop].size)
        at += rest % p.kept[loop].size * p.kept[loop].step;
      body(i, p.x + at);
    }
  });
}

template <class Accumulator, class T>
void reduce_with(const ReduceProblem<T>& p, ThreadPool& pool) {
  const std::int64_t count = reduced_count(p);
  for_each_output(p, pool, [&](std::int64_t i, const T* x) {
    Accumulator accumulator;
    visit(p.reduced, x, accumulator);
    p.y[i] = accumulator.result(count);
  });
}

template <class T>
void log_sum_exp(const ReduceProblem<T>& p, ThreadPool& pool) {
  for_each_output(p, pool, [&](std::int64_t i, const T* x) {
    Extreme<Reduction::kMax, T> largest;
    visit(p.reduced, x, largest);
    ExponentialSum<T> sum{std::isinf(largest.value) ? T{0} : largest.value, {}};
    visit(p.reduced, x, sum);
    p.y[i] = sum.result();
  });
}

/// Neighbours in x, summed by vectors.
template <class T>
bool sum_rows(Reduction reduction, const ReduceProblem<T>& p, ThreadPool& pool) {
  const bool fits = (reduction == Reduction::kSum || reduction == Reduction::kMean) && p.reduced.size() == 1 &&
                    p.reduced[0].step == 1;
  if (!fits) return false;
  const std::int64_t count = p.reduced[0].size;
  const T divisor = reduction == Reduction::kMean ? static_cast<T>(count) : T{1};
  for_each_output(p, pool, [&](std::int64_t i, const T* x) { p.y[i] = sum(x, count) / divisor; });
  return true;
}

}  // namespace

template <class T>
void reduce(Reduction reduction, const ReduceProblem<T>& p, ThreadPool& pool) {
  if (reduction == Reduction::kMax) return reduce_with<Extreme<Reduction::kMax, T>>(p, pool);
  if (reduction == Reduction::kMin) return reduce_with<Extreme<Reduction::kMin, T>>(p, pool);
  if constexpr (!std::is_same_v<T, bool>) {
    if constexpr (kIsFloat<T>) {
      if (sum_rows(reduction, p, pool)) return;
      if (reduction == Reduction::kLogSum) return reduce_with<Sum<Reduction::kLogSum, T>>(p, pool);
      if (reduction == Reduction::kLogSumExp) return log_sum_exp(p, pool);
    }
    using L2 = std::conditional_t<kIsFloat<T>, Sum<Reduction::kL2, T>, IntegerNorm<T>>;
    switch (reduction) {
      case Reduction::kSum: return reduce_with<Sum<Reduction::kSum, T>>(p, pool);
      case Reduction::kMean: return reduce_with<Sum<Reduction::kMean, T>>(p, pool);
      case Reduction::kL1: return reduce_with<Sum<Reduction::kL1, T>>(p, pool);
      case Reduction::kL2: return reduce_with<L2>(p, pool);
      case Reduction::kSumSquare: return reduce_with<Sum<Reduction::kSumSquare, T>>(p, pool);
      case Reduction::kProd: return reduce_with<Product<T>>(p, pool);
      default: break;
    }
  }
}

template void reduce(Reduction, const ReduceProblem<float>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<double>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<std::int8_t>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<std::int16_t>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<std::int32_t>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<std::int64_t>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<std::uint8_t>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<std::uint16_t>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<std::uint32_t>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<std::uint64_t>&, ThreadPool&);
template void reduce(Reduction, const ReduceProblem<bool>&, ThreadPool&);

}  // namespace pleat
