#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/plan/plan.h"

namespace pleat {

struct SessionOptions {
  int threads = 1;              ///< including the caller's; must not exceed PlanOptions::threads
  bool flush_denormals = true;  ///< results below the least normal number become zero while it runs
};

/// One run at a time of a plan, with memory of its own. `run` allocates nothing. A session belongs to one thread at a
/// time; several sessions may share a plan.
class Session {
 public:
  static Result<std::unique_ptr<Session>> create(std::shared_ptr<const Plan> plan, const SessionOptions& options = {});
  ~Session();

  const Plan& plan() const;

  /// Memory to write an input into before `run`; keeps its contents between runs.
  MutableTensorView input(std::size_t index);
  /// Copies `value` into the input; its type and shape must be the planned ones.
  Status set_input(std::string_view name, const TensorView& value);

  void run() noexcept;
  /// The same, telling the nanoseconds of each of plan().steps(); `nanoseconds` has one place per step.
  void run_profiled(std::span<std::int64_t> nanoseconds) noexcept;

  /// Valid until the next run.
  TensorView output(std::size_t index) const;

 private:
  Session() = default;
  struct State;
  std::unique_ptr<State> state_;
};

/// Plans, runs once and copies the outputs out: for tests, verification and tools, not for serving.
/// Input shapes come from the given tensors.
Result<std::map<std::string, Tensor>> evaluate(std::shared_ptr<const Model> model,
                                               const std::map<std::string, Tensor>& inputs, PlanOptions options = {});

}  // namespace pleat
