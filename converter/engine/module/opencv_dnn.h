#pragma once

#include <stddef.h>
#include <stdint.h>

/// The C surface of libpleat_opencv_dnn.so, which alone links OpenCV's dnn. Nothing is thrown out of it. `message`
/// gets the reason of a failure, ended by a zero and cut to `capacity` (at least 1) bytes.

#ifdef __cplusplus
extern "C" {
#endif

/// A dense row-major block of floats; belongs to the caller.
struct pleat_dnn_value {
  const char* name;
  int rank;
  const int64_t* sizes;
  const float* values;
};

/// Takes output number `output`; the values are valid during the call only.
typedef void (*pleat_dnn_take)(void* context, size_t output, int rank, const int* sizes, const float* values);

/// "4.6.0"
__attribute__((visibility("default"))) const char* pleat_dnn_version(void);

/// A network from ONNX bytes, to be closed; null where OpenCV refuses them.
__attribute__((visibility("default"))) void* pleat_dnn_open(const char* onnx, size_t size, char* message,
                                                            size_t capacity);
__attribute__((visibility("default"))) void pleat_dnn_close(void* network);

/// Runs the network and hands over the outputs named. False where OpenCV cannot.
__attribute__((visibility("default"))) bool pleat_dnn_run(void* network, const struct pleat_dnn_value* inputs,
                                                          size_t input_count, const char* const* outputs,
                                                          size_t output_count, pleat_dnn_take take, void* context,
                                                          char* message, size_t capacity);

#ifdef __cplusplus
}
#endif
