#include "converter/build/check_state.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

namespace pleat {
namespace {

std::string described(DType dtype, const Shape& shape) { return fmt::format("{} {}", dtype_name(dtype), shape.text()); }

Error at_tensor(Error error, const std::string& name) { return std::move(error).at(fmt::format("tensor '{}'", name)); }

/// The trained numbers themselves: `lowest` is the least value that makes sense.
Status check_values(const Tensor& tensor, double lowest) {
  const auto values = tensor.data<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]))
      return fail(Error::invalid("holds a value that is not finite")
                      .expect("finite values")
                      .saw(fmt::format("{} at index {}", values[i], i))
                      .fix("train again with a lower learning rate, or export an earlier checkpoint"));
    if (values[i] < lowest)
      return fail(Error::invalid("holds a negative variance")
                      .expect("values of 0 and above")
                      .saw(fmt::format("{} at index {}", values[i], i))
                      .fix("the checkpoint is damaged or was edited; export another one"));
  }
  return {};
}

bool ends_with(const StateSpec& spec, std::string_view parameter) {
  return std::string_view(spec.name).ends_with(parameter);
}

Status check_tensor(const StateSpec& spec, const Tensor& tensor) {
  if (tensor.dtype() != spec.dtype || tensor.shape() != spec.shape)
    return fail(Error::invalid("does not fit the architecture")
                    .expect(described(spec.dtype, spec.shape))
                    .saw(described(tensor.dtype(), tensor.shape()))
                    .fix("export the checkpoint with the architecture it was trained with, in float32"));
  if (spec.dtype != DType::kFloat) return {};
  return check_values(tensor, ends_with(spec, ".running_var") ? 0 : -HUGE_VAL);
}

}  // namespace

Result<std::vector<std::string>> check_state(const Architecture& architecture, const Checkpoint& checkpoint) {
  std::map<std::string, const Tensor*> surplus;
  for (const auto& entry : checkpoint.tensors) surplus[entry.name] = &entry.tensor;
  std::vector<std::string> warnings;
  for (const StateSpec& spec : state_of(architecture)) {
    const auto found = surplus.find(spec.name);
    if (found == surplus.end())
      return fail(at_tensor(Error::invalid("missing from the checkpoint")
                                .expect(described(spec.dtype, spec.shape))
                                .fix("save the whole state dict of the network, its buffers included"),
                            spec.name));
    const Tensor& tensor = *found->second;
    if (auto fits = check_tensor(spec, tensor); !fits) return fail(at_tensor(std::move(fits).error(), spec.name));
    if (ends_with(spec, ".num_batches_tracked") && tensor.data<std::int64_t>()[0] <= 0)
      warnings.push_back(fmt::format("tensor '{}' is {}: the running statistics were never updated by training",
                                     spec.name, tensor.data<std::int64_t>()[0]));
    surplus.erase(found);
  }
  if (surplus.empty()) return warnings;
  const auto& [name, tensor] = *surplus.begin();
  return fail(at_tensor(Error::invalid("belongs to no layer of the architecture")
                            .expect("\"<layer>.<parameter>\" of a layer that has such a parameter")
                            .saw(described(tensor->dtype(), tensor->shape()))
                            .fix("remove the tensor, or describe its layer in the architecture"),
                        name));
}

}  // namespace pleat
