#pragma once

#include "runtime/base/isa.h"

namespace pleat {

/// The version of one kernel for the instruction set in use. Chosen at each call, so a forced one holds at once.
template <class Kernel>
Kernel* choose(Kernel* on_reference, Kernel* on_avx2, Kernel* on_avx512) {
  switch (active_isa()) {
    case Isa::kAvx512: return on_avx512;
    case Isa::kAvx2: return on_avx2;
    case Isa::kReference: break;
  }
  return on_reference;
}

}  // namespace pleat

/// For a function of one name in the namespaces reference, N_AVX2 and N_AVX3 (Highway's for AVX-512).
#define PLEAT_CHOOSE(...) ::pleat::choose(&reference::__VA_ARGS__, &N_AVX2::__VA_ARGS__, &N_AVX3::__VA_ARGS__)
