#include <map>

#include "tests/support/oracle/operators.h"
#include "tests/support/oracle/window.h"

namespace pleat {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

Tracked bias_of(const OracleCall& call, std::int64_t channel) {
  return call.has(2) ? call.in(2).data[at(channel)] : Tracked(0);
}

/// y[n,o,p] = b[o] + Σ x[n, g(o)·Cin/g + i, p·stride + k·dilation − pad] · w[o,i,k].
OracleValue convolution(const OracleCall& call, const OracleValue& x, const OracleValue& w, bool bias) {
  const OracleWindow window = window_of(call, x.dims, {w.dims.begin() + 2, w.dims.end()});
  const std::int64_t group = call.attributes().integer("group", 1);
  const std::int64_t inputs = w.dims[1], outputs = w.dims[0];
  std::vector<std::int64_t> dims = {x.dims[0], outputs};
  for (std::size_t i = 0; i < window.kernel.size(); ++i) dims.push_back(window.output(i, x.dims[i + 2]));
  OracleValue y = zeros(x.dtype, dims);
  const auto in = strides(x.dims);
  std::size_t next = 0;
  for_each_index(dims, [&](const auto& index) {
    Tracked sum = bias ? bias_of(call, index[1]) : Tracked(0);
    const std::int64_t first = index[1] / (outputs / group) * inputs;
    for (std::int64_t i = 0; i < inputs; ++i) {
      std::int64_t k = 0;
      for_each_index(window.kernel, [&](const auto& tap) {
        const std::int64_t weight = (index[1] * inputs + i) * elements(window.kernel) + k++;
        std::int64_t from = index[0] * in[0] + (first + i) * in[1];
        for (std::size_t a = 0; a < tap.size(); ++a) {
          const std::int64_t p = window.position(a, index[a + 2], tap[a]);
          if (p < 0 || p >= x.dims[a + 2]) return;
          from += p * in[a + 2];
        }
        sum += x.data[at(from)] * w.data[at(weight)];
      });
    }
    y.data[next++] = sum;
  });
  return y;
}

void conv(OracleCall& call) { call.give(convolution(call, call.in(0), call.in(1), call.has(2))); }

OracleValue without_zero_point(const OracleCall& call, std::size_t value, std::size_t zero) {
  OracleValue shifted = call.in(value);
  if (call.has(zero))
    for (Tracked& element : shifted.data) element = element - call.in(zero).data[0];
  return shifted;
}

void conv_integer(OracleCall& call) {
  OracleValue y = convolution(call, without_zero_point(call, 0, 2), without_zero_point(call, 1, 3), false);
  y.dtype = DType::kInt32;
  call.give(std::move(y));
}

void fused_conv(OracleCall& call) {
  OracleValue y = convolution(call, call.in(0), call.in(1), call.has(2));
  for (Tracked& element : y.data) element.value = std::max(element.value, 0.0);
  call.give(std::move(y));
}

/// y[n, g·Mg + j, p·stride + k·dilation − pad] += x[n,i,p] · w[i,j,k], i in group g.
void conv_transpose(OracleCall& call) {
  const OracleValue &x = call.in(0), &w = call.in(1);
  const OracleWindow window = transposed_window_of(call, x.dims, {w.dims.begin() + 2, w.dims.end()});
  const std::int64_t group = call.attributes().integer("group", 1), per_group = w.dims[1];
  std::vector<std::int64_t> dims = {x.dims[0], per_group * group};
  dims.insert(dims.end(), window.out.begin(), window.out.end());
  OracleValue y = zeros(x.dtype, dims);
  const auto out = strides(dims);
  std::size_t next = 0;
  for_each_index(dims, [&](const auto& index) { y.data[next++] = bias_of(call, index[1]); });
  next = 0;
  for_each_index(x.dims, [&](const auto& index) {
    const Tracked& value = x.data[next++];
    const std::int64_t g = index[1] / (x.dims[1] / group);
    for (std::int64_t j = 0; j < per_group; ++j) {
      std::int64_t k = 0;
      for_each_index(window.kernel, [&](const auto& tap) {
        const std::int64_t weight = (index[1] * per_group + j) * elements(window.kernel) + k++;
        std::int64_t to = index[0] * out[0] + (g * per_group + j) * out[1];
        for (std::size_t a = 0; a < tap.size(); ++a) {
          const std::int64_t p = index[a + 2] * window.stride[a] + tap[a] * window.dilation[a] - window.begin[a];
          if (p < 0 || p >= dims[a + 2]) return;
          to += p * out[a + 2];
        }
        y.data[at(to)] += value * w.data[at(weight)];
      });
    }
  });
  call.give(std::move(y));
}

/// `c` at [row, column] of an [rows, columns] result it broadcasts to.
Tracked broadcast_at(const OracleValue& c, std::int64_t row, std::int64_t column) {
  const std::int64_t columns = c.dims.empty() ? 1 : c.dims.back();
  const std::int64_t rows = c.dims.size() < 2 ? 1 : c.dims[c.dims.size() - 2];
  return c.data[at((rows == 1 ? 0 : row) * columns + (columns == 1 ? 0 : column))];
}

void gemm(OracleCall& call) {
  const OracleValue &a = call.in(0), &b = call.in(1);
  auto attributes = call.attributes();
  const double alpha = attributes.number("alpha", 1), beta = attributes.number("beta", 1);
  const bool left = attributes.integer("transA", 0) != 0, right = attributes.integer("transB", 0) != 0;
  const std::int64_t rows = a.dims[left ? 1 : 0], depth = a.dims[left ? 0 : 1], columns = b.dims[right ? 0 : 1];
  if (b.dims[right ? 1 : 0] != depth) throw std::runtime_error("Gemm: inner sizes differ");
  OracleValue y = zeros(a.dtype, {rows, columns});
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c) {
      Tracked sum = 0;
      for (std::int64_t k = 0; k < depth; ++k)
        sum += a.data[at(left ? k * rows + r : r * depth + k)] * b.data[at(right ? c * depth + k : k * columns + c)];
      sum = sum * alpha;
      if (call.has(2)) sum += broadcast_at(call.in(2), r, c) * beta;
      y.data[at(r * columns + c)] = sum;
    }
  call.give(std::move(y));
}

