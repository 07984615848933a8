#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/graph/model.h"
#include "runtime/ops/op.h"

namespace pleat {

struct PlanOptions {
  std::map<std::string, Shape> input_shapes;  ///< binds inputs whose sizes the model leaves open
  std::int64_t open_size = 1;                 ///< for every other size the model leaves open (the batch, mostly)
  std::vector<std::string> also_output;       ///< inner values to hand out after the model's own outputs
  int threads = 1;                            ///< scratch is planned for this many
  bool share_memory = true;                   ///< false: every value gets memory of its own (for debugging)
  bool exact = false;                         ///< every sum in its one documented order: Winograd's algorithm is off
  std::set<std::string> without_passes;       ///< rewrites to leave out, by name (for debugging)
};

/// A value the caller gives or receives.
struct PlannedValue {
  std::string name;
  DType dtype;
  Shape shape;
};

/// A model made ready for inputs of fixed shapes: operators prepared, every constant computed, every inner value given
/// a place in one arena. Immutable, shareable between threads; sessions run it.
class Plan {
 public:
  /// Where the elements of a value live during a run.
  struct Place {
    enum class Kind { kAbsent, kConstant, kArena } kind = Kind::kAbsent;
    std::size_t offset = 0;    ///< in the arena
    std::size_t constant = 0;  ///< position in constants()
    DType dtype = DType::kUndefined;
    Shape shape;
    Layout layout;  ///< row-major for everything the caller sees
  };
  struct Step {
    std::string label;  ///< "node 'conv1' (Conv)"
    std::string op_type;
    std::unique_ptr<const Operator> op;
    std::vector<std::size_t> inputs;  ///< positions in places()
    std::vector<std::size_t> outputs;
  };

  static Result<std::shared_ptr<const Plan>> make(std::shared_ptr<const Model> model, const PlanOptions& options = {});

  const std::vector<PlannedValue>& inputs() const { return inputs_; }
  const std::vector<PlannedValue>& outputs() const { return outputs_; }
  const std::vector<std::size_t>& input_places() const { return input_places_; }
  const std::vector<std::size_t>& output_places() const { return output_places_; }
  const std::vector<Place>& places() const { return places_; }
  const std::vector<Tensor>& constants() const { return constants_; }
  const std::vector<Step>& steps() const { return steps_; }
  int threads() const { return threads_; }  ///< most threads a session may use
  std::size_t arena_bytes() const { return arena_bytes_; }
  std::size_t scratch_bytes() const { return scratch_bytes_; }
  std::size_t live_peak_bytes() const { return live_peak_bytes_; }  ///< least any plan of this order could need

 private:
  friend class Planner;
  std::vector<PlannedValue> inputs_, outputs_;
  std::vector<std::size_t> input_places_, output_places_;
  std::vector<Place> places_;
  std::vector<Tensor> constants_;
  std::vector<Step> steps_;
  int threads_ = 1;
  std::size_t arena_bytes_ = 0, scratch_bytes_ = 0, live_peak_bytes_ = 0;
};

}  // namespace pleat
