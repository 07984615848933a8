#pragma once

#include "models/data/dataset.h"
#include "models/zoo/network.h"

namespace pleat {

struct Evaluation {
  double loss = 0;      ///< mean cross-entropy, natural logarithm
  double accuracy = 0;  ///< share of images whose largest output is that of their label
};

/// Runs the network in evaluation mode over all images.
Result<Evaluation> evaluate(Network<float>& network, const LabelledImages& images, ThreadPool& pool);

}  // namespace pleat
