#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace pleat {

/// Nanoseconds of one call of `body`, from up to `slices` slices of `calls` calls each, begun within two seconds. On a
/// machine that others use too, the best slice is the undisturbed one.
struct Slices {
  double best = 0;
  double median = 0;
};

template <class Body>
Slices time_slices(int slices, int calls, Body&& body) {
  std::vector<double> nanoseconds;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  for (int slice = 0; slice < slices; ++slice) {
    const auto start = std::chrono::steady_clock::now();
    if (slice > 0 && start > deadline) break;
    for (int i = 0; i < calls; ++i) body();
    nanoseconds.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() /
                          calls);
  }
  std::sort(nanoseconds.begin(), nanoseconds.end());
  return {nanoseconds.front(), nanoseconds[nanoseconds.size() / 2]};
}

}  // namespace pleat
