// Highway with the two targets that have fused multiply-add. Included once per target by Highway's own loop, so no
// include guard. The baseline target cannot be switched off; kernels leave it empty (PLEAT_VECTOR_TARGET is 0).
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#endif
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#undef PLEAT_VECTOR_TARGET
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
#define PLEAT_VECTOR_TARGET 1
#else
#define PLEAT_VECTOR_TARGET 0
#endif
