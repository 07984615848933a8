#include <cstring>

#include "runtime/session/session.h"

namespace pleat {
namespace {

Result<Tensor> copy_of(const TensorView& view) {
  PLEAT_ASSIGN(Tensor tensor, Tensor::allocate(view.dtype, *view.shape));
  if (view.bytes() > 0) std::memcpy(tensor.mutable_bytes(), view.data, view.bytes());
  return tensor;
}

}  // namespace

Result<std::map<std::string, Tensor>> evaluate(std::shared_ptr<const Model> model,
                                               const std::map<std::string, Tensor>& inputs, PlanOptions options) {
  for (const auto& [name, tensor] : inputs) options.input_shapes[name] = tensor.shape();
  const int threads = options.threads;
  PLEAT_ASSIGN(const auto plan, Plan::make(std::move(model), options));
  for (const PlannedValue& input : plan->inputs())
    if (!inputs.contains(input.name)) return fail(Error::usage("no value was given").at("input '" + input.name + "'"));
  PLEAT_ASSIGN(const auto session, Session::create(plan, {.threads = threads, .flush_denormals = false}));
  for (const auto& [name, tensor] : inputs) PLEAT_TRY(session->set_input(name, tensor.view()));
  session->run();
  std::map<std::string, Tensor> outputs;
  for (std::size_t i = 0; i < plan->outputs().size(); ++i) {
    PLEAT_ASSIGN(Tensor output, copy_of(session->output(i)));
    outputs.emplace(plan->outputs()[i].name, std::move(output));
  }
  return outputs;
}

}  // namespace pleat
