# cmake -D ROOT=<tree> -P forbidden_calls.cmake: the library folders neither print, nor end the process, nor throw.
cmake_minimum_required(VERSION 3.25)

# The one place that ends the process, for our own bugs.
set(exempt runtime/base/check.cc)
# protozero reports malformed bytes by throwing; runtime/onnx unwinds with it and catches at its own surface.
set(may_throw "^runtime/onnx/")

set(start "(^|[^A-Za-z0-9_])")
set(calls "v?f?printf|f?puts|f?putc|putchar|perror|exit|_Exit|_exit|quick_exit|abort|terminate|assert")
set(throwing "std::sto(i|l|ll|ul|ull|f|d|ld)|std::rethrow_exception")
set(forbidden
  "${start}(${calls}) *\\("
  "${start}(${throwing}) *\\("
  "${start}std::(cout|cerr|clog|wcout|wcerr)"
  "${start}fmt::v?print(ln)? *\\(")
set(throw "${start}throw([^A-Za-z0-9_]|$)")

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/runtime/*.h ${ROOT}/runtime/*.cc ${ROOT}/models/*.h ${ROOT}/models/*.cc
  ${ROOT}/converter/*.h ${ROOT}/converter/*.cc)
list(REMOVE_ITEM files ${exempt})
set(violations 0)
foreach(file IN LISTS files)
  file(READ ${ROOT}/${file} content)
  # Text in quotes goes; so does what CMake would read as a list or an escape.
  string(REPLACE "\\\\" " " content "${content}")
  string(REPLACE "\\\"" "'" content "${content}")
  string(REPLACE "'\"'" "' '" content "${content}")
  string(REGEX REPLACE "[][;\\\\]" " " content "${content}")
  string(REPLACE "\n" ";" lines "${content}")
  set(patterns ${forbidden})
  if(NOT file MATCHES "${may_throw}")
    list(APPEND patterns ${throw})
  endif()
  set(number 0)
  foreach(line IN LISTS lines)
    math(EXPR number "${number} + 1")
    string(REGEX REPLACE "\"[^\"]*\"" "" code "${line}")
    string(REGEX REPLACE "//.*" "" code "${code}")
    foreach(pattern IN LISTS patterns)
      if(code MATCHES "${pattern}")
        string(STRIP "${line}" shown)
        message("${file}:${number}: ${shown}")
        math(EXPR violations "${violations} + 1")
      endif()
    endforeach()
  endforeach()
endforeach()

list(LENGTH files count)
if(violations GREATER 0)
  message(FATAL_ERROR "${violations} lines print, end the process or throw; a library returns a Result")
endif()
if(count EQUAL 0)
  message(FATAL_ERROR "no file found below ${ROOT}")
endif()
message("${count} files, none prints, ends the process or throws")
