#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/graph/model.h"
#include "runtime/image/image.h"
#include "runtime/tensor/tensor.h"

namespace pleat {

enum class Invert { kNever, kAlways, kAuto };

/// How a network wants its image: channels in the order of `color`, and a pixel p of channel c as (p-mean[c])/std[c].
struct ImageInput {
  int height = 0;
  int width = 0;
  std::string color = "gray";  ///< "gray", "rgb" or "bgr"
  std::vector<double> mean{0};
  std::vector<double> std{255};
  Invert invert = Invert::kAuto;

  int channels() const { return color == "gray" ? 1 : 3; }
};

/// Reads the metadata "pleat.input": {"format":"pleat.input/1","color":"gray","mean":[0],"std":[255],"size":[28,28],
/// "invert":"auto"}; size is height, width; invert is "auto", "never" or "always".
Result<ImageInput> parse_image_input(std::string_view json_text);

/// What `model` says of its image in "pleat.input", which must agree with its first input; a model that says nothing
/// gets pixels as p/255, gray for [N,1,H,W] and rgb for [N,3,H,W].
Result<ImageInput> image_input_of(const Model& model);

/// The image as float32 [1,C,H,W]. In this order:
///  colour  to grey by 0.299 R + 0.587 G + 0.114 B, or grey to three equal channels;
///  invert  255-p. kAuto is for drawings on paper: it inverts for a gray network when the border's mean is brighter
///  than
///          the middle grey (that of no image of Fashion-MNIST is) and the image is not of the network's size already,
///          which is taken as prepared;
///  resize  to fit, keeping the aspect ratio: by area averages when shrinking, bilinear when growing; centred, the rest
///          filled with the mean of the border's pixels. An image of the right size keeps its pixels;
///  scale   (float(p) - float(mean)) / float(std).
/// Uses one thread. The image must have 1 or 3 channels.
Result<Tensor> to_input(const Image& image, const ImageInput& input);

}  // namespace pleat
