#pragma once

#include "converter/verify/evaluator.h"
#include "converter/verify/regions.h"

namespace pleat {

/// What a run of the network showed of a region's inputs.
struct SeenInputs {
  std::map<std::string, Shape> shapes;
  std::map<std::string, DType> dtypes;
  NamedTensors integers;  ///< inputs that are no floating-point numbers, as they were
};

struct GeneratedInputs {
  std::string name;  ///< "generated normal"
  std::uint64_t seed = 0;
  NamedTensors inputs;
};

/// Inputs for a region alone: signed normal; impulses over all channels at the corners, then at the middles of the
/// borders and the centre, all else being zero; large mean (5 ± 0.1). Shapes are those of the network where it was seen
/// (large images cut down, height and width made different, where the region still runs), else the declared ones, else
/// such as the region's layers demand, open sizes being chosen small and distinct. Fails where none is found that the
/// region runs on. The same for equal seeds.
Result<std::vector<GeneratedInputs>> generated_inputs(const Region& region, const SeenInputs* seen, std::uint64_t seed,
                                                      int threads);

}  // namespace pleat
