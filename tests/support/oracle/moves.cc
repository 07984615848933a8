#include <map>
#include <numeric>

#include "tests/support/oracle/operators.h"

namespace pleat {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

OracleValue reshaped(OracleValue x, std::vector<std::int64_t> dims) {
  if (elements(dims) != elements(x.dims)) throw std::runtime_error("a reshape changes the element count");
  x.dims = std::move(dims);
  return x;
}

OracleValue permuted(const OracleValue& x, const std::vector<std::int64_t>& perm) {
  std::vector<std::int64_t> dims, step;
  const auto in = strides(x.dims);
  for (const std::int64_t axis : perm) {
    dims.push_back(x.dims[at(axis)]);
    step.push_back(in[at(axis)]);
  }
  OracleValue y = zeros(x.dtype, dims);
  std::size_t next = 0;
  for_each_index(dims, [&](const auto& index) { y.data[next++] = x.data[at(offset(index, step))]; });
  return y;
}

void transpose(OracleCall& call) {
  std::vector<std::int64_t> perm(call.in(0).dims.size());
  std::iota(perm.rbegin(), perm.rend(), 0);
  call.give(permuted(call.in(0), call.attributes().integers("perm", perm)));
}

void reshape(OracleCall& call) {
  const OracleValue& x = call.in(0);
  auto dims = call.list("shape", 1);
  const bool zero = call.attributes().integer("allowzero", 0) != 0;
  std::int64_t known = 1, open = -1;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !zero) dims[i] = x.dims.at(i);
    if (dims[i] < 0)
      open = static_cast<std::int64_t>(i);
    else
      known *= dims[i];
  }
  if (open >= 0) dims[at(open)] = known == 0 ? 0 : elements(x.dims) / known;
  call.give(reshaped(x, dims));
}

void flatten(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const int axis = axis_of(call.attributes().integer("axis", 1), x.rank());
  call.give(reshaped(
      x, {elements({x.dims.begin(), x.dims.begin() + axis}), elements({x.dims.begin() + axis, x.dims.end()})}));
}

void squeeze(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const auto axes = call.list("axes", 1);
  std::vector<bool> gone(x.dims.size());
  for (std::size_t i = 0; i < gone.size(); ++i) gone[i] = axes.empty() && x.dims[i] == 1;
  for (const std::int64_t axis : axes) gone[at(axis_of(axis, x.rank()))] = true;
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < gone.size(); ++i)
    if (!gone[i]) dims.push_back(x.dims[i]);
  call.give(reshaped(x, dims));
}

void unsqueeze(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const auto axes = call.list("axes", 1);
  const int rank = x.rank() + static_cast<int>(axes.size());
  std::vector<std::int64_t> dims(at(rank), 0);
  for (const std::int64_t axis : axes) dims[at(axis_of(axis, rank))] = 1;
  auto next = x.dims.begin();
  for (std::int64_t& dim : dims)
    if (dim == 0) dim = *next++;
  call.give(reshaped(x, dims));
}

void concat(OracleCall& call) {
  const std::size_t axis = at(axis_of(call.attributes().integer("axis", 1), call.in(0).rank()));
  std::vector<std::int64_t> dims = call.in(0).dims;
  dims[axis] = 0;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) dims[axis] += call.in(i).dims.at(axis);
  OracleValue y = zeros(call.in(0).dtype, dims);
  const auto out = strides(dims);
  std::int64_t start = 0;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    std::size_t next = 0;
    for_each_index(call.in(i).dims, [&](const auto& index) {
      y.data[at(offset(index, out) + start * out[axis])] = call.in(i).data[next++];
    });
    start += call.in(i).dims[axis];
  }
  call.give(std::move(y));
}

OracleValue cut(const OracleValue& x, const std::vector<std::int64_t>& first, const std::vector<std::int64_t>& step,
                std::vector<std::int64_t> dims) {
  OracleValue y = zeros(x.dtype, std::move(dims));
  const auto in = strides(x.dims);
  std::size_t next = 0;
  for_each_index(y.dims, [&](const auto& index) {
    std::int64_t from = 0;
    for (std::size_t i = 0; i < index.size(); ++i) from += (first[i] + index[i] * step[i]) * in[i];
    y.data[next++] = x.data[at(from)];
  });
  return y;
}

