#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "converter/verify/evaluator.h"

namespace pleat {

/// Inputs to verify on, in batches. `batch(i)` gives a value for every input of the model, for equal i the same.
struct SampleSet {
  std::string name;
  std::uint64_t seed = 0;
  std::int64_t samples = 0;
  std::int64_t batches = 0;
  std::function<Result<NamedTensors>(std::int64_t)> batch;
  std::vector<std::int64_t> labels{};      ///< of all samples in order; empty where they are not known
  std::vector<std::string> class_names{};  ///< what the labels are called; empty where nobody says
  NamedTensors stored{};                   ///< outputs that somebody else computed for batch 0
  double stored_rtol = 1e-3;               ///< how close they claim to be: |y − stored| <= atol + rtol·|stored|
  double stored_atol = 1e-7;
};

/// The inputs that must be given: those without a constant of the same name.
std::vector<const ValueInfo*> open_inputs(const Model& model);

/// `all` cut along its first axis into batches for the model's only input: of `batch_size` where the model leaves the
/// batch open, else of the size it declares (a rest that does not fill one is left out, which `samples` tells).
Result<SampleSet> sample_set(const Model& model, std::string name, const Tensor& all, std::int64_t batch_size = 250);

struct GeneratedSamples {
  std::uint64_t seed = 20240229;
  std::int64_t samples = 0;               ///< of each kind; 0: as many as the network's cost allows, 16 at most
  std::map<std::string, Shape> shapes{};  ///< of whole inputs, instead of the declared ones
  int threads = 1;
};

/// Signed normal, uniform, constant, one-hot impulses at corners, borders and the middle, and a large mean (5 ± 0.1):
/// five sets, the same for equal seeds. Inputs of whole numbers get small ones (0 to 3, as indices and sequences want
/// them; uint8 and int8 all they can hold), bool either value. Sizes the model leaves open are found by trial
/// (input_sizes.h).
Result<std::vector<SampleSet>> generated_samples(const Model& model, const GeneratedSamples& options = {});

}  // namespace pleat
