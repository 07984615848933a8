#include "converter/verify/runner.h"

#include <algorithm>
#include <cstring>

namespace pleat {
namespace {

constexpr std::size_t kMostSessions = 4;

}  // namespace

Result<Session*> Runner::session_for(const NamedTensors& inputs) {
  PlanOptions options;
  options.threads = threads_;
  options.also_output = also_output_;
  std::string key;
  for (const auto& [name, tensor] : inputs) {
    if (model_->graph.input(name) == nullptr) continue;
    options.input_shapes[name] = tensor.shape();
    key += name + tensor.shape().text();
  }
  const auto known = sessions_.find(key);
  if (known != sessions_.end()) return known->second.get();
  PLEAT_ASSIGN(const auto plan, Plan::make(model_, options));
  PLEAT_ASSIGN(auto session, Session::create(plan, {threads_}));
  if (sessions_.size() >= kMostSessions) sessions_.clear();
  return (sessions_[key] = std::move(session)).get();
}

Status Runner::run(const NamedTensors& inputs) {
  last_ = nullptr;
  PLEAT_ASSIGN(Session * session, session_for(inputs));
  for (const PlannedValue& input : session->plan().inputs()) {
    const auto given = inputs.find(input.name);
    if (given == inputs.end()) return fail(Error::usage("no value was given").at("input '" + input.name + "'"));
    PLEAT_TRY(session->set_input(input.name, given->second.view()));
  }
  session->run();
  last_ = session;
  return {};
}

Result<TensorView> Runner::value(const std::string& name) const {
  PLEAT_CHECK(last_ != nullptr);
  const auto& outputs = last_->plan().outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].name == name) return last_->output(i);
  return fail(Error::internal("no such output: '" + name + "'"));
}

double element(const TensorView& view, std::size_t i) {
  if (view.dtype == DType::kFloat) return static_cast<const float*>(view.data)[i];
  return view.as<double>()[i];
}

Result<Tensor> to_double_tensor(const TensorView& view) {
  PLEAT_ASSIGN(Tensor out, Tensor::allocate(DType::kDouble, *view.shape));
  auto values = out.mutable_data<double>();
  if (view.dtype == DType::kDouble) {
    std::copy_n(view.as<double>(), values.size(), values.begin());
  } else if (view.dtype == DType::kFloat) {
    std::copy_n(view.as<float>(), values.size(), values.begin());
  } else {
    return fail(
        Error::unsupported("only float and double networks can be verified").saw(std::string(dtype_name(view.dtype))));
  }
  return out;
}

}  // namespace pleat
