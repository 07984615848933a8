#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "runtime/ops/op.h"

namespace pleat {

/// A model on its way to a plan: operators joined by values, in an order that can run. Passes rewrite it in place.
struct PlanDraft {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  struct Value {
    std::string name;
    Fact fact;
    Layout layout;
    bool constant = false;  ///< fact.constant is all there is to it: no step makes it
    bool input = false;     ///< written by the caller
  };
  struct Step {
    std::string label;  ///< "node 'conv1' (Conv)"
    std::string op_type;
    std::unique_ptr<Operator> op;
    std::vector<std::size_t> inputs;  ///< positions in values, kNone for an omitted one
    std::vector<std::size_t> outputs;
  };

  std::vector<Value> values;
  std::vector<Step> steps;
  std::vector<std::size_t> inputs;   ///< values that the caller writes
  std::vector<std::size_t> outputs;  ///< values that are handed out, row-major

  std::size_t add_value(std::string name, Fact fact);

  /// Whether `value` is a float tensor that steps compute or the caller writes.
  bool is_float_value(std::size_t value) const;
  bool is_output(std::size_t value) const;
  std::vector<Fact> facts_of(const std::vector<std::size_t>& positions) const;

  /// For each value the steps that read it, one entry per reading input, in order.
  std::vector<std::vector<std::size_t>> readers() const;
  /// For each value the step that makes it, kNone where none does.
  std::vector<std::size_t> makers() const;

  /// Every step and the list of outputs read `now` where they read `before`.
  void redirect(std::size_t before, std::size_t now);
  /// Takes away the steps whose operator was reset.
  void drop_emptied_steps();
};

}  // namespace pleat
