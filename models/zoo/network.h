#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/layers/sequential.h"

namespace pleat {

/// What a network expects and says, beside its layers. Pixel p of channel c enters as (p - mean[c]) / std[c].
struct ModelCard {
  std::string name;
  Shape input_shape;  ///< [channels, rows, columns]
  std::string color = "gray";
  std::vector<double> mean = {0};
  std::vector<double> std = {255};
  std::vector<std::string> labels;  ///< of the outputs, in order; may be empty
};

/// A network with its card. Moves, does not copy.
template <class T>
struct Network {
  ModelCard card;
  Sequential<T> layers;
};

}  // namespace pleat
