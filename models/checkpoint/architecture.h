#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/checkpoint/checkpoint.h"
#include "runtime/tensor/dtype.h"
#include "runtime/tensor/shape.h"

namespace pleat {

/// What the checkpoint's metadata "architecture" says: a chain of PyTorch's layers under their constructors' names.
/// Pairs are height, width.

struct Conv2dSpec {
  std::int64_t in_channels, out_channels;
  std::array<std::int64_t, 2> kernel_size, stride, padding;
  bool bias;
};
struct LinearSpec {
  std::int64_t in_features, out_features;
  bool bias;
};
struct BatchNormSpec {
  int spatial_dims;  ///< 0: BatchNorm1d on [N,C]; 2: BatchNorm2d on [N,C,H,W]
  std::int64_t num_features;
  double eps;
  std::optional<double> momentum;  ///< absent: the statistics are plain averages over all batches
};
struct Pool2dSpec {
  enum class Kind { kAverage, kMax } kind;  ///< the average counts padding as zeros
  std::array<std::int64_t, 2> kernel_size, stride, padding;
};
struct SigmoidSpec {};
struct ReluSpec {};
struct FlattenSpec {};  ///< all axes but the first become one

using LayerSpec = std::variant<Conv2dSpec, LinearSpec, BatchNormSpec, Pool2dSpec, SigmoidSpec, ReluSpec, FlattenSpec>;

/// One image as [channels, height, width]; a pixel p of channel c enters as (p - mean[c]) / std[c].
struct InputSpec {
  std::string name;
  Shape shape;
  std::string color;  ///< "gray", "rgb" or "bgr"
  std::vector<double> mean;
  std::vector<double> std;
};

struct Architecture {
  std::string name;
  InputSpec input;
  std::string output_name;
  std::vector<std::string> labels;
  std::vector<LayerSpec> layers;
};

/// A tensor of the state dict, named "<layer>.<parameter>".
struct StateSpec {
  std::string name;
  DType dtype;
  Shape shape;
};

/// Reads format "pleat.architecture/1". Every key must be there, none other may be, and sizes must lie in
/// [1, 2^24] (padding from 0). The layers are not yet checked against each other.
Result<Architecture> parse_architecture(std::string_view json_text);

/// The same from a checkpoint's metadata "architecture".
Result<Architecture> architecture_of(const Checkpoint& checkpoint);

/// "Conv2d", "BatchNorm1d", …
std::string_view type_name(const LayerSpec& layer);
/// "layer 3 (Conv2d)"
std::string layer_label(const Architecture& architecture, std::size_t layer);
/// The name of layer's tensor: tensor_name(3, "weight") is "3.weight".
std::string tensor_name(std::size_t layer, std::string_view parameter);

/// What each layer owns, in PyTorch's order.
std::vector<StateSpec> state_of(const Architecture& architecture);

/// Shapes of one sample, without the batch axis: the input's, then each layer's output. Fails where a layer does not
/// fit what comes in.
Result<std::vector<Shape>> activation_shapes(const Architecture& architecture);

}  // namespace pleat
