#include "converter/verify/input_sizes.h"

#include <optional>
#include <set>
#include <vector>

#include "converter/verify/linear_node.h"
#include "converter/verify/samples.h"

namespace pleat {
namespace {

/// Sizes of the open axes in the order they are met, the batch excepted; the last one stands for all further axes.
const std::vector<std::vector<std::int64_t>> kTrials = {{18, 23, 13, 27, 15, 21},
                                                        {64, 96, 32, 128},
                                                        {224},
                                                        {32},
                                                        {64},
                                                        {256},
                                                        {28},
                                                        {16},
                                                        {8},
                                                        {299},
                                                        {300},
                                                        {320},
                                                        {416},
                                                        {512},
                                                        {640},
                                                        {128},
                                                        {96},
                                                        {48},
                                                        {160},
                                                        {192},
                                                        {4},
                                                        {3},
                                                        {2},
                                                        {1}};

class Sizes {
 public:
  Sizes(const Model& model, const std::map<std::string, Shape>& given) : model_(model), given_(given) {}

  Result<std::map<std::string, Shape>> shapes(const std::vector<std::int64_t>& trial) {
    named_.clear();
    next_ = 0;
    std::map<std::string, Shape> made;
    for (const ValueInfo* input : open_inputs(model_)) {
      if (const auto known = given_.find(input->name); known != given_.end()) {
        made[input->name] = known->second;
        continue;
      }
      if (!input->type.shape)
        return fail(Error::usage("the model does not declare the shape of this input")
                        .at("input '" + input->name + "'")
                        .fix("give its shape: --shape " + input->name + "=1x3x224x224"));
      std::vector<std::int64_t> dims;
      for (const Dim& dim : *input->type.shape) dims.push_back(size_of_axis(dim, dims.empty(), trial));
      made[input->name] = Shape(std::move(dims));
    }
    return made;
  }

  /// Whether the last call left some size other than a batch to the trial.
  bool anything_open() const { return next_ > 0; }

 private:
  std::int64_t size_of_axis(const Dim& dim, bool first, const std::vector<std::int64_t>& trial) {
    if (dim.known()) return dim.value;
    if (const auto known = named_.find(dim.param); !dim.param.empty() && known != named_.end()) return known->second;
    const std::int64_t size = first ? 1 : trial[std::min(next_++, trial.size() - 1)];
    if (!dim.param.empty()) named_[dim.param] = size;
    return size;
  }

  const Model& model_;
  const std::map<std::string, Shape>& given_;
  std::map<std::string, std::int64_t> named_;
  std::size_t next_ = 0;
};

bool batch_is_open(const Model& model, const std::map<std::string, Shape>& given) {
  for (const ValueInfo* input : open_inputs(model)) {
    const auto& shape = input->type.shape;
    if (given.count(input->name) > 0 || !shape || shape->empty() || shape->front().known()) return false;
  }
  return true;
}

Result<std::int64_t> macs_of_run(const Model& model, const std::map<std::string, Shape>& shapes, int threads) {
  PLEAT_ASSIGN(const NamedTensors inputs, zero_inputs(model, shapes));
  std::map<std::string, std::int64_t> products;
  for (const Node& node : model.graph.nodes)
    if (is_linear(node) && !node.outputs.empty())
      if (const auto weight = stored_weight(model.graph, node)) products[node.outputs[0]] = weight->products;
  std::int64_t macs = 0;
  const auto count = [&](const std::string& name, const Tensor& value) -> Status {
    if (const auto known = products.find(name); known != products.end()) macs += known->second * value.elements();
    return {};
  };
  std::set<std::string> outputs;
  for (const ValueInfo& output : model.graph.outputs) outputs.insert(output.name);
  PLEAT_TRY(Evaluator(model, Arithmetic::kOwn, threads).run(inputs, outputs, count));
  return macs;
}

}  // namespace

Result<NamedTensors> zero_inputs(const Model& model, const std::map<std::string, Shape>& shapes) {
  NamedTensors inputs;
  for (const ValueInfo* input : open_inputs(model)) {
    const Shape& shape = shapes.at(input->name);
    const std::size_t size = size_of(input->type.dtype);
    if (size == 0)
      return fail(Error::unsupported("no samples can be made up for this type of element")
                      .at("input '" + input->name + "'")
                      .saw(std::string(dtype_name(input->type.dtype)))
                      .fix("give it: --input " + input->name + "=FILE.npy"));
    PLEAT_TRY(checked_elements(shape.dims(), size));
    PLEAT_ASSIGN(inputs[input->name], Tensor::allocate(input->type.dtype, shape));
  }
  return inputs;
}

bool runs_with(const Model& model, const std::map<std::string, Shape>& shapes, int threads) {
  return macs_of_run(model, shapes, threads).has_value();
}

Result<InputSizes> find_input_sizes(const Model& model, const std::map<std::string, Shape>& given, int threads) {
  Sizes sizes(model, given);
  std::optional<Error> first;
  for (const auto& trial : kTrials) {
    PLEAT_ASSIGN(auto shapes, sizes.shapes(trial));
    const auto macs = macs_of_run(model, shapes, threads);
    if (macs) return InputSizes{std::move(shapes), batch_is_open(model, given), *macs};
    if (macs.error().code == ErrorCode::kUnsupported || !sizes.anything_open()) return fail(macs.error());
    if (!first) first = macs.error();
  }
  return fail(std::move(*first).fix("no usual size of the open axes runs; give the inputs' shapes with --shape"));
}

}  // namespace pleat
