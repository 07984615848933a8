#include <map>

#include "tests/support/oracle/operators.h"

namespace pleat {
namespace {

using Binary = Tracked (*)(const Tracked&, const Tracked&);

std::vector<std::int64_t> broadcast_dims(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  auto both = broadcast(Shape(a), Shape(b));
  if (!both) throw std::runtime_error(both.error().text());
  return both->dims();
}

/// Steps through `dims` for each index into `over`, 0 where a size is stretched.
std::vector<std::int64_t> stretched(const std::vector<std::int64_t>& dims, const std::vector<std::int64_t>& over) {
  const auto own = strides(dims);
  std::vector<std::int64_t> step(over.size(), 0);
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (dims[i] != 1) step[over.size() - dims.size() + i] = own[i];
  return step;
}

OracleValue combine(const OracleValue& a, const OracleValue& b, Binary f) {
  OracleValue out = zeros(a.dtype, broadcast_dims(a.dims, b.dims));
  const auto from_a = stretched(a.dims, out.dims), from_b = stretched(b.dims, out.dims);
  std::size_t i = 0;
  for_each_index(out.dims, [&](const auto& index) {
    out.data[i++] = f(a.data[static_cast<std::size_t>(offset(index, from_a))],
                      b.data[static_cast<std::size_t>(offset(index, from_b))]);
  });
  return out;
}

/// Below opset 7 the second operand stands from `axis` on where `broadcast` is set.
OracleValue legacy_operand(const OracleCall& call) {
  OracleValue b = call.in(1);
  auto attributes = call.attributes();
  if (call.opset >= 7 || attributes.integer("broadcast", 0) == 0 || !attributes.has("axis")) return b;
  const int rank = call.in(0).rank();
  const int axis = axis_of(attributes.integer("axis", 0), rank);
  b.dims.resize(static_cast<std::size_t>(rank - axis), 1);
  return b;
}

template <Binary f>
void binary(OracleCall& call) {
  call.give(combine(call.in(0), legacy_operand(call), f));
}

template <Binary f>
void variadic(OracleCall& call) {
  OracleValue sum = call.in(0);
  for (std::size_t i = 1; i < call.inputs.size(); ++i) sum = combine(sum, call.in(i), f);
  call.give(std::move(sum));
}

Tracked add(const Tracked& a, const Tracked& b) { return a + b; }
Tracked subtract(const Tracked& a, const Tracked& b) { return a - b; }
Tracked multiply(const Tracked& a, const Tracked& b) { return a * b; }
Tracked divide(const Tracked& a, const Tracked& b) { return a / b; }
Tracked maximum(const Tracked& a, const Tracked& b) { return {std::max(a.value, b.value), std::max(a.error, b.error)}; }
Tracked prelu(const Tracked& x, const Tracked& slope) {
  const Tracked scaled = x * slope;
  const double error = std::max(x.error, scaled.error);
  return {x.value < 0 ? scaled.value : x.value, error};
}

/// f with |f'| ≤ `slope` everywhere.
template <class F>
void pointwise(OracleCall& call, double slope, F f) {
  OracleValue out = call.in(0);
  for (Tracked& x : out.data) {
    const double y = f(x.value);
    x = {y, slope * x.error + 8 * kHalfUlp * std::fabs(y)};
  }
  call.give(std::move(out));
}

void relu(OracleCall& call) {
  pointwise(call, 1, [](double x) { return x < 0 ? 0.0 : x; });
}
void leaky_relu(OracleCall& call) {
  const double alpha = call.attributes().number("alpha", 0.01F);
  pointwise(call, std::max(1.0, std::fabs(alpha)), [=](double x) { return x < 0 ? alpha * x : x; });
}
void sigmoid(OracleCall& call) {
  pointwise(call, 0.25, [](double x) { return 1 / (1 + std::exp(-x)); });
}
void tanh_of(OracleCall& call) {
  pointwise(call, 1, [](double x) { return std::tanh(x); });
}
void erf_of(OracleCall& call) {
  pointwise(call, 1.2, [](double x) { return std::erf(x); });
}
void hard_swish(OracleCall& call) {
  pointwise(call, 2, [](double x) { return x * std::min(1.0, std::max(0.0, x / 6 + 0.5)); });
}
void elu(OracleCall& call) {
  const double alpha = call.attributes().number("alpha", 1);
  pointwise(call, std::max(1.0, alpha), [=](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}
void softplus(OracleCall& call) {
  pointwise(call, 1, [](double x) { return std::log1p(std::exp(-std::fabs(x))) + std::max(x, 0.0); });
}
void clip(OracleCall& call) {
  auto attributes = call.attributes();
  const double low = call.has(1) ? call.in(1).data[0].value : attributes.number("min", -HUGE_VALF);
  const double high = call.has(2) ? call.in(2).data[0].value : attributes.number("max", HUGE_VALF);
  pointwise(call, 1, [=](double x) { return std::min(std::max(x, low), high); });
}
void opaque(OracleCall& call) {
  pointwise(call, 2, [](double x) { return x / (1 + x * x); });
}
void identity(OracleCall& call) { call.give(call.in(0)); }

/// Over the last axis only, as the cases use it.
void softmax(OracleCall& call) {
  OracleValue out = call.in(0);
  const auto row = static_cast<std::size_t>(out.dims.back());
  for (std::size_t start = 0; start < out.data.size(); start += row) {
    double sum = 0, error = 0;
    for (std::size_t i = start; i < start + row; ++i) {
      sum += std::exp(out.data[i].value);
      error = std::max(error, out.data[i].error);
    }
    for (std::size_t i = start; i < start + row; ++i) {
      const double p = std::exp(out.data[i].value) / sum;
      out.data[i] = {p, p * std::expm1(2 * error) + 64 * kHalfUlp};
    }
  }
  call.give(std::move(out));
}

void dropout(OracleCall& call) {
  auto attributes = call.attributes();
  const bool training =
      call.opset < 7 ? attributes.integer("is_test", 0) == 0 : call.has(2) && call.in(2).data[0].value != 0;
  if (training) throw std::runtime_error("Dropout in training mode has no one value");
  call.give(call.in(0));
  OracleValue mask = call.in(0);
  mask.dtype = DType::kBool;
  for (Tracked& element : mask.data) element = 1;
  call.give(std::move(mask), 1);
}

void cast_to(OracleCall& call) { call.give(cast(call.in(0), static_cast<DType>(call.attributes().integer("to", 1)))); }

/// The scale or zero point that element `index` of an axis uses.
Tracked of_channel(const OracleValue& values, std::int64_t channel) {
  return values.data[values.data.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
}

std::int64_t channel_of(const OracleValue& x, std::size_t i, std::int64_t axis) {
  if (x.rank() == 0) return 0;
  const auto step = strides(x.dims);
  const auto at = static_cast<std::size_t>(axis_of(axis, x.rank()));
  return static_cast<std::int64_t>(i) / step[at] % x.dims[at];
}

void dequantize(OracleCall& call) {
  OracleValue out = call.in(0);
  const std::int64_t axis = out.rank() == 1 ? 0 : call.attributes().integer("axis", 1);
  for (std::size_t i = 0; i < out.data.size(); ++i) {
    const std::int64_t c = call.in(1).data.size() == 1 ? 0 : channel_of(out, i, axis);
    const Tracked zero = call.has(2) ? of_channel(call.in(2), c) : Tracked(0);
    out.data[i] = (out.data[i] - zero) * of_channel(call.in(1), c);
  }
  out.dtype = call.in(1).dtype;
  call.give(std::move(out));
}

void quantize(OracleCall& call) {
  OracleValue out = call.in(0);
  const bool is_signed = call.has(2) && call.in(2).dtype == DType::kInt8;
  for (Tracked& x : out.data) {
    const double zero = call.has(2) ? call.in(2).data[0].value : 0;
    const double level = std::nearbyint(x.value / call.in(1).data[0].value) + zero;
    x = is_signed ? std::min(127.0, std::max(-128.0, level)) : std::min(255.0, std::max(0.0, level));
  }
  out.dtype = call.has(2) ? call.in(2).dtype : DType::kUint8;
  call.give(std::move(out));
}

}  // namespace

OracleOperator oracle_arithmetic(const std::string& type) {
  static const std::map<std::string, OracleOperator> table = {
      {"Add", binary<add>},
      {"Sub", binary<subtract>},
      {"Mul", binary<multiply>},
      {"Div", binary<divide>},
      {"PRelu", binary<prelu>},
      {"Sum", variadic<add>},
      {"Max", variadic<maximum>},
      {"Relu", relu},
      {"LeakyRelu", leaky_relu},
      {"Sigmoid", sigmoid},
      {"Tanh", tanh_of},
      {"Erf", erf_of},
      {"HardSwish", hard_swish},
      {"Elu", elu},
      {"Softplus", softplus},
      {"Clip", clip},
      {"Opaque", opaque},
      {"Identity", identity},
      {"Softmax", softmax},
      {"Dropout", dropout},
      {"Cast", cast_to},
      {"DequantizeLinear", dequantize},
      {"QuantizeLinear", quantize},
  };
  const auto found = table.find(type);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace pleat
