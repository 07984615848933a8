#pragma once

#include <cstddef>

namespace pleat {

/// Bytes this process may still take before the system would refuse or kill it: the least of what the machine has
/// free or can free, the address space limit and the control group's limit. All ones where nothing is known.
std::size_t available_memory_bytes();

}  // namespace pleat
