#pragma once

#include "converter/fold/draft.h"

namespace pleat {

/// A BatchNormalization that stays, as Mul by γ/√(σ²+ε) and Add of β − μ·γ/√(σ²+ε), each rounded once. F115 where the
/// number of axes of its input is not known.
Attempt<Draft> mul_and_add(const FoldContext& context, std::size_t position);

}  // namespace pleat