void matmul(OracleCall& call) {
  OracleValue a = call.in(0), b = call.in(1);
  const bool row = a.rank() == 1, column = b.rank() == 1;
  if (row) a.dims.insert(a.dims.begin(), 1);
  if (column) b.dims.push_back(1);
  const std::int64_t rows = a.dims[at(a.rank() - 2)], depth = a.dims.back(), columns = b.dims.back();
  if (b.dims[at(b.rank() - 2)] != depth) throw std::runtime_error("MatMul: inner sizes differ");
  const Shape outer_a({a.dims.begin(), a.dims.end() - 2}), outer_b({b.dims.begin(), b.dims.end() - 2});
  const auto outer = broadcast(outer_a, outer_b);
  if (!outer) throw std::runtime_error("MatMul: outer sizes do not broadcast");
  std::vector<std::int64_t> dims = outer->dims();
  dims.push_back(rows);
  dims.push_back(columns);
  OracleValue y = zeros(a.dtype, dims);
  const auto base = [&](const Shape& own, const std::vector<std::int64_t>& index) {
    const auto step = own.strides();
    std::int64_t block = 0;
    for (int i = 0; i < own.rank(); ++i)
      if (own[i] != 1) block += step[at(i)] * index[at(outer->rank() - own.rank() + i)];
    return block;
  };
  std::size_t next = 0;
  for_each_index(dims, [&](const auto& index) {
    const std::int64_t r = index[index.size() - 2], c = index.back();
    const std::int64_t left = base(outer_a, index) * rows * depth, right = base(outer_b, index) * depth * columns;
    Tracked sum = 0;
    for (std::int64_t k = 0; k < depth; ++k)
      sum += a.data[at(left + r * depth + k)] * b.data[at(right + k * columns + c)];
    y.data[next++] = sum;
  });
  if (row) y.dims.erase(y.dims.end() - 2);
  if (column) y.dims.pop_back();
  call.give(std::move(y));
}

bool trains(const OracleCall& call) {
  auto attributes = call.attributes();
  if (call.options.assume_inference) return false;
  if (call.opset < 7) return attributes.integer("is_test", 0) == 0;
  if (call.opset >= 14) return attributes.integer("training_mode", 0) != 0;
  return call.node.outputs.size() > 1 && !call.node.outputs[1].empty();
}

