#pragma once

#include <string>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

/// A value at the border of an extracted part; its shape is left open.
struct Border {
  std::string name;
  DType dtype = DType::kFloat;
};

/// The part of `model` that computes `outputs` from `inputs` and constants. Shares constants with the model.
/// kInvalid where an output needs a graph input or a value that is not among `inputs`.
Result<Model> extract(const Model& model, const std::vector<Border>& inputs, const std::vector<Border>& outputs);

}  // namespace pleat
