#pragma once

#include <cstdint>
#include <span>

#include "models/layers/batch.h"
#include "runtime/base/thread_pool.h"

namespace pleat {

struct LossReport {
  double loss = 0;           ///< mean over the minibatch, natural logarithm
  std::int64_t correct = 0;  ///< samples whose first largest logit is that of their label
};

/// loss = mean over samples of -log softmax(logits)[label], with logits [classes] per sample and every label < classes.
/// Where dlogits is not null it becomes dLoss/dlogits = (softmax(logits) - onehot(label)) / samples.
template <class T>
LossReport softmax_cross_entropy(const Batch<T>& logits, std::span<const std::uint8_t> labels, Batch<T>* dlogits,
                                 ThreadPool& pool);

}  // namespace pleat
