#pragma once

#include <cstdint>

#include "tests/support/fold_critic.h"

namespace pleat {

/// A model drawn at random, and how to judge its fold.
struct RandomChain {
  Model model;
  CriticOptions critic;
};

/// One to three blocks of a linear layer, arithmetic and shape operators, a BatchNormalization (written out at times)
/// and an activation; with shared, computed and overridable constants, further readers and outputs, in float, double or
/// float16; benign values, or statistics that cancel, vanish, explode, change sign or are zero. Equal seeds give equal
/// models.
RandomChain random_chain(std::uint64_t seed);

}  // namespace pleat
