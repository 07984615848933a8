#pragma once

#include <cstdint>

namespace pleat {

/// Fewer multiply-adds are not worth another thread: to hand them over and to fetch what it wrote takes a microsecond,
/// and several where two threads share no cache.
inline constexpr std::int64_t kFewMultiplyAdds = 200'000;

}  // namespace pleat
