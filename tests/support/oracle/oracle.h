#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "converter/fold/exact.h"
#include "runtime/graph/model.h"
#include "tests/support/oracle/tracked.h"

namespace pleat {

/// A value of the oracle: any element type as doubles with error bounds, row-major.
struct OracleValue {
  DType dtype = DType::kUndefined;
  std::vector<std::int64_t> dims;
  std::vector<Tracked> data;

  int rank() const { return static_cast<int>(dims.size()); }
  bool present() const { return dtype != DType::kUndefined; }
};
using OracleValues = std::map<std::string, OracleValue>;

OracleValue oracle_value(const Tensor& tensor);

struct OracleOptions {
  const ExactConstants* exact = nullptr;  ///< constants to take before their rounding
  bool assume_inference = false;          ///< BatchNormalization always normalizes by its running statistics
};

/// Computes a model by plain loops, straight from the operators' definitions and independent of the runtime: in double
/// throughout, whatever the types of the model (casts to a narrower floating-point type round, though). Returns every
/// value of the outermost graph. Inner graphs and model-local functions are run as well. Throws std::runtime_error on
/// what it does not know.
OracleValues oracle_run(const Model& model, const OracleValues& inputs, const OracleOptions& options = {});

}  // namespace pleat
