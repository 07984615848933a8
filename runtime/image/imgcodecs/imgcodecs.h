#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/image/image.h"

/// The one function of the module pleat_imgcodecs: fills `image` from encoded bytes, alpha kept where there is any, or
/// says in `why` what is wrong and returns false. Throws nothing.
extern "C" __attribute__((visibility("default"))) bool pleat_decode_with_opencv(const std::byte* bytes,
                                                                                std::size_t size, pleat::Image* image,
                                                                                std::string* why);
