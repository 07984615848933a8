#pragma once

#include <cstdint>

namespace pleat::cli {

/// Does `rounds` rounds of independent fused multiply-adds of vectors in registers on the calling thread, with the
/// instruction set in use; returns the operations done, two for each multiply-add.
double fma_operations(std::int64_t rounds);

/// The most fused multiply-adds this machine was seen to do on so many threads at once with the instruction set in use:
/// GFLOP/s of register arithmetic without memory, the best of many short slices. Two operations each.
/// Keep one beside what it is compared with and ask in turns, since clocks change within seconds.
class FmaPeak {
 public:
  explicit FmaPeak(int threads) : threads_(threads) {}

  /// Measures for some milliseconds and keeps the best so far.
  void measure();
  double gflops() const { return best_; }

 private:
  int threads_;
  double best_ = 0;
};

}  // namespace pleat::cli
