#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/graph/attributes.h"
#include "tests/support/oracle/oracle.h"

namespace pleat {

/// One node at work: its inputs (absent ones are not present) and where its outputs go.
struct OracleCall {
  const Node& node;
  std::int64_t opset = 0;
  const OracleOptions& options;
  std::vector<OracleValue> inputs;
  std::vector<OracleValue> outputs;

  bool has(std::size_t i) const { return i < inputs.size() && inputs[i].present(); }
  const OracleValue& in(std::size_t i) const;
  AttributeReader attributes() const { return AttributeReader(node); }
  void give(OracleValue value, std::size_t i = 0);
  /// A list of integers that is attribute `name` or, where the node has it, input `i`.
  std::vector<std::int64_t> list(const char* name, std::size_t i) const;
};
using OracleOperator = void (*)(OracleCall&);

/// The operator of that name, or null.
OracleOperator oracle_arithmetic(const std::string& type);
OracleOperator oracle_linear(const std::string& type);
OracleOperator oracle_window(const std::string& type);
OracleOperator oracle_move(const std::string& type);

std::int64_t elements(const std::vector<std::int64_t>& dims);
std::vector<std::int64_t> strides(const std::vector<std::int64_t>& dims);
/// Calls body(index) for every multi-index of `dims` in row-major order.
void for_each_index(const std::vector<std::int64_t>& dims,
                    const std::function<void(const std::vector<std::int64_t>&)>& body);
std::int64_t offset(const std::vector<std::int64_t>& index, const std::vector<std::int64_t>& step);
int axis_of(std::int64_t axis, int rank);
OracleValue zeros(DType dtype, std::vector<std::int64_t> dims);
std::vector<std::int64_t> to_integers(const OracleValue& value);
OracleValue from_integers(const std::vector<std::int64_t>& values);
/// Rounds to a narrower floating-point type.
OracleValue cast(OracleValue value, DType to);

}  // namespace pleat
