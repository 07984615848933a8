#pragma once

namespace pleat {

/// The second and the third argument of __builtin_prefetch: what for, and how near.
inline constexpr int kToRead = 0, kToWrite = 1;
inline constexpr int kToSecondLevel = 2;

}  // namespace pleat
