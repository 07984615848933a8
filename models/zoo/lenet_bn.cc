#include "models/layers/avg_pool2d.h"
#include "models/layers/conv2d.h"
#include "models/layers/flatten.h"
#include "models/layers/linear.h"
#include "models/layers/sigmoid.h"
#include "models/zoo/models.h"

namespace pleat {

template <class T>
Layers<T> lenet_bn(std::int64_t classes, const BatchNormOptions& options) {
  const Window2d five{.kernel_size = {5, 5}};
  const Window2d halve{.kernel_size = {2, 2}, .stride = {2, 2}};
  Layers<T> layers;
  layers.push_back(std::make_unique<Conv2d<T>>(1, 6, five));  // [1,28,28] → [6,24,24]
  layers.push_back(std::make_unique<BatchNorm<T>>(6, 2, options));
  layers.push_back(std::make_unique<Sigmoid<T>>());
  layers.push_back(std::make_unique<AvgPool2d<T>>(halve));     // [6,12,12]
  layers.push_back(std::make_unique<Conv2d<T>>(6, 16, five));  // [16,8,8]
  layers.push_back(std::make_unique<BatchNorm<T>>(16, 2, options));
  layers.push_back(std::make_unique<Sigmoid<T>>());
  layers.push_back(std::make_unique<AvgPool2d<T>>(halve));  // [16,4,4]
  layers.push_back(std::make_unique<Flatten<T>>());         // [256]
  layers.push_back(std::make_unique<Linear<T>>(256, 120));
  layers.push_back(std::make_unique<BatchNorm<T>>(120, 1, options));
  layers.push_back(std::make_unique<Sigmoid<T>>());
  layers.push_back(std::make_unique<Linear<T>>(120, 84));
  layers.push_back(std::make_unique<BatchNorm<T>>(84, 1, options));
  layers.push_back(std::make_unique<Sigmoid<T>>());
  layers.push_back(std::make_unique<Linear<T>>(84, classes));
  return layers;
}

template Layers<float> lenet_bn<float>(std::int64_t, const BatchNormOptions&);
template Layers<double> lenet_bn<double>(std::int64_t, const BatchNormOptions&);

}  // namespace pleat
