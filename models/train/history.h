#pragma once

namespace pleat {

/// One line of a training's history. Losses are mean cross-entropies, accuracies shares of 1. Those of training are
/// running averages over the epoch, taken in training mode while the parameters move; those of the test set are
/// taken after the epoch in evaluation mode, so they rest on the running statistics and swing more.
struct EpochReport {
  int epoch = 0;  ///< from 1
  double train_loss = 0;
  double train_accuracy = 0;
  double test_loss = 0;
  double test_accuracy = 0;
  double examples_per_second = 0;  ///< of training, evaluation left out
};

}  // namespace pleat
