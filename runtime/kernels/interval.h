#pragma once

#include <cstdint>

namespace pleat {

/// The indices begin, begin+1 … end-1.
struct Interval {
  std::int64_t begin;
  std::int64_t end;

  std::int64_t size() const { return end - begin; }
  bool contains(std::int64_t index) const { return begin <= index && index < end; }
};

constexpr std::int64_t divide_up(std::int64_t count, std::int64_t by) { return (count + by - 1) / by; }

/// One of `parts` that are as even as can be.
inline Interval even_part(Interval whole, std::int64_t parts, std::int64_t part) {
  return {whole.begin + whole.size() * part / parts, whole.begin + whole.size() * (part + 1) / parts};
}

}  // namespace pleat
