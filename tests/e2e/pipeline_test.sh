# From pictures to labels: train, export, fold, verify, run, evaluate, inspect.
. "$(dirname "$0")/common.sh"

small_data
small_model net 0
expect_quiet train --data data --epochs 1 --batch 20 --seed 0 --output again.safetensors --curves curves.svg --format json
has stdout '"schema":"pleat.train/1"'
has stdout '"test_accuracy"'
has curves.svg '<svg'

# The same weights by tensor: metadata may hold what differs from run to run.
for checkpoint in net again; do
  expect_quiet inspect "$checkpoint.safetensors" --tensor 0.weight --tensor 1.running_var --tensor 1.weight
  cp stdout "$checkpoint.tensors"
done
same net.tensors again.tensors

expect_quiet inspect net.onnx --format json
has stdout '"schema":"pleat.inspect/1"'
has stdout 'BatchNormalization'
expect_quiet inspect net.onnx --svg graph.svg
has graph.svg '<svg'

expect_quiet fold net.onnx -o folded.onnx --report report.json --html report.html --certificate certificate.json
has report.json '"schema"'
has report.html '<h1>The folded model is proved to be the same function.</h1>'
has certificate.json '"schema":"pleat.certificate/1"'
expect_quiet verify --certificate folded.onnx net.onnx
has stdout 'the certificate holds'
expect_quiet fold net.onnx --dry-run
lacks stdout 'wrote'
expect_quiet inspect folded.onnx --format json
lacks stdout '"BatchNormalization"'
expect_quiet fold net.onnx -o folded2.onnx --format json
has stdout '"schema":"pleat.fold/1"'
same folded.onnx folded2.onnx
expect_quiet fold folded.onnx -o folded3.onnx
same folded.onnx folded3.onnx

expect_quiet verify net.onnx folded.onnx --dataset data
expect_quiet verify net.onnx folded.onnx --dataset data --format json
has stdout '"schema":"pleat.verify/1"'

expect_quiet run folded.onnx "$images/bag.png" "$images/large_trouser_drawing.png" "$images/large_blue_sneaker.png"
has stdout 'bag.png'
has stdout 'large_blue_sneaker.png'
expect_quiet run folded.onnx "$images/bag.png" --format json
has stdout '"schema":"pleat.run/1"'

expect_quiet eval folded.onnx --dataset data --format json
has stdout '"schema":"pleat.eval/1"'

# What the statistics of so short a training are worth is for `health` to say; that it says it is for this test.
got=0
pleat health net.safetensors >stdout 2>stderr || got=$?
[ "$got" -le 1 ] || fail "pleat health ended with $got: $(cat stderr)"
grep -q . stdout || fail "pleat health said nothing"
