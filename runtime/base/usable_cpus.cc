#include "runtime/base/usable_cpus.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <fstream>
#include <sstream>

namespace pleat {
namespace {

int whole_cpus(double quota, double period) {
  return quota > 0 && period > 0 ? static_cast<int>(std::clamp(quota / period, 1.0, 1e6)) : INT_MAX;
}

/// Of one folder of the second hierarchy: "QUOTA PERIOD", QUOTA being "max" where there is no limit.
int unified_limit(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  double quota = 0, period = 0;
  return file >> quota >> period ? whole_cpus(quota, period) : INT_MAX;
}

/// Of one folder of the first: a negative quota is none.
int legacy_limit(const std::string& folder) {
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us"), period_file(folder + "/cpu.cfs_period_us");
  double quota = 0, period = 0;
  return quota_file >> quota && period_file >> period ? whole_cpus(quota, period) : INT_MAX;
}

/// The least limit of a group and all those around it.
int least_limit(const std::string& hierarchy, std::string group, int (*limit)(const std::string&)) {
  int least = limit(hierarchy);
  while (group.size() > 1) {
    least = std::min(least, limit(hierarchy + group));
    group.resize(group.rfind('/'));
  }
  return least;
}

bool lists_cpu(std::string_view controllers) {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

}  // namespace

int affine_cpus() {
  cpu_set_t mask;
  if (::sched_getaffinity(0, sizeof mask, &mask) == 0) return std::max(1, CPU_COUNT(&mask));
  return static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));  // more CPUs than a mask has bits
}

int quota_cpus(std::string_view memberships, const std::string& root) {
  int least = INT_MAX;
  std::istringstream lines{std::string(memberships)};
  for (std::string line; std::getline(lines, line);) {  // "0::GROUP" or "N:CONTROLLER,…:GROUP"
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos || line.compare(second + 1, 1, "/") != 0) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
    if (controllers.empty())
      least = std::min(least, least_limit(root, group, unified_limit));
    else if (lists_cpu(controllers))
      least = std::min(least, least_limit(root + "/cpu", group, legacy_limit));
  }
  return least;
}

int quota_cpus() {
  std::ifstream file("/proc/self/cgroup");
  std::ostringstream memberships;
  memberships << file.rdbuf();
  return quota_cpus(memberships.str(), "/sys/fs/cgroup");
}

}  // namespace pleat
