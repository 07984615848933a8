#pragma once

#include "models/layers/batch_norm.h"
#include "models/zoo/network.h"

namespace pleat {

/// The ten classes of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), in the order of their numbers.
const std::vector<std::string>& fashion_mnist_labels();

struct ModelOptions {
  std::uint64_t seed = 0;  ///< of the fresh parameters
  std::vector<std::string> labels = fashion_mnist_labels();
  BatchNormOptions batch_norm = {};
};

/// The names make_model knows.
const std::vector<std::string_view>& model_names();

/// A network of the zoo for grey images of 28×28 with one output per label: Xavier-uniform weights, uniform biases.
template <class T>
Result<Network<T>> make_model(std::string_view name, const ModelOptions& options = {});

}  // namespace pleat
