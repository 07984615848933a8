#pragma once

#include <xmmintrin.h>

#include <cstdint>

namespace pleat {

/// Control bits of this thread's SSE and AVX arithmetic, without the flags that operations raise.
inline constexpr std::uint32_t kFloatFlags = 0x3f;
inline constexpr std::uint32_t kPlainFloatMode = 0x1f80;  ///< rounds to nearest, traps nothing, keeps denormals
inline constexpr std::uint32_t kFlushResults = 0x8000;

inline std::uint32_t float_mode() { return _mm_getcsr() & ~kFloatFlags; }
inline void set_float_mode(std::uint32_t mode) { _mm_setcsr((_mm_getcsr() & kFloatFlags) | mode); }

/// While it lives, this thread computes in the plain mode, whatever mode the program is in; flushing, an operation
/// gives a zero of the same sign where its result would be denormal, while operands that are denormal keep their value
/// (docs/decisions/0012-denormals.md). The mode before comes back at the end.
class FloatModeScope {
 public:
  explicit FloatModeScope(bool flush) : before_(float_mode()) {
    const std::uint32_t wanted = kPlainFloatMode | (flush ? kFlushResults : 0);
    if (before_ != wanted) set_float_mode(wanted);
  }
  ~FloatModeScope() {
    if (float_mode() != before_) set_float_mode(before_);
  }
  FloatModeScope(const FloatModeScope&) = delete;
  FloatModeScope& operator=(const FloatModeScope&) = delete;

 private:
  std::uint32_t before_;
};

}  // namespace pleat
