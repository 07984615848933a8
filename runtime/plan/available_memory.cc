#include "runtime/plan/available_memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace pleat {
namespace {

std::size_t machine_bytes() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    unsigned long long kibibytes = 0;
    if (std::sscanf(line.c_str(), "MemAvailable: %llu kB", &kibibytes) == 1)
      return static_cast<std::size_t>(kibibytes) * 1024;
  }
  return SIZE_MAX;
}

std::size_t address_space_bytes() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return static_cast<std::size_t>(limit.rlim_cur);
}

/// The file holds "max" where there is no limit.
std::size_t control_group_bytes() {
  std::ifstream file("/sys/fs/cgroup/memory.max");
  std::size_t bytes = 0;
  return file >> bytes ? bytes : SIZE_MAX;
}

}  // namespace

std::size_t available_memory_bytes() {
  return std::min({machine_bytes(), address_space_bytes(), control_group_bytes()});
}

}  // namespace pleat
