#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "runtime/base/thread_pool.h"
#include "runtime/graph/model.h"

namespace pleat {

using NamedTensors = std::map<std::string, Tensor>;

enum class Arithmetic {
  kOwn,     ///< the network's: float or double; float16 and bfloat16 networks are computed in float
  kDouble,  ///< every floating-point value and constant widened to double
};

/// Runs the outermost graph of a model node by node with the runtime's own operators, so that the results have the bits
/// a Session gives. Holds no constant but the running node's and no value beyond its last reader: checking a network
/// needs little more memory than its file. Models with any operator may be given; only what `wanted` needs is run.
class Evaluator {
 public:
  /// Called with each value as it is made.
  using Visit = std::function<Status(const std::string& name, const Tensor& value)>;
  /// May change a node's constant input (already widened) before the node is made; `noise` of Monte-Carlo arithmetic.
  using Perturb = std::function<void(const Node& node, std::size_t input, Tensor& constant)>;

  /// `model` must outlive the evaluator.
  Evaluator(const Model& model, Arithmetic arithmetic, int threads);

  /// The values named in `wanted`. `inputs` may name any value of the graph: what is given is not computed, so a part
  /// of the network can be run alone. Inputs that nothing needs are ignored; floating-point ones are widened as
  /// `arithmetic` says. kUnsupported names the first node needed that the runtime has no operator for.
  Result<NamedTensors> run(const NamedTensors& inputs, const std::set<std::string>& wanted, const Visit& visit = {},
                           const Perturb& perturb = {}) const;

 private:
  const Model& model_;
  Arithmetic arithmetic_;
  std::shared_ptr<ThreadPool> pool_;
};

}  // namespace pleat
