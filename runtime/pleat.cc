#include "runtime/pleat.h"

#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "runtime/onnx/reader.h"
#include "runtime/session/session.h"

namespace pleat {
namespace {

Outcome outcome_of(const Error& error) { return {static_cast<Outcome::Code>(error.code), error.text()}; }

TensorInfo info_of(const PlannedValue& value) {
  const auto elements = static_cast<std::size_t>(value.shape.elements());
  return {value.name, std::string(dtype_name(value.dtype)), value.shape.dims(), elements,
          elements * size_of(value.dtype)};
}

std::vector<TensorInfo> infos_of(const std::vector<PlannedValue>& values) {
  std::vector<TensorInfo> infos;
  infos.reserve(values.size());
  for (const PlannedValue& value : values) infos.push_back(info_of(value));
  return infos;
}

PlanOptions plan_options(const LoadOptions& options) {
  PlanOptions out;
  out.threads = options.threads;
  out.open_size = options.open_size;
  out.also_output = options.also_output;
  out.exact = options.exact;
  for (const auto& [name, dims] : options.input_shapes) out.input_shapes.emplace(name, Shape(dims));
  return out;
}

/// Runs `body`, which gives a Status; what the standard library throws becomes an outcome too.
template <class Body>
Outcome guarded(Body body) noexcept {
  try {
    if (const Status status = body(); !status) return outcome_of(status.error());
    return {};
  } catch (const std::bad_alloc&) {
    return {Outcome::Code::kResource, "out of memory"};
  } catch (const std::exception& exception) {
    return {Outcome::Code::kInternal, exception.what()};
  }
}

const std::vector<TensorInfo> kNoInfos;

}  // namespace

struct Predictor::State {
  std::shared_ptr<const Model> model;
  std::shared_ptr<const Plan> plan;
  std::unique_ptr<Session> session;
  int threads = 1;
  std::vector<TensorInfo> inputs, outputs;

  static Result<std::unique_ptr<State>> make(std::shared_ptr<const Model> model, std::shared_ptr<const Plan> plan,
                                             int threads) {
    auto state = std::make_unique<State>();
    PLEAT_ASSIGN(state->session, Session::create(plan, {threads}));
    state->model = std::move(model);
    state->threads = threads;
    state->inputs = infos_of(plan->inputs());
    state->outputs = infos_of(plan->outputs());
    state->plan = std::move(plan);
    return state;
  }

  static Result<std::unique_ptr<State>> load(std::shared_ptr<const Model> model, const LoadOptions& options) {
    PLEAT_ASSIGN(auto plan, Plan::make(model, plan_options(options)));
    return make(std::move(model), std::move(plan), options.threads);
  }
};

Predictor::Predictor() = default;
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Outcome Predictor::load(const std::string& path, Predictor& predictor, const LoadOptions& options) noexcept {
  return guarded([&]() -> Status {
    PLEAT_ASSIGN(auto model, read_model(path, Weights::kInFile));
    auto state = State::load(std::move(model), options);
    if (!state) return fail(std::move(state).error().at(path));
    predictor.state_ = std::move(*state);
    return {};
  });
}

Outcome Predictor::load_bytes(const void* data, std::size_t size, Predictor& predictor,
                              const LoadOptions& options) noexcept {
  return guarded([&]() -> Status {
    if (data == nullptr && size > 0) return fail(Error::usage("no bytes were given"));
    const auto* first = static_cast<const std::byte*>(data);
    const auto copy = std::make_shared<const std::vector<std::byte>>(first, first + size);
    PLEAT_ASSIGN(Model model, parse_model({copy->data(), copy->size()}, copy));
    PLEAT_ASSIGN(predictor.state_, State::load(std::make_shared<const Model>(std::move(model)), options));
    return {};
  });
}

Outcome Predictor::clone(Predictor& other) const noexcept {
  return guarded([&]() -> Status {
    if (!state_) return fail(Error::usage("no model is loaded"));
    PLEAT_ASSIGN(other.state_, State::make(state_->model, state_->plan, state_->threads));
    return {};
  });
}

const std::vector<TensorInfo>& Predictor::inputs() const noexcept { return state_ ? state_->inputs : kNoInfos; }
const std::vector<TensorInfo>& Predictor::outputs() const noexcept { return state_ ? state_->outputs : kNoInfos; }

void* Predictor::input_data(std::size_t index) noexcept {
  return index < inputs().size() ? state_->session->input(index).data : nullptr;
}

float* Predictor::input(std::size_t index) noexcept {
  if (index >= inputs().size() || state_->plan->inputs()[index].dtype != DType::kFloat) return nullptr;
  return static_cast<float*>(input_data(index));
}

Outcome Predictor::run() noexcept {
  if (!state_) return {Outcome::Code::kUsage, "no model is loaded"};
  state_->session->run();
  return {};
}

const void* Predictor::output_data(std::size_t index) const noexcept {
  return index < outputs().size() ? state_->session->output(index).data : nullptr;
}

const float* Predictor::output(std::size_t index) const noexcept {
  if (index >= outputs().size() || state_->plan->outputs()[index].dtype != DType::kFloat) return nullptr;
  return static_cast<const float*>(output_data(index));
}

const std::string* Predictor::metadata(const std::string& key) const noexcept {
  return state_ ? state_->model->metadata(key) : nullptr;
}

}  // namespace pleat
