#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "runtime/session/session.h"

namespace pleat::cli {

/// What one step of a plan costs.
struct StepProfile {
  std::string label;      ///< "node 'conv1' (Conv)"
  std::string op;         ///< operator type
  std::string algorithm;  ///< empty where the operator has no choice
  double micros = 0;      ///< median over the runs
  double macs = 0;        ///< multiply-accumulates; 0 where that is not the measure of the work
  double bytes = 0;       ///< of all inputs, constants and outputs, each counted once

  double gflops() const { return micros > 0 ? 2 * macs / micros / 1e3 : 0; }
  double gigabytes_per_second() const { return micros > 0 ? bytes / micros / 1e3 : 0; }
};

struct Profile {
  std::vector<StepProfile> steps;  ///< in the order of execution
  double peak_gflops = 0;          ///< of fused multiply-adds, measured in turns with the runs
  int runs = 0;

  double micros() const;
};

/// Runs for about `seconds`, at least five times.
Profile profile(Session& session, int threads, double seconds);

Json profile_json(const Profile& profile);

/// The `top` steps as a table, in the order of execution or the slowest first, and the time by operator type.
void print_profile(const Profile& profile, bool by_time, std::size_t top);

}  // namespace pleat::cli
