#include <numeric>

#include "tests/support/oracle/operators.h"

namespace pleat {

OracleValue oracle_value(const Tensor& tensor) {
  const auto values = to_doubles(tensor);
  if (!values) throw std::runtime_error(values.error().text());
  return {tensor.dtype(), tensor.shape().dims(), {values->begin(), values->end()}};
}

const OracleValue& OracleCall::in(std::size_t i) const {
  if (!has(i)) throw std::runtime_error(node.label() + ": input " + std::to_string(i) + " is missing");
  return inputs[i];
}

void OracleCall::give(OracleValue value, std::size_t i) {
  if (outputs.size() <= i) outputs.resize(i + 1);
  outputs[i] = std::move(value);
}

std::vector<std::int64_t> OracleCall::list(const char* name, std::size_t i) const {
  return has(i) ? to_integers(inputs[i]) : attributes().integers(name);
}

std::int64_t elements(const std::vector<std::int64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

std::vector<std::int64_t> strides(const std::vector<std::int64_t>& dims) { return Shape(dims).strides(); }

void for_each_index(const std::vector<std::int64_t>& dims,
                    const std::function<void(const std::vector<std::int64_t>&)>& body) {
  if (elements(dims) == 0) return;
  std::vector<std::int64_t> index(dims.size(), 0);
  for (;;) {
    body(index);
    std::size_t axis = dims.size();
    while (axis > 0 && ++index[axis - 1] == dims[axis - 1]) index[--axis] = 0;
    if (axis == 0) return;
  }
}

std::int64_t offset(const std::vector<std::int64_t>& index, const std::vector<std::int64_t>& step) {
  return std::inner_product(index.begin(), index.end(), step.begin(), std::int64_t{0});
}

int axis_of(std::int64_t axis, int rank) {
  const std::int64_t counted = axis < 0 ? axis + rank : axis;
  if (counted < 0 || counted > rank) throw std::runtime_error("axis " + std::to_string(axis) + " is out of range");
  return static_cast<int>(counted);
}

OracleValue zeros(DType dtype, std::vector<std::int64_t> dims) {
  const auto count = static_cast<std::size_t>(elements(dims));
  return {dtype, std::move(dims), std::vector<Tracked>(count)};
}

std::vector<std::int64_t> to_integers(const OracleValue& value) {
  std::vector<std::int64_t> integers;
  for (const Tracked& element : value.data) integers.push_back(static_cast<std::int64_t>(element.value));
  return integers;
}

OracleValue from_integers(const std::vector<std::int64_t>& values) {
  OracleValue made{DType::kInt64, {static_cast<std::int64_t>(values.size())}, {}};
  for (const std::int64_t value : values) made.data.emplace_back(static_cast<double>(value));
  return made;
}

OracleValue cast(OracleValue value, DType to) {
  const bool narrow =
      size_of(to) < size_of(value.dtype) && from_doubles(to, Shape{}, std::vector<double>{0}).has_value();
  for (Tracked& element : value.data) {
    if (!narrow) continue;
    const auto one = to_doubles(from_doubles(to, Shape{}, std::vector<double>{element.value}).value()).value();
    const double moved = std::fabs(one[0] - element.value);
    element = {one[0], element.error == 0 ? 0 : element.error + 2 * moved};
  }
  value.dtype = to;
  return value;
}

}  // namespace pleat
