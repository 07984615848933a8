/* The C surface, used from C. Ends with 0 if all holds, else tells the first line that does not. */

#include "runtime/pleat_c.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/add_model.h"

#define EXPECT(condition)                                              \
  do {                                                                 \
    if (!(condition)) {                                                \
      fprintf(stderr, "line %d: expected %s\n", __LINE__, #condition); \
      exit(1);                                                         \
    }                                                                  \
  } while (0)

static pleat_predictor* load(int64_t batch) {
  pleat_options options = {.threads = 1, .open_size = batch};
  char* error = NULL;
  pleat_predictor* predictor = pleat_predictor_load_bytes(kAddModel, sizeof kAddModel, &options, &error);
  if (error != NULL) fprintf(stderr, "%s\n", error);
  EXPECT(predictor != NULL && error == NULL);
  return predictor;
}

static void describes_the_model(void) {
  pleat_predictor* predictor = load(2);
  EXPECT(pleat_input_count(predictor) == 1 && pleat_output_count(predictor) == 1);
  EXPECT(strcmp(pleat_input_name(predictor, 0), "x") == 0 && strcmp(pleat_output_name(predictor, 0), "y") == 0);
  EXPECT(strcmp(pleat_input_type(predictor, 0), "float") == 0 && strcmp(pleat_output_type(predictor, 0), "float") == 0);
  EXPECT(pleat_input_rank(predictor, 0) == 2 && pleat_output_rank(predictor, 0) == 2);
  EXPECT(pleat_input_shape(predictor, 0)[0] == 2 && pleat_output_shape(predictor, 0)[1] == 3);
  EXPECT(pleat_input_bytes(predictor, 0) == 24 && pleat_output_bytes(predictor, 0) == 24);
  EXPECT(strcmp(pleat_metadata(predictor, "author"), "test") == 0);
  EXPECT(pleat_metadata(predictor, "nothing") == NULL && pleat_metadata(predictor, NULL) == NULL);
  pleat_predictor_free(predictor);
}

static void runs(void) {
  const float given[3] = {10, 20, 30};
  char* error = NULL;
  pleat_predictor* predictor = load(0);
  memcpy(pleat_input_data(predictor, 0), given, sizeof given);
  EXPECT(pleat_run(predictor, &error) == 0 && error == NULL);
  const float* sum = pleat_output_data(predictor, 0);
  EXPECT(sum[0] == 11 && sum[1] == 22 && sum[2] == 33);
  pleat_predictor_free(predictor);
}

static void* run_often(void* handle) {
  for (int i = 0; i < 1000; ++i) {
    float* in = pleat_input_data(handle, 0);
    in[0] = (float)i;
    if (pleat_run(handle, NULL) != 0 || *(const float*)pleat_output_data(handle, 0) != (float)i + 1) return handle;
  }
  return NULL;
}

static void clones_run_side_by_side(void) {
  pleat_predictor* first = load(1);
  pleat_predictor* second = pleat_predictor_clone(first, NULL);
  EXPECT(second != NULL);
  pthread_t thread;
  EXPECT(pthread_create(&thread, NULL, run_often, second) == 0);
  EXPECT(run_often(first) == NULL);
  void* failed = NULL;
  EXPECT(pthread_join(thread, &failed) == 0 && failed == NULL);
  pleat_predictor_free(first);
  EXPECT(run_often(second) == NULL); /* a clone outlives the first */
  pleat_predictor_free(second);
}

static void tells_errors(void) {
  char* error = NULL;
  EXPECT(pleat_predictor_load("/no/such/model.onnx", NULL, &error) == NULL);
  EXPECT(error != NULL && strstr(error, "/no/such/model.onnx") != NULL);
  pleat_free(error);
  EXPECT(pleat_predictor_load_bytes("not a model", 11, NULL, &error) == NULL && error != NULL);
  pleat_free(error);
  pleat_options too_many = {.threads = 1000000};
  EXPECT(pleat_predictor_load_bytes(kAddModel, sizeof kAddModel, &too_many, &error) == NULL && error != NULL);
  pleat_free(error);
  EXPECT(pleat_predictor_load("/no/such/model.onnx", NULL, NULL) == NULL);
  EXPECT(pleat_predictor_load(NULL, NULL, NULL) == NULL);
}

static void every_prefix_is_refused_or_runs(void) {
  for (size_t size = 0; size < sizeof kAddModel; ++size) {
    pleat_predictor* predictor = pleat_predictor_load_bytes(kAddModel, size, NULL, NULL);
    if (predictor != NULL) EXPECT(pleat_run(predictor, NULL) == 0);
    pleat_predictor_free(predictor);
  }
}

static void null_and_out_of_range_are_harmless(void) {
  EXPECT(pleat_run(NULL, NULL) == 2);
  EXPECT(pleat_predictor_clone(NULL, NULL) == NULL);
  EXPECT(pleat_input_count(NULL) == 0 && pleat_output_count(NULL) == 0);
  pleat_predictor* predictor = load(1);
  EXPECT(pleat_input_name(predictor, 1) == NULL && pleat_output_type(predictor, 1) == NULL);
  EXPECT(pleat_input_shape(predictor, 7) == NULL && pleat_output_bytes(predictor, 7) == 0);
  EXPECT(pleat_input_data(predictor, 1) == NULL && pleat_output_data(predictor, 1) == NULL);
  pleat_predictor_free(predictor);
  pleat_predictor_free(NULL);
  pleat_free(NULL);
}

int main(void) {
  describes_the_model();
  runs();
  clones_run_side_by_side();
  tells_errors();
  every_prefix_is_refused_or_runs();
  null_and_out_of_range_are_harmless();
  return 0;
}
