#include "cli/classifier.h"

#include <algorithm>

#include "runtime/onnx/reader.h"

namespace pleat::cli {
namespace {

bool ends_in_softmax(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
    return node.is("Softmax") && node.outputs.front() == graph.outputs.front().name;
  });
}

Status require_classifier(const Plan& plan) {
  const auto& inputs = plan.inputs();
  const auto& outputs = plan.outputs();
  if (inputs.size() == 1 && inputs[0].dtype == DType::kFloat && inputs[0].shape.rank() == 4 && !outputs.empty() &&
      outputs[0].dtype == DType::kFloat && outputs[0].shape.rank() >= 1 &&
      outputs[0].shape.elements() % std::max<std::int64_t>(1, inputs[0].shape[0]) == 0)
    return {};
  return fail(Error::usage("not an image classifier")
                  .expect("one float input [N,C,H,W] and a float output with one row of scores per image")
                  .fix("give tensors with --input name=FILE.npy"));
}

}  // namespace

Result<Classifier> Classifier::open(const std::string& path, PlanOptions options, std::int64_t batch) {
  PLEAT_ASSIGN(const auto model, read_model(path, Weights::kInFile));
  options.open_size = batch;
  PLEAT_ASSIGN(const auto plan, Plan::make(model, options));
  if (auto fits = require_classifier(*plan); !fits) return fail(std::move(fits).error().at(path));
  if (plan->inputs()[0].shape[0] != batch)
    return fail(Error::usage("the model has a fixed batch size")
                    .at(path)
                    .expect(std::to_string(plan->inputs()[0].shape[0]))
                    .saw(std::to_string(batch))
                    .fix("export with --dynamic-batch, or leave --batch out"));
  Classifier classifier;
  PLEAT_ASSIGN(classifier.session_, Session::create(plan, {options.threads}));
  PLEAT_ASSIGN(classifier.image_input_, image_input_of(*model));
  PLEAT_ASSIGN(classifier.labels_, labels_of(*model));
  classifier.probabilities_ = ends_in_softmax(model->graph);
  return classifier;
}

std::span<const float> Classifier::scores() const {
  const TensorView output = session_->output(0);
  return {output.as<float>(), static_cast<std::size_t>(output.elements())};
}

std::size_t Classifier::classes() const {
  return scores().size() / static_cast<std::size_t>(session_->plan().inputs()[0].shape[0]);
}

Result<std::vector<Score>> Classifier::best(std::size_t count) const {
  return top_k(scores().first(classes()), probabilities_, labels_, count);
}

}  // namespace pleat::cli
