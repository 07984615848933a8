#pragma once

namespace pleat {

/// Prints the failed condition and ends the process with ErrorCode::kInternal's value.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace pleat

/// For mistakes only a programmer of Pleat can make; never reachable from a user's input.
#define PLEAT_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::pleat::check_failed(#condition, __FILE__, __LINE__))
