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
