#include "cli/output.h"

#include <fmt/core.h>
#include <sys/resource.h>

namespace pleat::cli {

Json result_of(std::string_view verb) { return {{"schema", fmt::format("pleat.{}/1", verb)}}; }

void print(const Json& json) { fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace)); }

double peak_memory_mb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

}  // namespace pleat::cli
