#pragma once

#include <span>
#include <vector>

#include "runtime/ops/op.h"

namespace pleat {

/// Computes the outputs of a prepared operator now where they cannot depend on the model's input: true, with
/// `outputs` constant, if infer knew them or all inputs are constant. False where they are too large to keep
/// (64 MiB; a view costs nothing) or depend on the input.
bool compute_constants(const Operator& op, std::span<const Fact> inputs, std::vector<Fact>& outputs);

}  // namespace pleat
