# cmake -D FOLDER=<scratch> -P include_direction_catches.cmake: plants violations and expects each to be found.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/planted.cmake)

plant_headers(runtime/base/a.h runtime/tensor/a.h runtime/graph/a.h runtime/kernels/a.h runtime/plan/a.h
  runtime/pleat.h runtime/image/a.h models/layers/a.h models/checkpoint/a.h converter/fold/a.h converter/verify/a.h
  cli/a.h tests/support/a.h)

set(rule include_direction)
expect_clean(runtime/plan/b.cc "#include \"runtime/graph/a.h\"\n#include \"runtime/kernels/a.h\"\n")
expect_clean(converter/fold/b.cc "#include \"models/checkpoint/a.h\"\n#include \"runtime/plan/a.h\"\n")
expect_clean(samples/b.cc "#include \"runtime/pleat.h\"\n")
expect_clean(cli/b.cc "#include \"models/layers/a.h\"\n#include \"runtime/image/a.h\"\n")
expect_clean(runtime/base/b.cc "#include <vector>\n// #include \"runtime/plan/a.h\"\n")
expect_clean(runtime/kernels/b.cc "#include \"hwy/highway.h\"\n")

expect_caught(runtime/ops/b.cc "#include \"hwy/highway.h\"\n")
expect_caught(runtime/base/b.cc "#include \"runtime/tensor/a.h\"\n")
expect_caught(runtime/graph/b.cc "#include \"runtime/kernels/a.h\"\n")
expect_caught(runtime/kernels/b.cc "#include \"runtime/graph/a.h\"\n")
expect_caught(runtime/plan/b.cc "#include \"runtime/pleat.h\"\n")
expect_caught(runtime/pleat.cc "#include \"runtime/image/a.h\"\n")
expect_caught(runtime/image/b.cc "#include \"cli/a.h\"\n")
expect_caught(runtime/tensor/b.cc "#include \"models/layers/a.h\"\n")
expect_caught(models/layers/b.cc "#include \"runtime/graph/a.h\"\n")
expect_caught(models/checkpoint/b.cc "#include \"models/layers/a.h\"\n")
expect_caught(models/layers/b.cc "#include \"converter/fold/a.h\"\n")
expect_caught(converter/fold/b.cc "#include \"models/layers/a.h\"\n")
expect_caught(converter/fold/b.cc "#include \"converter/verify/a.h\"\n")
expect_caught(converter/verify/b.cc "#include \"runtime/image/a.h\"\n")
expect_caught(cli/b.cc "#include \"tests/support/a.h\"\n")
expect_caught(samples/b.c "#include \"runtime/base/a.h\"\n")
expect_caught(runtime/plan/b.cc "  #  include \"a.h\"\n")
expect_caught(runtime/somewhere/b.cc "#include <vector>\n")
