# `pleat verify`: samples of every kind, the old tolerances, another engine, and what each failure says.
. "$(dirname "$0")/common.sh"

small_data
small_model net 0
small_model other 1
expect_quiet fold net.onnx -o folded.onnx

# The default: five kinds of generated samples, their seeds told.
expect_quiet verify net.onnx folded.onnx
for kind in normal uniform constant impulses 'large mean'; do has stdout "16 $kind"; done
has stdout 'seed 20240229'
expect_quiet verify net.onnx folded.onnx --generated 2 --seed 7
has stdout '2 normal (seed 7)'
expect_quiet verify net.onnx folded.onnx --shape input=3x1x28x28
expect_error 2 verify net.onnx folded.onnx --shape input=3x1xQ
expect_error 2 verify net.onnx folded.onnx --shape nowhere=3x1x28x28

# Labelled pictures: both networks' confusions.
expect_quiet verify net.onnx folded.onnx --dataset data --limit 20
has stdout 'right [0-9]* of 20'

# Given tensors, and pictures.
picture_npy input.npy
expect_quiet verify net.onnx folded.onnx --input input=input.npy
expect_quiet verify net.onnx folded.onnx --image "$images/bag.png"
has stdout '1 pictures'
expect_error 2 verify net.onnx folded.onnx --test-data nowhere

# An ONNX test folder: its outputs are compared as well.
official=/usr/share/libonnx-testdata/data/node
if [ -d "$official/test_relu" ]; then
  expect_quiet verify "$official/test_relu/model.onnx" "$official/test_relu/model.onnx" --test-data "$official/test_relu"
  has stdout '1 test_data_set_0'
  has stdout 'stored with test_data_set_0: unfolded differs by 0, folded by 0'
  expect_quiet verify "$official/test_relu/model.onnx" "$official/test_relu/model.onnx" \
    --test-data "$official/test_relu/test_data_set_0" --generated 3
  has stdout '3 normal'
fi

# The old way: the user's numbers decide, and what the derived tolerances say is told beside.
expect_quiet verify net.onnx folded.onnx --rtol 1e-3 --atol 1e-4
has stdout 'rungs 1 to 4.*hold as well'
expect 1 verify net.onnx folded.onnx --max-ulp 0 --dataset data
has stderr 'given tolerance'
has stdout 'rungs 1 to 4.*hold as well'
expect_quiet verify net.onnx other.onnx --rtol 0 --atol 1e6
has stdout 'judged by the given tolerance'
expect 1 verify net.onnx other.onnx --report verdict.json --format json
has verdict.json '"passed": false'
has stdout '"passed":false'

# The first failing region, to be looked at elsewhere.
expect_quiet verify net.onnx folded.onnx --reproducer none
absent none

# Usage.
expect_error 2 verify net.onnx
expect_error 2 verify --self-test net.onnx folded.onnx
expect_error 2 verify net.onnx folded.onnx --against nobody
expect_error 2 verify net.onnx folded.onnx --rtol -1

# Another engine, where it is installed.
got=0
pleat verify folded.onnx --against opencv >stdout 2>stderr || got=$?
if [ "$got" -eq 4 ]; then
  has stderr 'opencv'
else
  [ "$got" -eq 0 ] || fail "OpenCV: $(cat stdout stderr)"
  has stdout 'OpenCV .* agrees on folded.onnx'
  expect_quiet verify net.onnx folded.onnx --against opencv --generated 2 --format json
  has stdout '"agrees":true'
fi
