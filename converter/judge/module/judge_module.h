#pragma once

#include <stddef.h>

/// The C surface of libpleat_judge.so, which alone links libonnx and libprotobuf.

#ifdef __cplusplus
extern "C" {
#endif

enum { PLEAT_JUDGE_ACCEPTED = 0, PLEAT_JUDGE_REJECTED = 1, PLEAT_JUDGE_NOT_JUDGED = 2 };

/// Judges an encoded ModelProto. Writes the reason, ended by a zero and cut to `capacity` (at least 1) bytes.
__attribute__((visibility("default"))) int pleat_judge(const char* bytes, size_t size, char* message, size_t capacity);

/// Likewise the one in a file, external data beside it included.
__attribute__((visibility("default"))) int pleat_judge_file(const char* path, char* message, size_t capacity);

#ifdef __cplusplus
}
#endif
