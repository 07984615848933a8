#include "tests/support/oracle/window.h"

#include <map>

namespace pleat {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::vector<std::int64_t> list_of(const OracleCall& call, const char* name, std::size_t count, std::int64_t value) {
  return call.attributes().integers(name, std::vector<std::int64_t>(count, value));
}

}  // namespace

std::int64_t OracleWindow::output(std::size_t axis, std::int64_t size) const {
  const std::int64_t span = size + begin[axis] + end[axis] - extent(axis);
  if (span < 0) return 0;
  std::int64_t count = (ceil ? (span + stride[axis] - 1) / stride[axis] : span / stride[axis]) + 1;
  if (ceil && (count - 1) * stride[axis] >= size + begin[axis]) --count;
  return count;
}

OracleWindow window_of(const OracleCall& call, const std::vector<std::int64_t>& x, std::vector<std::int64_t> kernel) {
  OracleWindow window;
  const std::size_t axes = kernel.size();
  window.kernel = std::move(kernel);
  window.stride = list_of(call, "strides", axes, 1);
  window.dilation = list_of(call, "dilations", axes, 1);
  auto attributes = call.attributes();
  window.ceil = attributes.integer("ceil_mode", 0) != 0;
  const auto pads = list_of(call, "pads", 2 * axes, 0);
  window.begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(axes));
  window.end.assign(pads.begin() + static_cast<std::ptrdiff_t>(axes), pads.end());
  const std::string mode = attributes.text("auto_pad", "NOTSET");
  for (std::size_t i = 0; i < axes && mode != "NOTSET"; ++i) {
    const std::int64_t wanted = (x[i + 2] + window.stride[i] - 1) / window.stride[i];
    const std::int64_t total =
        mode == "VALID" ? 0 : std::max<std::int64_t>(0, (wanted - 1) * window.stride[i] + window.extent(i) - x[i + 2]);
    window.begin[i] = mode == "SAME_LOWER" ? total - total / 2 : total / 2;
    window.end[i] = total - window.begin[i];
  }
  return window;
}

OracleWindow transposed_window_of(const OracleCall& call, const std::vector<std::int64_t>& x,
                                  std::vector<std::int64_t> kernel) {
  OracleWindow window = window_of(call, x, std::move(kernel));
  const std::size_t axes = window.kernel.size();
  const auto more = list_of(call, "output_padding", axes, 0);
  auto attributes = call.attributes();
  const std::string mode = attributes.text("auto_pad", "NOTSET");
  const auto wanted = attributes.integers("output_shape");
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t full = window.stride[i] * (x[i + 2] - 1) + more[i] + window.extent(i);
    if (wanted.empty() && mode == "NOTSET") {
      window.out.push_back(full - window.begin[i] - window.end[i]);
      continue;
    }
    const std::int64_t size = !wanted.empty() ? wanted[i] : mode == "VALID" ? full : x[i + 2] * window.stride[i];
    const std::int64_t total = std::max<std::int64_t>(0, full - size);
    window.begin[i] = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    window.out.push_back(size);
  }
  return window;
}

namespace {

/// Calls body(output element, values under the window, taps inside the padded input) for every window of a pool.
template <class Body>
OracleValue pooled(const OracleCall& call, Body body) {
  const OracleValue& x = call.in(0);
  const OracleWindow window = window_of(call, x.dims, call.attributes().integers("kernel_shape"));
  std::vector<std::int64_t> dims = {x.dims[0], x.dims[1]};
  for (std::size_t i = 0; i < window.kernel.size(); ++i) dims.push_back(window.output(i, x.dims[i + 2]));
  OracleValue y = zeros(x.dtype, dims);
  const auto in = strides(x.dims);
  std::size_t next = 0;
  for_each_index(dims, [&](const auto& index) {
    std::vector<Tracked> values;
    std::int64_t padded = 0;
    for_each_index(window.kernel, [&](const auto& tap) {
      std::int64_t from = index[0] * in[0] + index[1] * in[1];
      bool inside = true, in_pads = true;
      for (std::size_t a = 0; a < tap.size(); ++a) {
        const std::int64_t p = window.position(a, index[a + 2], tap[a]);
        inside = inside && p >= 0 && p < x.dims[a + 2];
        in_pads = in_pads && p < x.dims[a + 2] + window.end[a];
        from += p * in[a + 2];
      }
      if (inside) values.push_back(x.data[at(from)]);
      if (in_pads) ++padded;
    });
    y.data[next++] = body(values, padded);
  });
  return y;
}

Tracked largest(const std::vector<Tracked>& values) {
  Tracked best(-HUGE_VAL);
  for (const Tracked& value : values) best = {std::max(best.value, value.value), std::max(best.error, value.error)};
  return best;
}

Tracked mean_of(const std::vector<Tracked>& values, double count) {
  Tracked sum = 0;
  for (const Tracked& value : values) sum += value;
  return sum / count;
}

void max_pool(OracleCall& call) {
  call.give(pooled(call, [](const auto& values, std::int64_t) { return largest(values); }));
}

void average_pool(OracleCall& call) {
  const bool pads = call.attributes().integer("count_include_pad", 0) != 0;
  call.give(pooled(call, [=](const auto& values, std::int64_t padded) {
    return mean_of(values, pads ? static_cast<double>(padded) : static_cast<double>(values.size()));
  }));
}

OracleValue reduced(const OracleValue& x, const std::vector<bool>& over, bool keep,
                    Tracked (*f)(const std::vector<Tracked>&)) {
  std::vector<std::int64_t> dims = x.dims, kept;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (over[i]) dims[i] = 1;
    if (!over[i] || keep) kept.push_back(dims[i]);
  }
  std::vector<std::vector<Tracked>> parts(at(elements(dims)));
  const auto step = strides(dims);
  std::size_t next = 0;
  for_each_index(x.dims, [&](const auto& index) {
    std::int64_t to = 0;
    for (std::size_t i = 0; i < index.size(); ++i) to += over[i] ? 0 : index[i] * step[i];
    parts[at(to)].push_back(x.data[next++]);
  });
  OracleValue y{x.dtype, kept, {}};
  for (const auto& part : parts) y.data.push_back(f(part));
  return y;
}

