#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "converter/verify/evaluator.h"

namespace pleat {

/// Shapes with which a model runs, for one sample where it leaves the batch open.
struct InputSizes {
  std::map<std::string, Shape> shapes;  ///< of every input that must be given
  bool open_batch = false;              ///< all inputs leave their first axis open
  std::int64_t macs = 0;                ///< multiply-adds of one run
};

/// Finds sizes for what the model leaves open by running it once on zeros: first sizes that differ from axis to axis,
/// so that no mix-up of axes can hide, then those that networks are usually made for. A name stands for one size
/// wherever it occurs. `given` shapes are taken as they are. Fails with what the first trial met where none runs, and
/// with kUnsupported at once where an operator is missing.
Result<InputSizes> find_input_sizes(const Model& model, const std::map<std::string, Shape>& given, int threads);

/// Whether the model runs with these shapes of its inputs: some leave the batch open but hold to one sample inside.
bool runs_with(const Model& model, const std::map<std::string, Shape>& shapes, int threads);

/// A tensor of zeros for each of `shapes`, in the types that the model declares.
Result<NamedTensors> zero_inputs(const Model& model, const std::map<std::string, Shape>& shapes);

}  // namespace pleat