/// Means and variances of the elements for which `group` gives one number, out of `groups`.
template <class Group>
std::pair<std::vector<Tracked>, std::vector<Tracked>> moments(const OracleValue& x, std::size_t groups, Group group) {
  std::vector<Tracked> mean(groups), variance(groups);
  std::vector<double> count(groups, 0);
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    mean[group(i)] += x.data[i];
    ++count[group(i)];
  }
  for (std::size_t g = 0; g < groups; ++g) mean[g] = mean[g] / count[g];
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    const Tracked d = x.data[i] - mean[group(i)];
    variance[group(i)] += d * d;
  }
  for (std::size_t g = 0; g < groups; ++g) variance[g] = variance[g] / count[g];
  return {mean, variance};
}

void batch_normalization(OracleCall& call) {
  OracleValue x = call.in(0);
  auto attributes = call.attributes();
  const double epsilon = attributes.number("epsilon", 1e-5F);
  const bool per_position = call.opset < 9 && attributes.integer("spatial", 1) == 0 && call.in(1).rank() > 1;
  const std::int64_t channels = x.rank() < 2 ? 1 : x.dims[1];
  const std::int64_t inner = x.rank() < 2 ? 1 : elements({x.dims.begin() + 2, x.dims.end()});
  const auto channel = [&](std::size_t i) {
    const auto flat = static_cast<std::int64_t>(i);
    return at(per_position ? flat % (channels * inner) : flat / inner % channels);
  };
  std::vector<Tracked> mean = call.in(3).data, variance = call.in(4).data;
  if (trains(call)) std::tie(mean, variance) = moments(x, at(channels), channel);
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    const std::size_t c = channel(i);
    const Tracked root = square_root(variance.at(c) + Tracked(epsilon));
    x.data[i] = call.in(1).data.at(c) * ((x.data[i] - mean.at(c)) / root) + call.in(2).data.at(c);
  }
  call.give(std::move(x));
  const double momentum = attributes.number("momentum", 0.9F);
  const auto running = [&](const OracleValue& old, const std::vector<Tracked>& now) {
    OracleValue next = old;
    for (std::size_t c = 0; c < now.size(); ++c) next.data[c] = old.data[c] * momentum + now[c] * (1 - momentum);
    return next;
  };
  call.give(running(call.in(3), mean), 1);
  call.give(running(call.in(4), variance), 2);
}

void instance_normalization(OracleCall& call) {
  OracleValue x = call.in(0);
  const std::int64_t inner = elements({x.dims.begin() + 2, x.dims.end()});
  const auto plane = [&](std::size_t i) { return i / at(inner); };
  const auto [mean, variance] = moments(x, at(x.dims[0] * x.dims[1]), plane);
  const double epsilon = call.attributes().number("epsilon", 1e-5F);
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    const std::size_t p = plane(i), c = p % at(x.dims[1]);
    x.data[i] =
        call.in(1).data[c] * ((x.data[i] - mean[p]) / square_root(variance[p] + Tracked(epsilon))) + call.in(2).data[c];
  }
  call.give(std::move(x));
}

/// Over the last axis, as the cases use it.
void layer_normalization(OracleCall& call) {
  OracleValue x = call.in(0);
  const std::size_t row = at(x.dims.back());
  const auto [mean, variance] = moments(x, x.data.size() / row, [&](std::size_t i) { return i / row; });
  const double epsilon = call.attributes().number("epsilon", 1e-5F);
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    const std::size_t r = i / row;
    x.data[i] = call.in(1).data[i % row] * ((x.data[i] - mean[r]) / square_root(variance[r] + Tracked(epsilon)));
    if (call.has(2)) x.data[i] += call.in(2).data[i % row];
  }
  call.give(std::move(x));
}

}  // namespace

OracleOperator oracle_linear(const std::string& type) {
  static const std::map<std::string, OracleOperator> table = {
      {"Conv", conv},
      {"ConvInteger", conv_integer},
      {"FusedConv", fused_conv},
      {"ConvTranspose", conv_transpose},
      {"Gemm", gemm},
      {"MatMul", matmul},
      {"BatchNormalization", batch_normalization},
      {"InstanceNormalization", instance_normalization},
      {"LayerNormalization", layer_normalization},
  };
  const auto found = table.find(type);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace pleat
