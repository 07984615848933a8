#pragma once

namespace pleat {

/// Whether this program runs under the thread sanitizer, which keeps a thread and much memory for itself.
#ifdef __SANITIZE_THREAD__
inline constexpr bool kThreadSanitized = true;
#else
inline constexpr bool kThreadSanitized = false;
#endif

}  // namespace pleat
