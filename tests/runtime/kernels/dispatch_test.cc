#include <gtest/gtest.h>

#include <algorithm>

#include "hwy/targets.h"
#include "runtime/kernels/vector_width.h"
#include "tests/support/each_isa.h"

namespace pleat {
namespace {

bool supports(Isa isa) {
  return std::find(supported_isas().begin(), supported_isas().end(), isa) != supported_isas().end();
}

TEST(Dispatch, DetectionAgreesWithHighway) {
  EXPECT_TRUE(supports(Isa::kReference));
  EXPECT_EQ(supports(Isa::kAvx2), (hwy::SupportedTargets() & HWY_AVX2) != 0);
  EXPECT_EQ(supports(Isa::kAvx512), (hwy::SupportedTargets() & HWY_AVX3) != 0);
}

TEST(Dispatch, TheForcedInstructionSetRuns) {
  for_each_isa([](Isa isa) {
    const int expected = isa == Isa::kAvx512 ? 64 : isa == Isa::kAvx2 ? 32 : 0;
    EXPECT_EQ(vector_bytes(), expected);
  });
}

}  // namespace
}  // namespace pleat