Tracked mean_all(const std::vector<Tracked>& values) { return mean_of(values, static_cast<double>(values.size())); }
Tracked sum_all(const std::vector<Tracked>& values) { return mean_of(values, 1); }

template <Tracked (*f)(const std::vector<Tracked>&)>
void global_pool(OracleCall& call) {
  std::vector<bool> over(call.in(0).dims.size(), true);
  over[0] = over[1] = false;
  call.give(reduced(call.in(0), over, true, f));
}

template <Tracked (*f)(const std::vector<Tracked>&)>
void reduce(OracleCall& call) {
  const auto axes = call.list("axes", 1);
  std::vector<bool> over(call.in(0).dims.size(), axes.empty());
  for (const std::int64_t axis : axes) over[at(axis_of(axis, call.in(0).rank()))] = true;
  call.give(reduced(call.in(0), over, call.attributes().integer("keepdims", 1) != 0, f));
}

/// Where position p of a padded axis of `size` comes from; −1: nowhere.
std::int64_t padded_from(std::int64_t p, std::int64_t size, const std::string& mode) {
  if (p >= 0 && p < size) return p;
  if (mode == "edge") return p < 0 ? 0 : size - 1;
  if (mode == "wrap") return ((p % size) + size) % size;
  if (mode != "reflect") return -1;
  while (p < 0 || p >= size) p = p < 0 ? -p : 2 * (size - 1) - p;
  return p;
}

void pad(OracleCall& call) {
  const OracleValue& x = call.in(0);
  auto attributes = call.attributes();
  const auto given = call.list("pads", 1);
  std::vector<std::int64_t> begin(x.dims.size(), 0), dims = x.dims;
  std::vector<std::int64_t> axes;
  for (int i = 0; i < x.rank(); ++i) axes.push_back(i);
  if (call.has(3)) axes = to_integers(call.in(3));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = at(axis_of(axes[i], x.rank()));
    begin[axis] = given[i];
    dims[axis] += given[i] + given[i + axes.size()];
  }
  const std::string mode = attributes.text("mode", "constant");
  const Tracked value = call.has(2) ? call.in(2).data[0] : Tracked(attributes.number("value", 0));
  OracleValue y = zeros(x.dtype, dims);
  const auto in = strides(x.dims);
  std::size_t next = 0;
  for_each_index(dims, [&](const auto& index) {
    std::int64_t from = 0;
    bool inside = true;
    for (std::size_t i = 0; i < index.size(); ++i) {
      const std::int64_t p = padded_from(index[i] - begin[i], x.dims[i], mode);
      inside = inside && p >= 0;
      from += p * in[i];
    }
    y.data[next++] = inside ? x.data[at(from)] : value;
  });
  call.give(std::move(y));
}

}  // namespace

OracleOperator oracle_resize();

OracleOperator oracle_window(const std::string& type) {
  static const std::map<std::string, OracleOperator> table = {
      {"MaxPool", max_pool},
      {"AveragePool", average_pool},
      {"GlobalAveragePool", global_pool<mean_all>},
      {"GlobalMaxPool", global_pool<largest>},
      {"ReduceMean", reduce<mean_all>},
      {"ReduceSum", reduce<sum_all>},
      {"ReduceMax", reduce<largest>},
      {"Pad", pad},
      {"Resize", oracle_resize()},
  };
  const auto found = table.find(type);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace pleat
