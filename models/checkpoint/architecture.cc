#include "models/checkpoint/architecture.h"

#include <fmt/format.h>

namespace pleat {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

Error misfit(std::string what, std::string expected, const Shape& shape) {
  return Error::invalid(std::move(what)).expect(std::move(expected)).saw(shape.text() + " for one sample");
}

/// Output sizes of a window that slides over `in`, floored as PyTorch does by default.
Result<Shape> slide(const Shape& in, std::int64_t channels, const std::array<std::int64_t, 2>& kernel,
                    const std::array<std::int64_t, 2>& stride, const std::array<std::int64_t, 2>& padding) {
  Shape out{channels, 0, 0};
  for (int axis = 0; axis < 2; ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    const std::int64_t room = in[axis + 1] + 2 * padding[i] - kernel[i];
    if (room < 0)
      return fail(misfit("the kernel is larger than what comes in",
                         fmt::format("at least [{},{}] with padding", kernel[0], kernel[1]), in));
    out[axis + 1] = room / stride[i] + 1;
  }
  return out;
}

Result<Shape> convolved(const Conv2dSpec& layer, const Shape& in) {
  if (in.rank() != 3 || in[0] != layer.in_channels)
    return fail(misfit("the layer does not fit what comes in", fmt::format("[{},H,W]", layer.in_channels), in));
  return slide(in, layer.out_channels, layer.kernel_size, layer.stride, layer.padding);
}

Result<Shape> pooled(const Pool2dSpec& layer, const Shape& in) {
  if (in.rank() != 3) return fail(misfit("the layer does not fit what comes in", "[C,H,W]", in));
  return slide(in, in[0], layer.kernel_size, layer.stride, layer.padding);
}

Result<Shape> linear(const LinearSpec& layer, const Shape& in) {
  if (in.rank() != 1 || in[0] != layer.in_features)
    return fail(misfit("the layer does not fit what comes in", fmt::format("[{}]", layer.in_features), in)
                    .fix("set in_features to the flattened size, and put a Flatten before the first Linear"));
  return Shape{layer.out_features};
}

Result<Shape> normalized(const BatchNormSpec& layer, const Shape& in) {
  if (in.rank() != 1 + layer.spatial_dims || in[0] != layer.num_features)
    return fail(misfit("the layer does not fit what comes in",
                       fmt::format("[{}{}]", layer.num_features, layer.spatial_dims == 0 ? "" : ",H,W"), in));
  return in;
}

Result<Shape> output_shape(const LayerSpec& spec, const Shape& in) {
  PLEAT_ASSIGN(Shape out, std::visit(Overloaded{
                                         [&](const Conv2dSpec& layer) { return convolved(layer, in); },
                                         [&](const LinearSpec& layer) { return linear(layer, in); },
                                         [&](const BatchNormSpec& layer) { return normalized(layer, in); },
                                         [&](const Pool2dSpec& layer) { return pooled(layer, in); },
                                         [&](const SigmoidSpec&) { return Result<Shape>(in); },
                                         [&](const ReluSpec&) { return Result<Shape>(in); },
                                         [&](const FlattenSpec&) { return Result<Shape>(Shape{in.elements()}); },
                                     },
                                     spec));
  PLEAT_TRY(checked_elements(out.dims(), sizeof(float)));
  return out;
}

}  // namespace

Result<Architecture> architecture_of(const Checkpoint& checkpoint) {
  const auto text = checkpoint.metadata.find("architecture");
  if (text != checkpoint.metadata.end()) return parse_architecture(text->second);
  return fail(Error::invalid("the checkpoint does not tell its architecture")
                  .expect("JSON text under the metadata key 'architecture'")
                  .fix("save it with 'pleat train', or add the key when you write the .safetensors file"));
}

std::string_view type_name(const LayerSpec& spec) {
  return std::visit(Overloaded{
                        [](const Conv2dSpec&) -> std::string_view { return "Conv2d"; },
                        [](const LinearSpec&) -> std::string_view { return "Linear"; },
                        [](const BatchNormSpec& layer) -> std::string_view {
                          return layer.spatial_dims == 0 ? "BatchNorm1d" : "BatchNorm2d";
                        },
                        [](const Pool2dSpec& layer) -> std::string_view {
                          return layer.kind == Pool2dSpec::Kind::kAverage ? "AvgPool2d" : "MaxPool2d";
                        },
                        [](const SigmoidSpec&) -> std::string_view { return "Sigmoid"; },
                        [](const ReluSpec&) -> std::string_view { return "ReLU"; },
                        [](const FlattenSpec&) -> std::string_view { return "Flatten"; },
                    },
                    spec);
}

std::string layer_label(const Architecture& architecture, std::size_t layer) {
  return fmt::format("layer {} ({})", layer, type_name(architecture.layers[layer]));
}

std::string tensor_name(std::size_t layer, std::string_view parameter) {
  return fmt::format("{}.{}", layer, parameter);
}

std::vector<StateSpec> state_of(const Architecture& architecture) {
  std::vector<StateSpec> state;
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    const auto own = [&](std::string_view parameter, Shape shape, DType dtype = DType::kFloat) {
      state.push_back({tensor_name(i, parameter), dtype, std::move(shape)});
    };
    const LayerSpec& spec = architecture.layers[i];
    if (const auto* conv = std::get_if<Conv2dSpec>(&spec)) {
      own("weight", {conv->out_channels, conv->in_channels, conv->kernel_size[0], conv->kernel_size[1]});
      if (conv->bias) own("bias", {conv->out_channels});
    } else if (const auto* fc = std::get_if<LinearSpec>(&spec)) {
      own("weight", {fc->out_features, fc->in_features});
      if (fc->bias) own("bias", {fc->out_features});
    } else if (const auto* bn = std::get_if<BatchNormSpec>(&spec)) {
      for (const char* parameter : {"weight", "bias", "running_mean", "running_var"})
        own(parameter, {bn->num_features});
      own("num_batches_tracked", {}, DType::kInt64);
    }
  }
  return state;
}

Result<std::vector<Shape>> activation_shapes(const Architecture& architecture) {
  PLEAT_TRY(checked_elements(architecture.input.shape.dims(), sizeof(float)));
  std::vector<Shape> shapes{architecture.input.shape};
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    auto shape = output_shape(architecture.layers[i], shapes.back());
    if (!shape) return fail(std::move(shape).error().at(layer_label(architecture, i)));
    shapes.push_back(std::move(*shape));
  }
  return shapes;
}

}  // namespace pleat