void slice(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const auto starts = call.list("starts", 1), ends = call.list("ends", 2);
  auto axes = call.list("axes", 3);
  if (axes.empty())
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  std::vector<std::int64_t> steps(starts.size(), 1);
  if (call.has(4)) steps = to_integers(call.in(4));
  std::vector<std::int64_t> first(x.dims.size(), 0), step(x.dims.size(), 1), dims = x.dims;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = at(axis_of(axes[i], x.rank()));
    const std::int64_t size = x.dims[axis];
    const auto clamp = [&](std::int64_t p, std::int64_t low, std::int64_t high) {
      return std::min(std::max(p < 0 ? p + size : p, low), high);
    };
    const bool forward = steps[i] > 0;
    const std::int64_t begin = clamp(starts[i], 0, forward ? size : size - 1);
    const std::int64_t end = clamp(ends[i], forward ? 0 : -1, size);
    first[axis] = begin;
    step[axis] = steps[i];
    const std::int64_t span = forward ? end - begin : begin - end;
    dims[axis] = std::max<std::int64_t>(0, (span + std::abs(steps[i]) - 1) / std::abs(steps[i]));
  }
  call.give(cut(x, first, step, dims));
}

void split(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const std::size_t axis = at(axis_of(call.attributes().integer("axis", 0), x.rank()));
  auto parts = call.list("split", 1);
  const std::size_t count = call.node.outputs.size();
  if (parts.empty())
    parts.assign(count, (x.dims[axis] + static_cast<std::int64_t>(count) - 1) / static_cast<std::int64_t>(count));
  std::int64_t start = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::vector<std::int64_t> first(x.dims.size(), 0), dims = x.dims;
    first[axis] = start;
    dims[axis] = std::min(parts[i], x.dims[axis] - start);
    start += dims[axis];
    call.give(cut(x, first, std::vector<std::int64_t>(x.dims.size(), 1), dims), i);
  }
}

/// Both orders as the specification writes them: reshape, transpose, reshape.
void depth_to_space(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const std::int64_t b = call.attributes().integer("blocksize", 1);
  const std::int64_t n = x.dims[0], c = x.dims[1] / (b * b), h = x.dims[2], w = x.dims[3];
  const bool rows_first = call.attributes().text("mode", "DCR") == "DCR";
  OracleValue y = rows_first ? permuted(reshaped(x, {n, b, b, c, h, w}), {0, 3, 4, 1, 5, 2})
                             : permuted(reshaped(x, {n, c, b, b, h, w}), {0, 1, 4, 2, 5, 3});
  call.give(reshaped(std::move(y), {n, c, h * b, w * b}));
}

void space_to_depth(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const std::int64_t b = call.attributes().integer("blocksize", 1);
  const std::int64_t n = x.dims[0], c = x.dims[1], h = x.dims[2] / b, w = x.dims[3] / b;
  call.give(reshaped(permuted(reshaped(x, {n, c, h, b, w, b}), {0, 3, 5, 1, 2, 4}), {n, c * b * b, h, w}));
}

void shape(OracleCall& call) { call.give(from_integers(call.in(0).dims)); }

void size(OracleCall& call) {
  OracleValue count = from_integers({elements(call.in(0).dims)});
  count.dims.clear();
  call.give(std::move(count));
}

void gather(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const std::size_t axis = at(axis_of(call.attributes().integer("axis", 0), x.rank()));
  std::vector<std::int64_t> dims(x.dims.begin(), x.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  dims.insert(dims.end(), call.in(1).dims.begin(), call.in(1).dims.end());
  dims.insert(dims.end(), x.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.dims.end());
  const std::int64_t inner = strides(x.dims)[axis],
                     outer = elements(x.dims) / std::max<std::int64_t>(1, inner * x.dims[axis]);
  OracleValue y{x.dtype, dims, {}};
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i : to_integers(call.in(1)))
      for (std::int64_t k = 0; k < inner; ++k)
        y.data.push_back(x.data[at((o * x.dims[axis] + (i < 0 ? i + x.dims[axis] : i)) * inner + k)]);
  call.give(std::move(y));
}

void expand(OracleCall& call) {
  const OracleValue& x = call.in(0);
  const auto both = broadcast(Shape(x.dims), Shape(to_integers(call.in(1))));
  if (!both) throw std::runtime_error(both.error().text());
  std::vector<std::int64_t> step(at(both->rank()), 0);
  const auto own = strides(x.dims);
  for (std::size_t i = 0; i < x.dims.size(); ++i)
    if (x.dims[i] != 1) step[step.size() - x.dims.size() + i] = own[i];
  OracleValue y = zeros(x.dtype, both->dims());
  std::size_t next = 0;
  for_each_index(y.dims, [&](const auto& index) { y.data[next++] = x.data[at(offset(index, step))]; });
  call.give(std::move(y));
}

}  // namespace

OracleOperator oracle_move(const std::string& type) {
  static const std::map<std::string, OracleOperator> table = {
      {"Transpose", transpose}, {"Reshape", reshape},     {"Flatten", flatten},
      {"Squeeze", squeeze},     {"Unsqueeze", unsqueeze}, {"Concat", concat},
      {"Slice", slice},         {"Split", split},         {"DepthToSpace", depth_to_space},
      {"Shape", shape},         {"Size", size},           {"SpaceToDepth", space_to_depth},
      {"Gather", gather},       {"Expand", expand},
  };
  const auto found = table.find(type);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace pleat
