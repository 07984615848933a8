# `pleat test` judges ONNX's own test folders: it passes what is right and fails what is not.
. "$(dirname "$0")/common.sh"

official=/usr/share/libonnx-testdata/data/node
[ -d "$official" ] || official=$(dirname "$(dpkg -L libonnx-testdata 2>/dev/null | grep '/node/test_relu$' || echo /)")
[ -d "$official/test_relu" ] || { echo "skipped: no libonnx-testdata"; exit 77; }

cp -r "$official/test_relu" "$official/test_sigmoid" .
expect_quiet test test_relu test_sigmoid
has stdout '^2 passed, 0 failed, 0 skipped$'
expect_quiet test .
has stdout '^2 passed, 0 failed, 0 skipped$'

cp test_sigmoid/test_data_set_0/output_0.pb test_relu/test_data_set_0/output_0.pb
expect 1 test .
has stdout '^1 passed, 1 failed, 0 skipped$'
has stdout test_relu

mkdir nothing
expect 2 test nothing

# Shapes, axes, pads and scales may be inputs: a test gives them, so they are known when it is planned.
expect_quiet test "$official/test_reshape_negative_dim" "$official/test_slice" "$official/test_constant_pad" \
  "$official/test_resize_upsample_scales_nearest" "$official/test_top_k" "$official/test_constantofshape_float_ones"
has stdout '^6 passed, 0 failed, 0 skipped$'
cp -r "$official/test_reshape_negative_dim" wrong
cp "$official/test_reshape_zero_dim/test_data_set_0/input_1.pb" wrong/test_data_set_0
expect 1 test wrong

# Data that contradicts its model says nothing of what runs it.
if [ -d "$official/test_cast_FLOAT_to_BFLOAT16" ]; then
  expect_quiet test --verbose "$official/test_cast_FLOAT_to_BFLOAT16" "$official/test_cast_BFLOAT16_to_FLOAT"
  has stdout '^0 passed, 0 failed, 2 skipped$'
  has stdout 'output_0.pb: the data contradicts its model'
  has stdout 'input_0.pb: the data contradicts its model'
fi
