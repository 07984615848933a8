#pragma once

#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace pleat {

/// The instruction sets a kernel exists for. All of them give the same bits.
enum class Isa { kReference, kAvx2, kAvx512 };

std::string_view isa_name(Isa isa);
Result<Isa> parse_isa(std::string_view name);

/// What this machine can run, slowest first; always holds kReference.
const std::vector<Isa>& supported_isas();

/// The one kernels use now: the best supported one unless forced. Any thread may ask.
Isa active_isa();

/// Makes kernels use `isa`; fails where the machine lacks it. Not while a session runs.
Status force_isa(Isa isa);

/// Obeys the environment variable PLEAT_ISA if it is set. Called once by programs at start.
Status force_isa_from_environment();

}  // namespace pleat
