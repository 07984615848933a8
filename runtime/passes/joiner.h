#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/passes/plan_draft.h"

namespace pleat {

/// What passes have in common that find an operator written out in steps and put one step in their place.
class Joiner {
 protected:
  using Step = PlanDraft::Step;
  static constexpr std::size_t kNone = PlanDraft::kNone;

  explicit Joiner(PlanDraft& draft) : draft_(draft), readers_(draft.readers()) {}

  /// The step that alone reads a step's output, once.
  std::size_t only_reader(std::size_t step) const;
  /// What a step of two inputs reads besides `value`.
  std::size_t other_input(std::size_t step, std::size_t value) const;
  /// The constant that a step of two float inputs reads besides `value`, if it is one number.
  std::optional<float> number_beside(std::size_t step, std::size_t value) const;
  /// Whether a step's output has the shape of `x`.
  bool keeps_shape(std::size_t step, std::size_t x) const;

  /// `last` becomes `op` on `inputs`; the steps of `gone`, the first one first, are left without operator.
  Status replace(const std::vector<std::size_t>& gone, std::size_t last, const std::string& op_type,
                 std::unique_ptr<Operator> op, std::vector<std::size_t> inputs);

  PlanDraft& draft_;
  std::vector<std::vector<std::size_t>> readers_;
};

}  // namespace pleat
