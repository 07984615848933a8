#include "models/zoo/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/zoo/architecture_json.h"

namespace pleat {
namespace {

template <class T>
Tensor to_float(const Shape& shape, std::span<T> values) {
  const std::vector<float> floats(values.begin(), values.end());
  return Tensor::of<float>(shape, floats);
}

/// Fills a network's values from the tensors of a checkpoint and remembers which were used.
class Loader {
 public:
  explicit Loader(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {
    for (const auto& entry : checkpoint.tensors) unused_.insert(entry.name);
  }

  template <class T>
  Status load(const std::string& name, const Shape& shape, std::span<T> values) {
    PLEAT_ASSIGN(const Tensor* tensor, find(name, DType::kFloat, shape));
    std::ranges::copy(tensor->data<float>(), values.begin());
    return {};
  }

  Status load_count(const std::string& name, std::int64_t& count) {
    if (!unused_.contains(name)) return {};
    PLEAT_ASSIGN(const Tensor* tensor, find(name, DType::kInt64, Shape{}));
    count = tensor->data<std::int64_t>()[0];
    return {};
  }

  Status finish() const {
    if (unused_.empty()) return {};
    return fail(Error::invalid(fmt::format("no layer owns the tensor '{}'", *unused_.begin())));
  }

 private:
  Result<const Tensor*> find(const std::string& name, DType dtype, const Shape& shape) {
    const Tensor* tensor = checkpoint_.find(name);
    if (!tensor) return fail(Error::invalid(fmt::format("the checkpoint lacks the tensor '{}'", name)));
    if (tensor->dtype() != dtype || tensor->shape() != shape) {
      return fail(Error::invalid(fmt::format("the tensor '{}' does not fit the architecture", name))
                      .expect(fmt::format("{} {}", dtype_name(dtype), shape.text()))
                      .saw(fmt::format("{} {}", dtype_name(tensor->dtype()), tensor->shape().text())));
    }
    unused_.erase(name);
    return tensor;
  }

  const Checkpoint& checkpoint_;
  std::set<std::string> unused_;
};

}  // namespace

template <class T>
Checkpoint to_checkpoint(Network<T>& network) {
  Checkpoint checkpoint;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    Layer<T>& layer = network.layers.layer(i);
    for (const auto& p : layer.parameters()) {
      checkpoint.tensors.push_back({tensor_name(i, p.name), to_float(p.shape, p.value)});
    }
    for (const auto& s : layer.statistics()) {
      checkpoint.tensors.push_back({tensor_name(i, s.name), to_float(s.shape, s.value)});
    }
    if (const std::int64_t* count = layer.batches_tracked()) {
      checkpoint.tensors.push_back({tensor_name(i, "num_batches_tracked"), Tensor::scalar<std::int64_t>(*count)});
    }
  }
  checkpoint.metadata["architecture"] = architecture_json(network);
  checkpoint.metadata["format"] = "pt";
  return checkpoint;
}

template <class T>
Result<Network<T>> from_checkpoint(const Checkpoint& checkpoint) {
  const auto architecture = checkpoint.metadata.find("architecture");
  if (architecture == checkpoint.metadata.end()) {
    return fail(Error::invalid("the checkpoint does not say its architecture")
                    .expect("JSON under the metadata key 'architecture'"));
  }
  PLEAT_ASSIGN(const Architecture parsed, parse_architecture(architecture->second));
  PLEAT_ASSIGN(auto network, build_network<T>(parsed));
  Loader loader(checkpoint);
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    Layer<T>& layer = network.layers.layer(i);
    for (const auto& p : layer.parameters()) PLEAT_TRY(loader.load(tensor_name(i, p.name), p.shape, p.value));
    for (const auto& s : layer.statistics()) PLEAT_TRY(loader.load(tensor_name(i, s.name), s.shape, s.value));
    if (std::int64_t* count = layer.batches_tracked()) {
      PLEAT_TRY(loader.load_count(tensor_name(i, "num_batches_tracked"), *count));
    }
  }
  PLEAT_TRY(loader.finish());
  return network;
}

template Checkpoint to_checkpoint<float>(Network<float>&);
template Checkpoint to_checkpoint<double>(Network<double>&);
template Result<Network<float>> from_checkpoint<float>(const Checkpoint&);
template Result<Network<double>> from_checkpoint<double>(const Checkpoint&);

}  // namespace pleat
