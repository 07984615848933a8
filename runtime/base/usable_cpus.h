#pragma once

#include <string>
#include <string_view>

namespace pleat {

/// CPUs the calling thread may run on (its affinity mask); at least 1. Allocates nothing.
int affine_cpus();

/// Whole CPUs the control groups of this process grant it at a time; INT_MAX without a limit, at least 1.
int quota_cpus();

/// The same for the memberships of a process as in /proc/PID/cgroup, the groups lying below `root`.
int quota_cpus(std::string_view memberships, const std::string& root);

}  // namespace pleat
