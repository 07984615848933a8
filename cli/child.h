#pragma once

#include <functional>
#include <string>

#include "runtime/base/result.h"

namespace pleat::cli {

/// Calls `body` in a process of its own, which gets a copy of everything and whose standard error goes nowhere, and
/// gives what it returned. A body that crashes or ends the process gives kInternal with the signal, this process going
/// on. No other thread may run.
Result<std::string> in_child(const std::function<Result<std::string>()>& body);

}  // namespace pleat::cli
