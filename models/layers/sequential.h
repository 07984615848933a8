#pragma once

#include <memory>
#include <vector>

#include "models/layers/layer.h"

namespace pleat {

/// Layers in a row, and the activations of the latest minibatch. One thread at a time.
template <class T>
class Sequential {
 public:
  /// Fails, naming the layer, where a layer does not fit what comes before it. Shapes are those of one sample.
  static Result<Sequential> create(Shape input_shape, std::vector<std::unique_ptr<Layer<T>>> layers);

  const Shape& input_shape() const { return shapes_.front(); }
  const Shape& output_shape() const { return shapes_.back(); }
  std::size_t size() const { return layers_.size(); }
  Layer<T>& layer(std::size_t index) { return *layers_[index]; }
  const Layer<T>& layer(std::size_t index) const { return *layers_[index]; }

  /// Draws fresh parameters for every layer, front to back.
  void initialize(Random& random);

  /// Refuses a minibatch of `samples` that a layer cannot take in `mode`.
  Status check(std::int64_t samples, Mode mode) const;

  /// The output for `x`, valid until the next call. `x` must live until backward is done.
  Result<const Batch<T>*> forward(const Batch<T>& x, Mode mode, ThreadPool& pool);

  /// Sets every parameter's gradient from dLoss/doutput of the latest forward; dx, where not null, gets dLoss/dinput.
  void backward(const Batch<T>& doutput, ThreadPool& pool, Batch<T>* dx = nullptr);

 private:
  Sequential() = default;

  std::vector<std::unique_ptr<Layer<T>>> layers_;
  std::vector<Shape> shapes_;  // the input's, then each layer's output
  const Batch<T>* input_ = nullptr;
  std::vector<Batch<T>> outputs_;
  Batch<T> gradients_[2];
};

extern template class Sequential<float>;
extern template class Sequential<double>;

}  // namespace pleat
