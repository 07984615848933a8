#include "converter/verify/samples.h"

#include <algorithm>

namespace pleat {

std::vector<const ValueInfo*> open_inputs(const Model& model) {
  std::vector<const ValueInfo*> inputs;
  for (const ValueInfo& input : model.graph.inputs)
    if (model.graph.initializer(input.name) == nullptr) inputs.push_back(&input);
  return inputs;
}

Result<SampleSet> sample_set(const Model& model, std::string name, const Tensor& all, std::int64_t batch_size) {
  const auto inputs = open_inputs(model);
  if (inputs.size() != 1) return fail(Error::usage("samples of one tensor need a model with one input"));
  if (all.shape().rank() == 0) return fail(Error::usage("samples need a first axis that counts them"));
  const ValueInfo& input = *inputs[0];
  const bool rest_runs = !(input.type.shape && !input.type.shape->empty() && input.type.shape->front().known());
  const std::int64_t count = all.shape()[0];
  const std::int64_t size = rest_runs ? std::min(batch_size, count) : input.type.shape->front().value;
  if (size <= 0 || count < size) return fail(Error::usage("there are too few samples for one batch"));

  SampleSet set;
  set.name = std::move(name);
  set.batches = rest_runs ? (count + size - 1) / size : count / size;
  set.samples = rest_runs ? count : set.batches * size;
  set.batch = [all, size, input_name = input.name](std::int64_t index) -> Result<NamedTensors> {
    std::vector<std::int64_t> dims = all.shape().dims();
    const std::int64_t first = index * size;
    dims[0] = std::min(size, all.shape()[0] - first);
    Shape shape(std::move(dims));
    const std::size_t row_bytes = all.byte_size() / static_cast<std::size_t>(all.shape()[0]);
    PLEAT_ASSIGN(Tensor batch, Tensor::allocate(all.dtype(), shape));
    const auto bytes = all.bytes().subspan(static_cast<std::size_t>(first) * row_bytes, batch.byte_size());
    std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(batch.mutable_bytes()));
    return NamedTensors{{input_name, std::move(batch)}};
  };
  return set;
}

}  // namespace pleat
