#ifndef PLEAT_RUNTIME_PLEAT_C_H_
#define PLEAT_RUNTIME_PLEAT_C_H_

/*
 * Pleat's C surface. Conventions:
 *  - Ownership: what a function whose name ends in _load, _load_bytes or _clone returns is freed with
 *    pleat_predictor_free. All other pointers belong to the predictor and live as long as it does; those of outputs
 *    are valid until its next run.
 *  - Errors: functions that can fail take `char** error` last. On failure they return NULL or a nonzero code and, if
 *    `error` is not NULL, set *error to a message to be freed with pleat_free. On success *error is set to NULL.
 *    Codes: 2 the call makes no sense, 3 malformed model or input, 4 unsupported, 5 out of memory, threads or files,
 *    70 a bug in Pleat.
 *  - Threads: a predictor belongs to one thread at a time. Clones share the weights and run side by side.
 *  - NULL handles and indices out of range are answered with 0, NULL or code 2; they never crash.
 *  - Nothing is printed and the process is never ended.
 */

#include <stddef.h>
#include <stdint.h>

#define PLEAT_C_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pleat_predictor pleat_predictor;

typedef struct pleat_options {
  int threads;       /* threads of one run, the caller's included; 0 means the default: 1 */
  int64_t open_size; /* for sizes the model leaves open, mostly the batch; 0 means the default: 1 */
  int exact;         /* nonzero: every sum in its one documented order, without Winograd's algorithm */
} pleat_options;

/* `options` may be NULL for the defaults. */
PLEAT_C_API pleat_predictor* pleat_predictor_load(const char* path, const pleat_options* options, char** error);
/* The bytes are copied. */
PLEAT_C_API pleat_predictor* pleat_predictor_load_bytes(const void* data, size_t size, const pleat_options* options,
                                                        char** error);
PLEAT_C_API pleat_predictor* pleat_predictor_clone(const pleat_predictor* predictor, char** error);
/* NULL is allowed. */
PLEAT_C_API void pleat_predictor_free(pleat_predictor* predictor);

PLEAT_C_API size_t pleat_input_count(const pleat_predictor* predictor);
PLEAT_C_API const char* pleat_input_name(const pleat_predictor* predictor, size_t index);
PLEAT_C_API const char* pleat_input_type(const pleat_predictor* predictor, size_t index); /* "float", "int64", ... */
PLEAT_C_API size_t pleat_input_rank(const pleat_predictor* predictor, size_t index);
PLEAT_C_API const int64_t* pleat_input_shape(const pleat_predictor* predictor, size_t index);
PLEAT_C_API size_t pleat_input_bytes(const pleat_predictor* predictor, size_t index);
/* Where to write the input, row-major, before a run. Keeps its contents between runs. */
PLEAT_C_API void* pleat_input_data(pleat_predictor* predictor, size_t index);

PLEAT_C_API size_t pleat_output_count(const pleat_predictor* predictor);
PLEAT_C_API const char* pleat_output_name(const pleat_predictor* predictor, size_t index);
PLEAT_C_API const char* pleat_output_type(const pleat_predictor* predictor, size_t index);
PLEAT_C_API size_t pleat_output_rank(const pleat_predictor* predictor, size_t index);
PLEAT_C_API const int64_t* pleat_output_shape(const pleat_predictor* predictor, size_t index);
PLEAT_C_API size_t pleat_output_bytes(const pleat_predictor* predictor, size_t index);
PLEAT_C_API const void* pleat_output_data(const pleat_predictor* predictor, size_t index);

/* Computes the outputs; 0 on success. Allocates nothing. */
PLEAT_C_API int pleat_run(pleat_predictor* predictor, char** error);

/* The model's metadata under `key`, or NULL. */
PLEAT_C_API const char* pleat_metadata(const pleat_predictor* predictor, const char* key);

/* Frees an error message; NULL is allowed. */
PLEAT_C_API void pleat_free(char* message);

#ifdef __cplusplus
}
#endif

#endif /* PLEAT_RUNTIME_PLEAT_C_H_ */
