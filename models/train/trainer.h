#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/checkpoint/checkpoint.h"
#include "models/data/dataset.h"
#include "models/train/history.h"
#include "models/zoo/network.h"

namespace pleat {

/// Where a training stands after one minibatch.
struct StepReport {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  int step = 0;             ///< from 1, within the epoch
  int steps = 0;            ///< in an epoch
  double running_loss = 0;  ///< mean over the epoch so far
  double examples_per_second = 0;
};

/// The textbook's recipe for LeNet-BN by default.
struct TrainOptions {
  int epochs = 10;
  int batch_size = 256;  ///< the last minibatch of an epoch holds what is left
  double learning_rate = 1.0;
  std::uint64_t seed = 0;    ///< of the order of the images; that of the parameters is make_model's
  int threads = 2;           ///< 0: as many as the machine has. Changes the speed, never the result
  std::string dataset = {};  ///< its name, for the checkpoint's provenance

  std::function<bool(const StepReport&)> on_step = {};    ///< returns false to cancel; may be empty
  std::function<bool(const EpochReport&)> on_epoch = {};  ///< likewise
};

struct TrainingRun {
  Checkpoint checkpoint;             ///< what was learned, also by a cancelled training
  std::vector<EpochReport> history;  ///< of every whole epoch
  bool cancelled = false;
};

/// Trains by stochastic gradient descent, every epoch in a new order. Same network, data, options: same bits.
/// Fails with kUsage on senseless options, kInvalid on images that do not fit, and kCheckFailed, naming epoch and step,
/// where the loss is no longer finite.
Result<TrainingRun> train(Network<float>& network, const LabelledImages& images, const LabelledImages& test_images,
                          const TrainOptions& options);

}  // namespace pleat
