#pragma once

#include <span>
#include <string>
#include <string_view>

#include "models/train/history.h"

namespace pleat {

/// The history of a training as one self-contained SVG: the losses over the epochs above, the accuracies of training
/// and test set below. Equal histories give equal bytes; values that are not finite are left out.
std::string training_curves_svg(std::span<const EpochReport> history, std::string_view title);

}  // namespace pleat
