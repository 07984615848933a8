#include "converter/fold/reasons.h"

#include <algorithm>

namespace pleat {
namespace {

constexpr Reason kReasons[] = {
    {"F01", "training mode (is_test = 0)",
     "Up to opset 6 a BatchNormalization computes with running statistics only where its attribute is_test is not 0; "
     "the default is 0. This node normalizes by the statistics of its batch, which no constant weight can express. "
     "Export the model in evaluation mode, or set is_test to 1 if that is what was meant."},
    {"F04", "training mode (more than one output)",
     "From opset 7 to 13 a BatchNormalization with more than one output is in training mode: the further outputs are "
     "the updated statistics. From opset 14 on, and up to opset 6, further outputs come with training too. Export the "
     "model in evaluation mode."},
    {"F05", "training mode (training_mode = 1)",
     "The node normalizes by the statistics of its batch, so its output for one sample depends on the others and no "
     "constant weight can express it. The model was exported without switching to evaluation mode first."},
    {"F12", "statistics per position (spatial = 0)",
     "With spatial = 0 each position of the feature map has its own mean and variance. That is not a scale per "
     "channel, so it cannot enter a convolution's weights."},
    {"F17", "parameters are not constant",
     "Scale, bias, mean or variance is given or computed at run time. Folding writes their values into the weights, "
     "so they have to be constants of the model."},
    {"F18", "statistics are missing",
     "A BatchNormalization without running mean and variance can only normalize by its batch. Train with running "
     "statistics, then export in evaluation mode."},
    {"F19", "lengths do not match",
     "Scale, bias, mean and variance need one element per output channel of the layer. Shorter ones are not repeated: "
     "ONNX does not allow it."},
    {"F21", "negative variance",
     "A variance is so far below zero that variance + epsilon is negative. The unfolded model gives NaN in these "
     "channels; folding would hide or spread it. Recompute the statistics."},
    {"F23", "zero variance with zero epsilon",
     "Variance + epsilon is exactly zero, so the unfolded model divides by zero in these channels."},
    {"F24", "parameters hold NaN or infinity",
     "A constant that the fold would use holds NaN or infinity. The unfolded model is broken in these channels; look "
     "for a diverged training run or a damaged file."},
    {"F28", "folded value out of range",
     "Scale times weight, or the new bias, is larger than the largest number of the weight's type. Unfolded, the large "
     "factor acts after the sum, where it may still fit. Keep the layer in a wider type."},
    {"F31", "folded into a Conv",
     "W' = scale * W along output channels and a new bias beta - mean * scale, computed in about 106 bits and rounded "
     "once."},
    {"F32", "folded into a Conv with bias",
     "W' = scale * W along output channels and b' = scale * (b - mean) + beta, computed in about 106 bits and rounded "
     "once."},
    {"F34", "the layer's bias is not constant",
     "The convolution's bias is given or computed at run time, so the folded bias cannot be computed now."},
    {"F36", "transposed convolutions are kept",
     "Folding into ConvTranspose is exact in principle, but this version does not do it."},
    {"F39", "the layer's output has another reader",
     "Something besides the BatchNormalization reads the layer's output and needs it unscaled. Folding would need a "
     "second copy of the layer."},
    {"F41", "the layer's output is a graph output",
     "The caller asks for the value before normalization, so it has to stay as it is. Drop that output if nobody needs "
     "it."},
    {"F43", "an inner graph reads the layer's output",
     "The body of an If, Loop or Scan reads the value before normalization. It counts as another reader."},
    {"F49", "a constant of a kind not read here",
     "A weight or parameter is stored as a sparse tensor, a string or a type without floating-point values. Store it "
     "as an ordinary float tensor."},
    {"F50", "the layer's weight is not constant",
     "The weight is given or computed at run time. If it is computed from constants alone, run the exporter's constant "
     "folding first."},
    {"F51", "a constant behind a Cast",
     "A weight or parameter passes through a Cast. Run constant folding first, so that the value the model really uses "
     "is the one that gets folded."},
    {"F52", "quantized weight",
     "The weight passes through DequantizeLinear. Scaling it would change its rounding to steps, so the folded model "
     "would be another function. Fold first, then quantize."},
    {"F56", "a constant the caller may override",
     "From IR version 4 on, an initializer that is also a graph input is only a default: a caller may pass another "
     "value. Remove it from the graph's inputs if it is meant as a constant."},
    {"F60", "folded together with a later one",
     "Several BatchNormalizations follow one another. Their maps are composed first and rounded once, into one layer."},
    {"F63", "folded into a Gemm",
     "B' = scale * B along output columns (rows where transB = 1) and C' = scale * (beta*C - mean) + bias; alpha "
     "stays, "
     "beta becomes 1. Computed in about 106 bits and rounded once."},
    {"F67", "the layer's bias does not fit", "Gemm's C has a shape that does not broadcast to the output."},
    {"F68", "the layer's bias is not constant",
     "Gemm's C is given or computed at run time, so the folded one cannot be computed now."},
    {"F69", "the constant is the left operand",
     "The columns of this MatMul come from its variable operand, so a scale per column is no property of the weight."},
    {"F70", "MatMul: axis 1 must be the weight's output axis",
     "Behind a MatMul, axis 1 is the weight's output axis only where the output has exactly two axes. Where that is "
     "proven, the BatchNormalization is folded and becomes MatMul and Add. Where the model does not say, nothing is "
     "folded: add shape information."},
    {"F71", "MatMul with more than two axes",
     "The output has more than two axes, so axis 1 counts something else than the weight's columns, even where the "
     "sizes agree. Folding would normalize along the wrong axis."},
    {"F74", "folded into a MatMul and its bias",
     "W' = scale * W along columns and the Add's constant becomes scale * (b - mean) + beta."},
    {"F75", "weight of unfit shape",
     "The layer's weight does not have the number of axes that its operator needs for a fold: two for Gemm and MatMul, "
     "three or more for Conv."},
    {"F77", "old broadcasting rules",
     "Below opset 7, Add aligns its operands by an axis attribute. Convert the model to opset 7 or later."},
    {"F78", "arithmetic between layer and normalization",
     "An Add, Sub, Mul or Div of a kind that this version does not fold stands between them."},
    {"F80", "the constant is not one value per channel",
     "A constant added between layer and normalization varies along another axis than the channel, so it is no bias."},
    {"F87", "an activation in between",
     "The activation bends the values before they are normalized; no linear layer before it can take over the scale. "
     "Models that normalize before the activation can be folded."},
    {"F95", "a Concat in between",
     "The normalized channels come from several layers. This version does not split the fold between them."},
    {"F115", "no layer before it",
     "The normalization does not follow a Conv, Gemm or MatMul, so there is nothing to take over its scale."},
    {"F118", "inside an inner graph", "This version leaves the bodies of If, Loop and Scan as they are."},
};

}  // namespace

std::span<const Reason> reasons() { return kReasons; }

const Reason* find_reason(std::string_view code) {
  const auto* it =
      std::find_if(std::begin(kReasons), std::end(kReasons), [&](const Reason& r) { return r.code == code; });
  return it == std::end(kReasons) ? nullptr : it;
}

}  // namespace pleat
