#pragma once

#include <cstdint>

namespace pleat {

/// The indices begin, begin+1 … end-1.
struct Interval {
  std::int64_t begin;
  std::int64_t end;

  std::int64_t size() const { return end - begin; }
};

}  // namespace pleat
