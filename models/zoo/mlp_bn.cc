#include "models/layers/flatten.h"
#include "models/layers/linear.h"
#include "models/layers/relu.h"
#include "models/zoo/models.h"

namespace pleat {

template <class T>
Layers<T> mlp_bn(std::int64_t classes, const BatchNormOptions& options) {
  Layers<T> layers;
  layers.push_back(std::make_unique<Flatten<T>>());  // [1,28,28] → [784]
  layers.push_back(std::make_unique<Linear<T>>(784, 256));
  layers.push_back(std::make_unique<BatchNorm<T>>(256, 1, options));
  layers.push_back(std::make_unique<ReLU<T>>());
  layers.push_back(std::make_unique<Linear<T>>(256, classes));
  return layers;
}

template Layers<float> mlp_bn<float>(std::int64_t, const BatchNormOptions&);
template Layers<double> mlp_bn<double>(std::int64_t, const BatchNormOptions&);

}  // namespace pleat
