#pragma once

#include <gtest/gtest.h>

#include "runtime/base/isa.h"

namespace pleat {

/// Calls body(isa) with each instruction set of this machine forced in turn, the reference first; restores the old one.
template <class Body>
void for_each_isa(Body&& body) {
  const Isa before = active_isa();
  for (Isa isa : supported_isas()) {
    SCOPED_TRACE(isa_name(isa));
    ASSERT_TRUE(force_isa(isa).has_value());
    body(isa);
  }
  ASSERT_TRUE(force_isa(before).has_value());
}

}  // namespace pleat
