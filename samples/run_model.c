/* run_model_c MODEL.onnx < numbers
 * Reads the elements of the model's inputs as text, runs the model once, prints each output on a line of its own. */
#include <stdio.h>
#include <string.h>

#include "runtime/pleat_c.h"

static int read_inputs(pleat_predictor* model) {
  for (size_t i = 0; i < pleat_input_count(model); ++i) {
    const size_t count = pleat_input_bytes(model, i) / sizeof(float);
    const int is_float = strcmp(pleat_input_type(model, i), "float") == 0;
    float* elements = pleat_input_data(model, i);
    for (size_t k = 0; k < count; ++k) {
      if (is_float && scanf("%f", &elements[k]) == 1) continue;
      fprintf(stderr, "input '%s' wants %zu float numbers; it is %s\n", pleat_input_name(model, i), count,
              pleat_input_type(model, i));
      return 3;
    }
  }
  return 0;
}

static void print_outputs(const pleat_predictor* model) {
  for (size_t i = 0; i < pleat_output_count(model); ++i) {
    if (strcmp(pleat_output_type(model, i), "float") != 0) continue;
    const float* elements = pleat_output_data(model, i);
    printf("%s", pleat_output_name(model, i));
    for (size_t k = 0; k < pleat_output_bytes(model, i) / sizeof(float); ++k) printf(" %.9g", elements[k]);
    printf("\n");
  }
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: run_model_c MODEL.onnx < numbers\n");
    return 2;
  }
  char* error = NULL;
  pleat_predictor* model = pleat_predictor_load(argv[1], NULL, &error);
  int code = model == NULL ? 3 : read_inputs(model);
  if (code == 0) code = pleat_run(model, &error);
  if (code == 0) print_outputs(model);
  if (error != NULL) fprintf(stderr, "%s\n", error);
  pleat_free(error);
  pleat_predictor_free(model);
  return code;
}
