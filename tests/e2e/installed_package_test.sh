# The installed package is enough to build and run a program in C and one in C++, outside this tree.
# Usage: installed_package_test.sh PLEAT SCRATCH BUILD
build=$3
. "$(dirname "$0")/common.sh"

small_data
small_model net 0
picture_npy picture.npy
expect_quiet run net.onnx --input input=picture.npy
tail -c +129 picture.npy | od -An -v -t f4 -w4 >numbers

cmake --install "$build" --prefix "$PWD/prefix" >/dev/null
mkdir program
cp "$here"/../../samples/run_model.cc "$here"/../../samples/run_model.c program
cat >program/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(program LANGUAGES C CXX)
find_package(Pleat REQUIRED)
add_executable(from_cxx run_model.cc)
target_link_libraries(from_cxx PRIVATE pleat::pleat)
add_executable(from_c run_model.c)
target_link_libraries(from_c PRIVATE pleat::pleat)
END
cmake -G Ninja -S program -B program/build -DCMAKE_PREFIX_PATH="$PWD/prefix" >/dev/null
cmake --build program/build >/dev/null
program/build/from_cxx net.onnx <numbers >cxx || fail "the C++ program ended with $?"
program/build/from_c net.onnx <numbers >c || fail "the C program ended with $?"
grep -q '^output' cxx || fail "no output: $(cat cxx)"
[ "$(wc -w <cxx)" -eq 11 ] || fail "not ten scores: $(cat cxx)"
[ "$(wc -w <c)" -eq 11 ] || fail "not ten scores: $(cat c)"

# Lean: what the library weighs without its symbols, and what it links.
strip -o stripped "$(find prefix -name libpleat.so)"
size=$(stat -c %s stripped)
[ "$size" -le 2500000 ] || fail "the library has grown to $size bytes, more than 2.5 MB"
objdump -p stripped | awk '$1 == "NEEDED" { print $2 }' >needed
! grep -Ev '^(libc|libm|libstdc\+\+|libgcc_s|ld-linux-x86-64)\.so' needed || fail "it links more than libc and libstdc++"

# The installed program finds its modules.
prefix/bin/pleat export net.safetensors -o again.onnx >stdout || fail "the installed program ended with $?"
has stdout "accepted by ONNX's checker"
