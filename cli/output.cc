#include "cli/output.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdio>
#include <fstream>

namespace pleat::cli {

Json result_of(std::string_view verb) { return {{"schema", fmt::format("pleat.{}/1", verb)}}; }

Json number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number(value));
  return list;
}

void print(const Json& json) { fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace)); }

double peak_memory_mb() {
  // Not getrusage: its figure survives exec and would be that of whoever started us.
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    long long kibibytes = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %lld kB", &kibibytes) == 1)
      return static_cast<double>(kibibytes) * 1024 / 1e6;
  }
  return 0;
}

}  // namespace pleat::cli
