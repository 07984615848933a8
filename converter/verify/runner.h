#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/session/session.h"

namespace pleat {

using NamedTensors = std::map<std::string, Tensor>;

/// Runs one model again and again, planning once for every combination of input shapes it meets.
class Runner {
 public:
  Runner(Model model, std::vector<std::string> also_output, int threads)
      : model_(std::make_shared<const Model>(std::move(model))),
        also_output_(std::move(also_output)),
        threads_(threads) {}

  /// Runs on those of `inputs` that the model takes; the others are ignored.
  Status run(const NamedTensors& inputs);

  /// A value of the last run, valid until the next one.
  Result<TensorView> value(const std::string& name) const;

 private:
  Result<Session*> session_for(const NamedTensors& inputs);

  std::shared_ptr<const Model> model_;
  std::vector<std::string> also_output_;
  int threads_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;  ///< by the text of all input shapes
  Session* last_ = nullptr;
};

/// Element `i` of a float or double view.
double element(const TensorView& view, std::size_t i);

/// A copy of `view` in double, from float or double.
Result<Tensor> to_double_tensor(const TensorView& view);

}  // namespace pleat
