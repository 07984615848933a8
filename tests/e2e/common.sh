# Sourced by the tests: sh NAME_test.sh PLEAT SCRATCH. Leaves the caller in an empty scratch folder.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
images=$here/../../samples/images
program=$1
rm -rf "$2"
mkdir -p "$2"
cd "$2"
unset PLEAT_ISA

pleat() { "$program" "$@"; }

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect CODE ARGUMENT…: the exit code of `pleat ARGUMENT…`; what it printed is left in stdout and stderr.
expect() {
  wanted=$1
  shift
  got=0
  pleat "$@" >stdout 2>stderr || got=$?
  if [ "$got" -ne "$wanted" ]; then
    sed 's/^/  /' stdout stderr >&2
    fail "pleat $* ended with $got instead of $wanted"
  fi
}

# expect_error CODE ARGUMENT…: so, and it says why on stderr alone.
expect_error() {
  expect "$@"
  [ ! -s stdout ] || fail "a failing 'pleat $*' printed a result: $(cat stdout)"
  grep -q . stderr || fail "a failing 'pleat $*' gave no reason"
}

# expect_quiet ARGUMENT…: success, and nothing on stderr, which is no terminal here.
expect_quiet() {
  expect 0 "$@"
  [ ! -s stderr ] || fail "'pleat $*' wrote to stderr: $(cat stderr)"
}

has() { grep -q -e "$2" "$1" || fail "no '$2' in $1: $(cat "$1")"; }
lacks() { ! grep -q -e "$2" "$1" || fail "'$2' in $1: $(cat "$1")"; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }
absent() { [ ! -e "$1" ] || fail "$1 is there"; }

# big_endian NUMBER: its four bytes, as IDX wants them.
big_endian() {
  printf "$(printf '\\%03o' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"
}

# idx_set PREFIX COUNT SEED: pictures with a bright bar whose place tells the class, and noise.
idx_set() {
  { printf '\000\000\010\003'; big_endian "$2"; big_endian 28; big_endian 28; } >"$1-images-idx3-ubyte"
  { printf '\000\000\010\001'; big_endian "$2"; } >"$1-labels-idx1-ubyte"
  awk -v count="$2" -v seed="$3" 'BEGIN {
    for (n = 0; n < count; ++n) {
      label = n % 10
      line = ""
      for (i = 0; i < 784; ++i) {
        seed = (seed * 1103 + 12345) % 1048576
        row = int(i / 28)
        line = line sprintf("\\%03o", (row >= 2 * label + 3 && row < 2 * label + 7 ? 180 : 0) + seed % 64)
      }
      printf "%03o %s\n", label, line
    }
  }' | while read -r label pixels; do
    printf "\\$label" >>"$1-labels-idx1-ubyte"
    printf "$pixels" >>"$1-images-idx3-ubyte"
  done
}

# small_data: a folder `data` with the four files of a data set, 200 and 60 pictures.
small_data() {
  mkdir data
  idx_set data/train 200 1
  idx_set data/t10k 60 2
}

# small_model NAME SEED: NAME.safetensors and NAME.onnx after one pass over the small data.
small_model() {
  expect_quiet train --model lenet_bn --data data --epochs 1 --batch 20 --seed "$2" --output "$1.safetensors"
  expect_quiet export "$1.safetensors" -o "$1.onnx" --dynamic-batch
}

# npy_start SHAPE: the first 128 bytes of a .npy file of float32.
npy_start() {
  printf '\223NUMPY\001\000\166\000'
  printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': $1, }"
}

# picture_npy FILE: a [1,1,28,28] tensor of numbers from 1/8 to 1/2 with full mantissas.
picture_npy() {
  {
    npy_start '(1, 1, 28, 28)'
    awk 'BEGIN {
      for (i = 0; i < 3 * 784; ++i) {
        seed = (seed * 1103 + 12345) % 1048576
        printf "%s%s", sprintf("\\%03o", int(seed / 16) % 256), i % 3 == 2 ? "\\076\n" : ""
      }
    }' | while read -r bytes; do printf "$bytes"; done
  } >"$1"
}
