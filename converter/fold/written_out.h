#pragma once

#include <vector>

#include "converter/fold/constants.h"

namespace pleat {

/// A normalization written out: a chain of Sub, Mul, Div and Add with constants, at least one of which scales every
/// channel by its own factor. As TensorFlow exports them, and as Mul and Add.
struct WrittenOut {
  std::size_t last = 0;            ///< position of the chain's last node
  std::vector<std::size_t> nodes;  ///< all of them, last first
  bool shifts = false;             ///< an Add or Sub is among them
};

/// Every chain of the graph that is as long as it can be, last first.
std::vector<WrittenOut> written_out(const FoldContext& context);

}  // namespace pleat
