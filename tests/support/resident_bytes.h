#pragma once

#include <cstdint>
#include <fstream>

namespace pleat {

/// Memory this process holds now.
inline std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4096;
}

}  // namespace pleat
