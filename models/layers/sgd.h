#pragma once

#include "models/layers/sequential.h"

namespace pleat {

/// Stochastic gradient descent without momentum: parameter -= learning_rate · gradient, for every parameter.
template <class T>
void sgd_step(Sequential<T>& network, double learning_rate) {
  for (std::size_t i = 0; i < network.size(); ++i) {
    for (const Parameter<T>& parameter : network.layer(i).parameters()) {
      using Values = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
      const auto size = static_cast<Eigen::Index>(parameter.value.size());
      Values(parameter.value.data(), size) -= static_cast<T>(learning_rate) * Values(parameter.gradient.data(), size);
    }
  }
}

}  // namespace pleat
