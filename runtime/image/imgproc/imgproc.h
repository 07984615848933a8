#pragma once

#include <string>

#include "runtime/image/image.h"

/// The two functions of the module pleat_imgproc, OpenCV's on one thread. Each fills `out`, which must not be `source`,
/// or says in `why` what is wrong and returns false. They throw nothing.
extern "C" {

/// `source` of 1 or 3 channels (red, green, blue) in the colours "gray", "rgb" or "bgr".
__attribute__((visibility("default"))) bool pleat_recolor_with_opencv(const pleat::Image& source, const char* color,
                                                                      pleat::Image* out, std::string* why);

/// `source` with `out->height` rows of `out->width` pixels: by area averages when shrinking, bilinear when growing.
__attribute__((visibility("default"))) bool pleat_resize_with_opencv(const pleat::Image& source, pleat::Image* out,
                                                                     std::string* why);
}
