#include "runtime/session/session.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "runtime/base/buffer_arena.h"
#include "runtime/base/float_mode.h"
#include "runtime/base/isa.h"
#include "runtime/base/thread_pool.h"

namespace pleat {
namespace {

using Clock = std::chrono::steady_clock;

std::string typed_text(DType dtype, const Shape& shape) { return std::string(dtype_name(dtype)) + shape.text(); }

std::string names_of(const std::vector<PlannedValue>& values) {
  std::string out;
  for (const PlannedValue& value : values) out += (out.empty() ? "'" : ", '") + value.name + "'";
  return out.empty() ? "none" : out;
}

}  // namespace

struct Session::State {
  /// One step with everything it touches; the spans lie in `input_views` and `output_views`.
  struct Job {
    const Operator* op;
    RunContext context;
  };

  State(std::shared_ptr<const Plan> plan_to_run, const SessionOptions& options)
      : plan(std::move(plan_to_run)),
        arena(memory.take(std::max<std::size_t>(1, plan->arena_bytes()))),
        scratch(memory.take(std::max<std::size_t>(1, plan->scratch_bytes()))),
        pool(options.threads),
        flush_denormals(options.flush_denormals) {}

  void* address(const Plan::Place& place) const {
    return place.kind == Plan::Place::Kind::kAbsent ? nullptr : const_cast<std::byte*>(arena.data()) + place.offset;
  }
  TensorView view(std::size_t index) const {
    const Plan::Place& place = plan->places()[index];
    if (place.kind == Plan::Place::Kind::kConstant) return plan->constants()[place.constant].view();
    return {place.dtype, &place.shape, address(place)};
  }
  MutableTensorView mutable_view(std::size_t index) const {
    const Plan::Place& place = plan->places()[index];
    return {place.dtype, &place.shape, address(place)};
  }

  void lay_out_jobs() {
    std::size_t inputs = 0, outputs = 0;
    for (const Plan::Step& step : plan->steps()) inputs += step.inputs.size(), outputs += step.outputs.size();
    input_views.reserve(inputs);
    output_views.reserve(outputs);
    for (const Plan::Step& step : plan->steps()) {
      const std::size_t first_input = input_views.size(), first_output = output_views.size();
      for (std::size_t place : step.inputs) input_views.push_back(view(place));
      for (std::size_t place : step.outputs) output_views.push_back(mutable_view(place));
      jobs.push_back({step.op.get(),
                      {std::span<const TensorView>(input_views).subspan(first_input),
                       std::span<const MutableTensorView>(output_views).subspan(first_output), scratch.data(), &pool}});
    }
  }

  std::shared_ptr<const Plan> plan;
  BufferArena memory;
  AlignedBuffer arena;
  AlignedBuffer scratch;
  ThreadPool pool;
  bool flush_denormals;
  std::vector<TensorView> input_views;
  std::vector<MutableTensorView> output_views;
  std::vector<Job> jobs;
};

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<const Plan> plan, const SessionOptions& options) {
  if (!plan) return fail(Error::usage("no plan was given to run"));
  if (options.threads < 1 || options.threads > plan->threads())
    return fail(Error::usage("the plan was not made for so many threads")
                    .expect("1 to " + std::to_string(plan->threads()))
                    .saw(std::to_string(options.threads))
                    .fix("plan with PlanOptions::threads = " + std::to_string(std::max(1, options.threads))));
  std::unique_ptr<Session> session(new Session);
  session->state_ = std::make_unique<State>(std::move(plan), options);
  State& state = *session->state_;
  if (state.arena.failed() || state.scratch.failed())
    return fail(Error::resource("not enough memory to run the model")
                    .saw(std::to_string(state.arena.size() + state.scratch.size()) + " bytes needed"));
  if (state.pool.threads() < options.threads)
    return fail(Error::resource("the system does not grant so many threads")
                    .expect(std::to_string(options.threads))
                    .saw(std::to_string(state.pool.threads()))
                    .fix("ask for fewer threads or raise the limit (ulimit -u)"));
  state.lay_out_jobs();
  static_cast<void>(active_isa());  // what it learns of the machine takes memory, once
  return session;
}

const Plan& Session::plan() const { return *state_->plan; }

MutableTensorView Session::input(std::size_t index) {
  PLEAT_CHECK(index < plan().inputs().size());
  return state_->mutable_view(plan().input_places()[index]);
}

Status Session::set_input(std::string_view name, const TensorView& value) {
  const std::vector<PlannedValue>& inputs = plan().inputs();
  const auto found = std::find_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input.name == name; });
  if (found == inputs.end())
    return fail(
        Error::usage("the model takes no input '" + std::string(name) + "'").expect("one of: " + names_of(inputs)));
  const std::string place = "input '" + found->name + "'";
  if (!value.present()) return fail(Error::usage("no value was given").at(place));
  if (value.dtype != found->dtype || *value.shape != found->shape)
    return fail(Error::invalid("the value is not what the model takes")
                    .at(place)
                    .expect(typed_text(found->dtype, found->shape))
                    .saw(typed_text(value.dtype, *value.shape)));
  const MutableTensorView target = input(static_cast<std::size_t>(found - inputs.begin()));
  if (value.bytes() > 0) std::memcpy(target.data, value.data, value.bytes());
  return {};
}

void Session::run() noexcept {
  const ThreadPool::Running running(state_->pool);
  const FloatModeScope mode(state_->flush_denormals);
  for (const State::Job& job : state_->jobs) job.op->run(job.context);
}

void Session::run_profiled(std::span<std::int64_t> nanoseconds) noexcept {
  PLEAT_CHECK(nanoseconds.size() == state_->jobs.size());
  const ThreadPool::Running running(state_->pool);
  const FloatModeScope mode(state_->flush_denormals);
  auto begin = Clock::now();
  for (std::size_t i = 0; i < nanoseconds.size(); ++i) {
    const State::Job& job = state_->jobs[i];
    job.op->run(job.context);
    const auto end = Clock::now();
    nanoseconds[i] = std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count();
    begin = end;
  }
}

TensorView Session::output(std::size_t index) const {
  PLEAT_CHECK(index < plan().outputs().size());
  return state_->view(plan().output_places()[index]);
}

}  // namespace pleat
