#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/vector_width.cc"
#include "runtime/kernels/vector_width.h"

#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

int bytes() { return static_cast<int>(hwy::HWY_NAMESPACE::Lanes(hwy::HWY_NAMESPACE::ScalableTag<unsigned char>())); }

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

int bytes() { return 0; }

}  // namespace reference

int vector_bytes() { return PLEAT_CHOOSE(bytes)(); }

}  // namespace pleat
#endif
