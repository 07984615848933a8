#include "converter/fold/reasons.h"

#include <algorithm>

namespace pleat {
namespace {

constexpr Reason kReasons[] = {
    {"F01", "training mode (is_test = 0)",
     "Up to opset 6 a BatchNormalization computes with running statistics only where its attribute is_test is not 0; "
     "the default is 0. This node normalizes by the statistics of its batch, which no constant weight can express. "
     "Export the model in evaluation mode, or say --assume-inference if that is what was meant."},
    {"F02", "consumed_inputs of opset 1",
     "An attribute that opset 1 demanded and nothing reads. It neither helps nor hinders a fold."},
    {"F03", "mode told by the number of outputs",
     "From opset 7 to 13 a BatchNormalization with one output is in inference mode. Further outputs with empty names "
     "count as absent."},
    {"F04", "training mode (more than one output)",
     "From opset 7 to 13 a BatchNormalization with more than one output is in training mode: the further outputs are "
     "the updated statistics. From opset 14 on, and up to opset 6, further outputs come with training too. Export the "
     "model in evaluation mode, or say --assume-inference."},
    {"F05", "training mode (training_mode = 1)",
     "The node normalizes by the statistics of its batch, so its output for one sample depends on the others and no "
     "constant weight can express it. The model was exported without switching to evaluation mode first (model.eval() "
     "in PyTorch). --assume-inference folds it as if it had been."},
    {"F06", "parameters of another type than the data",
     "Every operand is widened to about 106 bits; what is folded is stored in the layer's own type, rounded once."},
    {"F07", "any opset",
     "The rules of each opset are followed as long as ONNX does not change what the operator means."},
    {"F08", "momentum", "Only training reads it. It has no part in a fold."},
    {"F09", "epsilon absent",
     "The default of the operator, 1e-5 as a float, is what the unfolded model computes with, so the fold does too."},
    {"F10", "epsilon of the node", "The node's own value is used, as the float it is."},
    {"F11", "epsilon in half precision",
     "Epsilon is never stored in a narrow type on the way, where 1e-5 would lose bits or vanish."},
    {"F12", "statistics per position (spatial = 0)",
     "With spatial = 0 each position of the feature map has its own mean and variance. That is not a scale per "
     "channel, so it cannot enter a convolution's weights."},
    {"F13", "spatial = 0 with one value per channel",
     "A known defect of MXNet's exporter: the attribute says per position, the parameters have one value per channel. "
     "They are taken per channel, with a warning."},
    {"F14", "MXNet's fix_gamma",
     "Where training ignored gamma, the file may hold a stale one; ONNX cannot tell. The gamma in the file is taken "
     "literally."},
    {"F15", "input of one or two axes", "Rank 2 is [N, C] and folds like any other. Rank 1 has one channel."},
    {"F16", "one or three spatial axes", "The same fold, for Conv of any number of spatial axes."},
    {"F17", "parameters are not constant",
     "Scale, bias, mean or variance is given or computed at run time. Folding writes their values into the weights, so "
     "they have to be constants of the model."},
    {"F18", "statistics are missing",
     "A BatchNormalization without running mean and variance can only normalize by its batch. Train with running "
     "statistics (track_running_stats=True in PyTorch), then export in evaluation mode."},
    {"F19", "lengths do not match",
     "Scale, bias, mean and variance need one element per output channel of the layer. Shorter ones are not repeated: "
     "ONNX does not allow it."},
    {"F20", "one constant in several roles",
     "A constant that serves several parameters or nodes is only read; folds bring constants of their own."},
    {"F21", "negative variance",
     "A variance is so far below zero that variance + epsilon is negative. The unfolded model gives NaN in these "
     "channels; folding would hide or spread it. Recompute the statistics."},
    {"F22", "zero variance",
     "The scale is gamma / sqrt(epsilon). It is folded, and the channel is reported as amplifying."},
    {"F23", "zero variance with zero epsilon",
     "Variance + epsilon is exactly zero, so the unfolded model divides by zero in these channels."},
    {"F24", "parameters hold NaN or infinity",
     "A constant that the fold would use holds NaN or infinity. The unfolded model is broken in these channels; look "
     "for a diverged training run or a damaged file."},
    {"F25", "gamma is zero", "The channel is constant. It is folded to weights of zero and reported as dead."},
    {"F26", "gamma is negative",
     "A linear layer takes a negative scale like any other. Only what keeps the largest value (MaxPool) does not let "
     "it pass."},
    {"F27", "subnormal results",
     "Folded float values below the smallest normal number are set to zero, because they make processors slow; the "
     "report counts them and the bound accounts for them. --no-flush keeps them."},
    {"F28", "folded value out of range",
     "Scale times weight, or the new bias, is larger than the largest number of the weight's type. Unfolded, the large "
     "factor acts after the sum, where it may still fit. Keep the layer in a wider type."},
    {"F29", "sums overflow in another order",
     "Both models are equal in exact arithmetic, but near the largest float one may overflow where the other does not. "
     "The verifier tells such places apart."},
    {"F30", "zero times infinity", "A dead channel keeps its layer, so that infinity in gives NaN out, as before."},
    {"F31", "folded into a Conv",
     "W' = scale * W along output channels and a new bias beta - mean * scale, computed in about 106 bits and rounded "
     "once."},
    {"F32", "folded into a Conv with bias",
     "W' = scale * W along output channels and b' = scale * (b - mean) + beta, computed in about 106 bits and rounded "
     "once."},
    {"F33", "a bias input without a name", "An input named \"\" is an omitted one: the Conv has no bias."},
    {"F34", "the layer's bias is not constant",
     "The convolution's bias is given or computed at run time, so the folded bias cannot be computed now."},
    {"F35", "grouped and depthwise Conv", "The weight's first axis counts all output channels, whatever the group."},
    {"F36", "ConvTranspose", "The weight's second axis counts output channels: W' = scale * W along it."},
    {"F37", "grouped ConvTranspose",
     "Output channel (input channel / inputs per group) * outputs per group + position: each weight takes the scale of "
     "its own output channel. The groups must divide the input channels."},
    {"F38", "ConvTranspose with gaps",
     "Positions that no tap covers hold the bias alone, and the folded bias is right there too."},
    {"F39", "the layer's output has another reader",
     "Something besides the normalization reads the layer's output and needs it unscaled. Folding would need a second "
     "copy of the layer."},
    {"F40", "only the size is read as well",
     "Shape and Size do not look at values: they are pointed at the folded output, which has the same shape."},
    {"F41", "the layer's output is a graph output",
     "The caller asks for the value before normalization, so it has to stay as it is. Drop that output if nobody needs "
     "it."},
    {"F42", "the normalized value is a graph output",
     "The folded layer takes over its name, so callers find the output where it was."},
    {"F43", "an inner graph reads the layer's output",
     "The body of an If, Loop or Scan reads the value before normalization. It counts as another reader."},
    {"F44", "weights shared by several layers", "Each layer gets constants of its own; equal ones become one again."},
    {"F45", "one layer used twice", "Only the use that is normalized changes."},
    {"F46", "shared bias", "As with weights: a new constant, the shared one stays."},
    {"F47", "names already taken", "New constants and values get names that nothing in the model uses."},
    {"F48", "weight in a Constant node", "As good as an initializer."},
    {"F49", "a constant of a kind not read here",
     "A weight or parameter is stored as a sparse tensor, a string or a type without floating-point values. Store it "
     "as an ordinary float tensor."},
    {"F50", "the layer's weight is not constant",
     "The weight is given or computed at run time. What Identity, Transpose, Reshape, Squeeze, Unsqueeze, Slice, "
     "Concat and Cast make of constants counts as constant; for more, run the exporter's constant folding first."},
    {"F51", "a constant behind a Cast",
     "The converted value is the one the model computes with, so that is the one folded."},
    {"F52", "quantized weight",
     "The weight passes through DequantizeLinear. Scaling it would change its rounding to steps. Fold first, then "
     "quantize; or say --dequantize-weights to compute the float weight now and fold into that."},
    {"F53", "quantization in between",
     "Values are rounded to steps between layer and normalization, which is not linear. Fold first, then quantize."},
    {"F54", "folded into the Mul and Add before it",
     "No layer behind them could take the scale, but the Mul by a constant and the Add of one could: their constants "
     "become scale * c and scale * d + shift. So it is with the arithmetic behind integer layers."},
    {"F55", "IR version 3",
     "Before version 4 every constant had to be an input too, and still could not be overridden. The folded model is "
     "of version 4, its constants no longer being inputs; --keep-ir leaves both."},
    {"F56", "a constant the caller may override",
     "From IR version 4 on, an initializer that is also a graph input is only a default: a caller may pass another "
     "value. Many PyTorch exports are so without meaning it. --freeze-inputs takes them off the inputs."},
    {"F57", "external data", "Constants in files beside the model are read, folded and written to a new file."},
    {"F58", "annotations of values that are gone",
     "Shapes recorded for values that folding removed are dropped with them."},
    {"F59", "open sizes", "A fold needs no batch size and no image size."},
    {"F60", "folded together with another",
     "Several BatchNormalizations follow one another. Their maps are composed first and rounded once, into one layer; "
     "where none can take them, the later goes into the scale and bias of the earlier."},
    {"F61", "folding again", "A folded model has nothing left to fold, and folding it changes no byte."},
    {"F62", "sizes of zero", "Nothing to scale, nothing to break."},
    {"F63", "folded into a Gemm",
     "B' = scale * B along output columns (rows where transB = 1) and C' = scale * (beta*C - mean) + bias; alpha "
     "stays, beta becomes 1. Computed in about 106 bits and rounded once."},
    {"F64", "Gemm with alpha", "alpha stays as it is; B takes the scale."},
    {"F65", "Gemm with beta", "beta goes into the new C once, and becomes 1."},
    {"F66", "Gemm with transA", "Which way the input lies does not concern the weight."},
    {"F67", "the Gemm's C does not fit",
     "C has a shape that does not broadcast to the output. Scalars, rows, columns and whole matrices all fold."},
    {"F68", "the Gemm's C is not constant",
     "C is given or computed at run time, so the folded one cannot be computed now."},
    {"F69", "the constant is the left operand",
     "The columns of this product come from its variable operand, so a scale per column is no property of the weight."},
    {"F70", "MatMul: axis 1 must be the weight's output axis",
     "Behind a MatMul, axis 1 is the weight's output axis only where the output has exactly two axes. Where that is "
     "proven, the normalization is folded and becomes MatMul and Add. Where the model does not say, nothing is folded: "
     "add shape information."},
    {"F71", "BN's channel axis is the sequence axis",
     "The output has more than two axes, so axis 1 counts something else than the weight's columns, even where the "
     "sizes agree. Folding would normalize along the wrong axis. A constant on the left, whose rows are that axis, "
     "does fold."},
    {"F72", "Transpose behind a MatMul",
     "The transposition brings the weight's output axis to axis 1, so the fold is right."},
    {"F73", "Reshape in between",
     "The fold goes through where the sizes prove that the normalized axis stays apart, or that each of the layer's "
     "channels lies in one stretch with one scale and shift."},
    {"F74", "folded into a MatMul and its bias",
     "W' = scale * W along columns and the Add's constant becomes scale * (b - mean) + beta."},
    {"F75", "weight of unfit shape",
     "The weight has a batch axis that the normalization would mix, or not the number of axes that its operator needs "
     "for a fold: two for Gemm and MatMul, three or more for Conv."},
    {"F76", "Unsqueeze and Squeeze around it",
     "Old exports of BatchNorm1d put an axis in and take it out again. The fold goes through."},
    {"F77", "old broadcasting rules",
     "Below opset 7, arithmetic aligns its operands by the attributes broadcast and axis; the fold follows them. Where "
     "they do not fit: convert the model to opset 7 or later."},
    {"F78", "arithmetic between layer and normalization",
     "Add, Sub, Mul and Div with constants are composed with the normalization and folded as one map. A product of two "
     "computed values is not linear and is not folded."},
    {"F79", "a normalization written out",
     "Sub, Mul, Div and Add with constants per channel are a normalization, whoever wrote it so, and fold like one."},
    {"F80", "the constant is not one value per channel",
     "A constant between layer and normalization varies along another axis than the channels. A constant of shape [C] "
     "against four axes lies along the last of them."},
    {"F81", "a constant per position", "A constant that differs from pixel to pixel is no bias."},
    {"F82", "constant minus value",
     "The weights change their sign, and so does the bias before the constant is added."},
    {"F83", "constant divided by value",
     "A quotient with the value below the line is not linear, so no weight can express it."},
    {"F84", "the constant comes first", "Add and Mul do not care for the order of their operands."},
    {"F85", "Dropout, Identity and idle Cast in between",
     "At rest they pass values on, and so does the fold. A Dropout in training mode, or whose mask is read, does not."},
    {"F86", "a Cast in between",
     "Values are rounded to another type between layer and normalization; folding would move that rounding."},
    {"F87", "an activation in between",
     "The activation bends the values before they are normalized; no linear layer before it can take over the scale. "
     "Models that normalize before the activation can be folded."},
    {"F88", "an operator of another domain",
     "What it does between layer and normalization is not known here; a fused activation may be in it."},
    {"F89", "positive scales behind an activation",
     "ReLU lets a positive scale pass, but not the shift. Not done, since an Add would have to stay."},
    {"F90", "MaxPool in between",
     "The largest stays the largest where no scale is negative. With a negative one it would become the smallest."},
    {"F91", "AveragePool in between",
     "An average lets a scale and a shift pass, unless zeros of its padding are counted: those would not be shifted."},
    {"F92", "global average or ReduceMean in between",
     "An average over positions lets scale and shift of a channel pass. One over the normalized axis does not."},
    {"F93", "Pad in between",
     "Reflected and repeated values are normalized like all others. A constant can be padded only where it is the same "
     "for every channel after normalization."},
    {"F94", "Resize in between",
     "Nearest and linear interpolation have weights that sum to one and let scale and shift pass. Not done: cubic, and "
     "tf_crop_and_resize, which fills in a value of its own."},
    {"F95", "Concat of channels",
     "Each joined value takes the scales of its own channels, if all of them come from layers that can."},
    {"F96", "Concat along another axis",
     "Every joined value takes the whole map, if all of them come from layers that can."},
    {"F97", "sum of two layers", "Both take the scale and one takes the shift."},
    {"F98", "sum with something that cannot be scaled",
     "The scale would have to go into every addend, and one of them is no layer that could take it."},
    {"F99", "Transpose in between",
     "The fold follows the normalized axis through the permutation. It must be the layer's channel axis there."},
    {"F100", "Flatten in between",
     "Flattened channels lie in stretches. Backward, each stretch needs one scale and shift; forward, the next linear "
     "layer takes them whatever they are."},
    {"F101", "Squeeze or Unsqueeze in between", "Axes of size one come and go; the normalized axis is followed."},
    {"F102", "channels rearranged in between",
     "DepthToSpace, SpaceToDepth and channel shuffles move channels; the map is moved back along the same way."},
    {"F103", "part of the channels",
     "A slice lets the map pass; channels that it leaves out keep scale 1. A Split whose parts are read apart does "
     "not."},
    {"F104", "another normalization before it",
     "InstanceNormalization, GroupNormalization and LayerNormalization depend on the data, so they are no linear "
     "layer. An InstanceNorm written as BatchNormalization in training mode is one of these too."},
    {"F105", "folded forward into a Gemm or MatMul",
     "W' = scale * W along the weight's input rows and c' = c + sum of shift * W. Nothing is padded, so it is exact."},
    {"F106", "folded forward into a Conv",
     "Without padding every output sees as many shifted values as it has taps: W' = scale * W along input channels, b' "
     "= b + sum of shift * W."},
    {"F107", "forward into a padded Conv",
     "Zeros of the padding stand for values that were never shifted, so border outputs would be wrong. Where no "
     "channel is shifted, the scale alone is folded."},
    {"F108", "scale forward, shift left behind",
     "Splitting the normalization into a folded scale and an Add that stays would save nothing. Not done."},
    {"F109", "Pad with a constant behind it",
     "The constant would have to be (v - shift) / scale for every channel alike."},
    {"F110", "Pad by reflection behind it", "Reflected and repeated values are like all others: exact."},
    {"F111", "forward into a ConvTranspose",
     "Different output positions are covered by different numbers of taps, so a shift is taken only by a kernel of one "
     "tap; a scale always."},
    {"F112", "forward into a grouped Conv", "Each weight takes the scale of the input channel that its group reads."},
    {"F113", "normalization before an activation",
     "The activation stands between the normalization and the next layer (pre-activation networks). No linear layer "
     "behind it can take over scale and shift."},
    {"F114", "not all readers can take it",
     "Every reader of the normalized value would have to take it over; one of them cannot, or the value is a graph "
     "output."},
    {"F115", "stands alone",
     "There is no linear layer before the normalization, nor one behind it, that could take its scale. --decompose "
     "turns it into Mul and Add."},
    {"F116", "the rounding of Mul and Add",
     "scale * x + shift rounds differently from (x - mean) * scale + bias; the verifier has a bound for each form."},
    {"F117", "backward or forward",
     "Where both are possible, the layer before takes it: no padding can be in the way there."},
    {"F118", "inside an inner graph",
     "Bodies of If, Loop and Scan are folded like any graph; new constants stand in the body."},
    {"F119", "a loop's own variable",
     "A value that a loop or a call hands to the body may differ from turn to turn, so it is no constant."},
    {"F120", "inside a model-local function",
     "Calls of functions that hold a normalization are replaced by their bodies first, so that parameters become "
     "constants of the call."},
    {"F121", "training information",
     "The model carries graphs for training, which name its constants. It is left as it is; drop the training "
     "information first."},
    {"F122", "equal layers", "Each is folded; equal results are stored once."},
    {"F123", "in its own opset",
     "Nothing is converted to another opset before folding: that could hide training mode."},
    {"F124", "no arithmetic left behind", "Folding leaves final constants, never nodes that compute them."},
};

}  // namespace

std::span<const Reason> reasons() { return kReasons; }

const Reason* find_reason(std::string_view code) {
  const auto* it = std::ranges::find(kReasons, code, &Reason::code);
  return it == std::end(kReasons) ? nullptr : it;
}

}  // namespace pleat
