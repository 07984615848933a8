# One arithmetic: whatever instruction set and however many threads, the results are the same bytes.
. "$(dirname "$0")/common.sh"

small_data
small_model net 0
picture_npy picture.npy
expect_quiet fold net.onnx -o folded.onnx

# same_outputs FOLDER FOLDER
same_outputs() {
  for file in "$1"/*.npy; do same "$file" "$2/${file##*/}"; done
}

for model in net folded; do
  expect_quiet run $model.onnx --input input=picture.npy --output $model.best
  for isa in reference avx2 avx512; do
    got=0
    pleat --isa $isa run $model.onnx --input input=picture.npy --output $model.$isa >stdout 2>stderr || got=$?
    if [ "$got" -eq 2 ] && [ "$isa" != reference ]; then
      has stderr 'lacks'
      continue
    fi
    [ "$got" -eq 0 ] || fail "run under $isa ended with $got: $(cat stderr)"
    same_outputs $model.best $model.$isa
    PLEAT_ISA=$isa expect_quiet run $model.onnx --input input=picture.npy --output $model.environment.$isa
    same_outputs $model.best $model.environment.$isa
  done
  for threads in 1 2 3; do
    expect_quiet run $model.onnx --input input=picture.npy --threads $threads --output $model.$threads
    same_outputs $model.best $model.$threads
  done
done

# Training too: the weights after one pass, seen by what they make of a picture.
for threads in 1 2 3; do
  expect_quiet train --data data --epochs 1 --batch 20 --threads $threads --output trained.$threads.safetensors
  expect_quiet export trained.$threads.safetensors -o trained.$threads.onnx --dynamic-batch
  expect_quiet run trained.$threads.onnx --input input=picture.npy --output trained.$threads
  same_outputs trained.1 trained.$threads
done
