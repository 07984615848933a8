#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "converter/verify/runner.h"

namespace pleat {

/// Inputs to verify on, in batches. `batch(i)` gives a value for every input of the model.
struct SampleSet {
  std::string name;
  std::uint64_t seed = 0;
  std::int64_t samples = 0;
  std::int64_t batches = 0;
  std::function<Result<NamedTensors>(std::int64_t)> batch;
};

/// `all` cut along its first axis into batches for the model's only input: of `batch_size` where the model leaves the
/// batch open, else of the size it declares (a rest that does not fill one is left out, which `samples` tells).
Result<SampleSet> sample_set(const Model& model, std::string name, const Tensor& all, std::int64_t batch_size = 250);

struct GeneratedSamples {
  std::uint64_t seed = 20240229;
  std::int64_t samples = 16;              ///< of each kind
  std::int64_t open_size = 8;             ///< for sizes the model leaves open, the batch excepted
  std::map<std::string, Shape> shapes{};  ///< of whole inputs, instead of the declared ones
};

/// Signed normal, uniform, constant, one-hot impulses and a large mean (5 ± 0.1): five sets, the same for equal seeds.
Result<std::vector<SampleSet>> generated_samples(const Model& model, const GeneratedSamples& options = {});

}  // namespace pleat
