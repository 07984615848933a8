# cmake -D FOLDER=<scratch> -P one_name_one_type_catches.cmake: plants a twin and expects it to be found.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/planted.cmake)

file(WRITE ${FOLDER}/models/layers/window.h "#pragma once\nstruct Window {};\nclass Layer;\n")

set(rule one_name_one_type)
expect_clean(runtime/kernels/window.h "struct Frame {};\nstruct Window;\nclass Layer;\n")
expect_caught(runtime/kernels/window.h "struct Window {};\n")
expect_caught(runtime/kernels/window.h "class Window final : public Frame {\n};\n")
expect_caught(converter/verify/window.h "enum class Window { kOpen };\n")
