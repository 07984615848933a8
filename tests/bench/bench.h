#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// What one call does: operations, two for each multiply-add, bytes read and written, or elements made.
struct Work {
  enum class Unit { kOperations, kBytes, kElements };
  double amount;
  Unit unit = Unit::kOperations;
};

/// Prepares a call to be timed, for the instruction set in use. The pool outlives what is returned.
using PrepareCall = std::function<std::function<void()>(ThreadPool& pool)>;

/// Registers a benchmark for every instruction set of this machine. Slices of calls, a millisecond each or one call,
/// alternate with slices of multiply-adds in registers, since the clock and the neighbours of a machine change within a
/// second; the best of each count. Operations are told as a share of that peak.
void add_benchmark(const std::string& name, Work work, PrepareCall prepare);

/// Copies of a constant of so many floats for a call to take turns with: enough that --cold_bytes lie between two uses
/// of one, else a single one.
std::int64_t cold_copies(std::int64_t floats);

/// Random values inside the planes; the halo keeps what it has.
void fill_planes(const Planes& planes, float* memory);

/// The body of main: parses the options, calls add(), which registers, and runs what the options choose.
int run_benchmarks(int argc, char** argv, void (*add)());

}  // namespace pleat
