# Compiler settings shared by every target.
option(PLEAT_TESTS "Build the tests" ON)
option(PLEAT_SAMPLES "Build the sample programs" ON)
set(PLEAT_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# GCC 12 keeps accumulator arrays in memory at -O2: every optimised build uses -O3.
# Line numbers are all the debugging that an optimised build can honour, at two thirds of the compile time.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g1 -DNDEBUG")
# For code that is no loop: header-heavy files compile in two thirds of the time.
set(PLEAT_QUICK_BUILD -O1)
# For the runtime beside its kernels: what is no loop over elements is asked for its size.
set(PLEAT_SMALL_BUILD -Os)

# A multiply and an add that the source keeps apart stay apart: the bits must not depend on the compiler's mood.
add_compile_options(-ffp-contract=off -Wall -Wextra -Wshadow -Werror)
# So that a library holds no function that it does not need.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Else -Os copies with "rep movsb", which memcpy outruns.
  list(APPEND PLEAT_SMALL_BUILD -mstringop-strategy=libcall)
  add_compile_options(-Wno-restrict)  # GCC 12 sees overlaps in std::string that are not there (its bug 105651)
  if(PLEAT_SANITIZE)
    add_compile_options(-Wno-maybe-uninitialized)  # nor do checks leave it sure of what std::regex has set
  endif()
endif()
if(PLEAT_SANITIZE)
  # -O1: the unrolled kernels take minutes to compile with checks at -O3.
  add_compile_options(-O1 -fsanitize=${PLEAT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PLEAT_SANITIZE})
endif()

find_program(PLEAT_CCACHE ccache)
if(PLEAT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PLEAT_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${PLEAT_CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
# Its bodies in one file of ours: in each file that formats they are a quarter of the time to compile, and the runtime
# may not need its shared library.
add_library(pleat_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt_bodies.cc)
target_include_directories(pleat_fmt SYSTEM PUBLIC $<TARGET_PROPERTY:fmt::fmt-header-only,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_options(pleat_fmt PRIVATE ${PLEAT_SMALL_BUILD})

find_package(ZLIB REQUIRED)
find_package(nlohmann_json REQUIRED)
