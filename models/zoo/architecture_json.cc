#include "models/zoo/architecture_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "models/layers/avg_pool2d.h"
#include "models/layers/batch_norm.h"
#include "models/layers/conv2d.h"
#include "models/layers/flatten.h"
#include "models/layers/linear.h"
#include "models/layers/max_pool2d.h"
#include "models/layers/relu.h"
#include "models/layers/sigmoid.h"

namespace pleat {
namespace {

/// Quoted and escaped; bytes that are no UTF-8 are replaced.
std::string json_of(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Makes the layer of each spec.
template <class T>
struct MakeLayer {
  using Made = Result<std::unique_ptr<Layer<T>>>;

  static auto unsupported(const char* what) { return fail(Error::unsupported(what)); }

  Made operator()(const Conv2dSpec& spec) const {
    if (!spec.bias) return unsupported("training knows convolutions with a bias only");
    return std::make_unique<Conv2d<T>>(spec.in_channels, spec.out_channels,
                                       Window2d{spec.kernel_size, spec.stride, spec.padding});
  }
  Made operator()(const LinearSpec& spec) const {
    if (!spec.bias) return unsupported("training knows linear layers with a bias only");
    return std::make_unique<Linear<T>>(spec.in_features, spec.out_features);
  }
  Made operator()(const BatchNormSpec& spec) const {
    if (!spec.momentum) return unsupported("training knows batch normalization with a momentum only");
    const int spatial_axes = spec.spatial_dims == 2 ? 2 : 1;
    return std::make_unique<BatchNorm<T>>(spec.num_features, spatial_axes,
                                          BatchNormOptions{spec.eps, Momentum::of_new(*spec.momentum)});
  }
  Made operator()(const Pool2dSpec& spec) const {
    const Window2d window{spec.kernel_size, spec.stride, spec.padding};
    if (spec.kind == Pool2dSpec::Kind::kMax) return std::make_unique<MaxPool2d<T>>(window);
    return std::make_unique<AvgPool2d<T>>(window);
  }
  Made operator()(const SigmoidSpec&) const { return std::make_unique<Sigmoid<T>>(); }
  Made operator()(const ReluSpec&) const { return std::make_unique<ReLU<T>>(); }
  Made operator()(const FlattenSpec&) const { return std::make_unique<Flatten<T>>(); }
};

}  // namespace

template <class T>
std::string architecture_json(const Network<T>& network) {
  const ModelCard& card = network.card;
  std::vector<std::string> layers;
  for (std::size_t i = 0; i < network.layers.size(); ++i) layers.push_back(network.layers.layer(i).describe());
  return fmt::format(
      R"({{"format":"pleat.architecture/1","name":{},)"
      R"("input":{{"name":"input","shape":{},"color":{},"mean":[{}],"std":[{}]}},"output":{{"name":"output"}},)"
      R"("labels":{},"layers":[{}]}})",
      json_of(card.name), card.input_shape.text(), json_of(card.color), fmt::join(card.mean, ","),
      fmt::join(card.std, ","), json_of(card.labels), fmt::join(layers, ","));
}

template <class T>
Result<Network<T>> build_network(const Architecture& architecture) {
  PLEAT_TRY(activation_shapes(architecture));
  std::vector<std::unique_ptr<Layer<T>>> layers;
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    auto layer = std::visit(MakeLayer<T>{}, architecture.layers[i]);
    if (!layer) return fail(std::move(layer).error().at(layer_label(architecture, i)));
    layers.push_back(std::move(*layer));
  }
  ModelCard card{.name = architecture.name,
                 .input_shape = architecture.input.shape,
                 .color = architecture.input.color,
                 .mean = architecture.input.mean,
                 .std = architecture.input.std,
                 .labels = architecture.labels};
  PLEAT_ASSIGN(auto sequential, Sequential<T>::create(card.input_shape, std::move(layers)));
  return Network<T>{std::move(card), std::move(sequential)};
}

template std::string architecture_json<float>(const Network<float>&);
template std::string architecture_json<double>(const Network<double>&);
template Result<Network<float>> build_network<float>(const Architecture&);
template Result<Network<double>> build_network<double>(const Architecture&);

}  // namespace pleat
