#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/layers/batch.h"
#include "models/layers/random.h"
#include "runtime/base/result.h"
#include "runtime/base/thread_pool.h"

namespace pleat {

enum class Mode { kTraining, kEvaluation };

/// What training changes by gradient. `value` and `gradient` are row-major in `shape` and belong to the layer.
template <class T>
struct Parameter {
  std::string_view name;
  Shape shape;
  std::span<T> value;
  std::span<T> gradient;
};

/// What training gathers but no gradient reaches: a running mean, a running variance.
template <class T>
struct Statistic {
  std::string_view name;
  Shape shape;
  std::span<T> value;
};

/// One step of a network, forward and backward. Shapes are those of one sample, [C,H,W], [C,L] or [C].
/// Float is for training, double for checking gradients. One thread calls; the pool's threads share the work, and
/// the bits do not depend on how many they are.
template <class T>
class Layer {
 public:
  virtual ~Layer() = default;

  /// PyTorch's name of the layer ("Conv2d").
  virtual std::string_view type() const = 0;

  /// This layer as an object of the architecture JSON, for instance {"type":"Sigmoid"}.
  virtual std::string describe() const { return "{\"type\":\"" + std::string(type()) + "\"}"; }

  /// The shape of an output sample, or why `input` does not fit this layer.
  virtual Result<Shape> output_shape(const Shape& input) const { return input; }

  /// Refuses a minibatch this layer cannot take although the shape fits. To be asked before forward.
  virtual Status check(const Shape& input, std::int64_t samples, Mode mode) const;

  /// Computes y, which has room already.
  virtual void forward(const Batch<T>& x, Batch<T>& y, Mode mode, ThreadPool& pool) = 0;

  /// From dy = dLoss/dy sets every parameter's gradient and *dx = dLoss/dx; dx may be null where nobody asks.
  /// x and y are those of the latest forward.
  virtual void backward(const Batch<T>& x, const Batch<T>& y, const Batch<T>& dy, Batch<T>* dx, ThreadPool& pool) = 0;

  /// Draws fresh parameters. Layers without randomness keep theirs.
  virtual void initialize(Random&) {}

  virtual std::vector<Parameter<T>> parameters() { return {}; }
  virtual std::vector<Statistic<T>> statistics() { return {}; }

  /// The count of minibatches seen, of a layer that keeps one.
  virtual std::int64_t* batches_tracked() { return nullptr; }
};

template <class T>
Status Layer<T>::check(const Shape&, std::int64_t, Mode) const {
  return {};
}

/// Calls body(b) for every block of `batch`, over the threads of `pool`.
template <class T, class Body>
void for_each_block(const Batch<T>& batch, ThreadPool& pool, Body body) {
  pool.parallel_for(batch.blocks(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) body(b);
  });
}

}  // namespace pleat
