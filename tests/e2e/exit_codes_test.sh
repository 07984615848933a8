# Every failure has its exit code, says why on stderr, and leaves no output behind.
. "$(dirname "$0")/common.sh"

# Usage: 2
expect_error 2
expect_error 2 no_such_verb
expect_error 2 fold
expect_error 2 fold net.onnx -o folded.onnx --no-such-option
expect_error 2 train --model no_such_model --output net.safetensors
expect_error 2 train --epochs 0 --output net.safetensors
expect_error 2 inspect --format yaml net.onnx
expect_error 2 --isa no_such_isa inspect --operators
PLEAT_ISA=no_such_isa expect_error 2 inspect --operators
has stderr PLEAT_ISA
for verb in train export fold verify run eval inspect test bench health; do
  expect_quiet "$verb" --help
done
expect_quiet --help
expect_quiet --version

# A bad model or input: 3
expect_error 3 inspect missing.onnx
has stderr missing.onnx
echo 'not a model' >garbage.onnx
: >empty.onnx
expect_error 3 inspect garbage.onnx
expect_error 3 inspect empty.onnx
expect_error 3 run garbage.onnx "$images/bag.png"
expect_error 3 train --data "$PWD/nowhere" --output net.safetensors
absent net.safetensors
echo 'not a checkpoint' >garbage.safetensors
expect_error 3 export garbage.safetensors -o net.onnx
absent net.onnx
expect_error 3 health garbage.safetensors
expect_error 3 fold garbage.onnx -o folded.onnx
absent folded.onnx
echo 'what was there' >folded.onnx
expect_error 3 fold garbage.onnx -o folded.onnx
has folded.onnx 'what was there'

small_data
small_model net 0
for report in --report --html --certificate; do
  for name in net.onnx ./net.onnx folded.onnx "$PWD/folded.onnx"; do
    expect_error 2 fold net.onnx -o folded.onnx "$report" "$name"
  done
done
expect_error 2 fold net.onnx -o new.onnx --report report --html report
absent new.onnx
cp net.onnx in_place.onnx
expect_quiet fold in_place.onnx -o ./in_place.onnx
head -c 3000 net.onnx >truncated.onnx
expect_error 3 inspect truncated.onnx
head -c 3000 net.safetensors >truncated.safetensors
expect_error 3 export truncated.safetensors -o truncated_net.onnx
absent truncated_net.onnx
echo 'not a picture' >garbage.png
expect_error 3 run net.onnx garbage.png
expect_error 3 run net.onnx missing.png

# An operator that this build lacks: 4. The model is y = NoSuchOp(x) on one float, in ONNX's wire format.
one_float='\012\010\010\001\022\004\012\002\010\001'
{
  printf '\010\010\072\067'
  printf '\012\020\012\001x\022\001y\042\010NoSuchOp\022\001g'
  printf '\132\017\012\001x\022\012'"$one_float"
  printf '\142\017\012\001y\022\012'"$one_float"
  printf '\102\002\020\015'
} >unsupported.onnx
{
  npy_start '(1,)'
  printf '\000\000\200\077'
} >one.npy
expect_quiet inspect unsupported.onnx
expect_error 4 run unsupported.onnx --input x=one.npy
has stderr NoSuchOp

# Models that are not the same function: 1
small_model other 1
expect 1 verify net.onnx other.onnx --dataset data
grep -q . stderr || fail "a failing verification gave no reason"

# A folder that cannot be written
expect_error 3 export net.safetensors -o no/such/folder/net.onnx

# What is left of all this: nothing under a temporary name
for file in *.tmp-*; do absent "$file"; done
