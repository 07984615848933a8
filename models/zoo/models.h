#pragma once

#include <memory>
#include <vector>

#include "models/layers/batch_norm.h"

namespace pleat {

template <class T>
using Layers = std::vector<std::unique_ptr<Layer<T>>>;

/// LeCun's LeNet-5 with batch normalization before every sigmoid: [1,28,28] → [classes].
template <class T>
Layers<T> lenet_bn(std::int64_t classes, const BatchNormOptions& options);

/// One hidden layer of 256 with batch normalization and ReLU: [1,28,28] → [classes].
template <class T>
Layers<T> mlp_bn(std::int64_t classes, const BatchNormOptions& options);

}  // namespace pleat
