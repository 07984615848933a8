# cmake -D FOLDER=<scratch> -P forbidden_calls_catches.cmake: plants violations and expects each to be found.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/planted.cmake)

set(rule forbidden_calls)
plant_headers(runtime/base/a.h)

expect_clean(runtime/base/check.cc "void f() { std::_Exit(70); }\n")
expect_clean(runtime/base/b.cc "// would printf(x) or throw\nint exit_code;\nstatic_assert(true);\n")
expect_clean(runtime/base/b.cc "auto s = \"throw printf(\\\" abort()\";\nstd::snprintf(b, n, s);\n")
expect_clean(cli/b.cc "int main() { printf(x); }\n")

foreach(folder runtime/ops models/train converter/fold)
  foreach(code "printf(x);" "std::fprintf(stderr, x);" "::abort();" "std::exit (1);" "assert(x);" "std::cout << 1;"
      "fmt::print(x);" "if (x) throw 1;" "throw;" "int n = std::stoi(s);" "f(\"a\"); puts(\"b\");" "char q = '\"'; puts(q);")
    expect_caught(${folder}/b.cc "${code}\n")
    expect_caught(${folder}/b.h "int a[2]; ${code}\n")
  endforeach()
endforeach()
