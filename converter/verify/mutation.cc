#include "converter/verify/mutation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>

#include "converter/verify/bound.h"
#include "converter/verify/mutation_site.h"
#include "runtime/graph/attributes.h"
#include "runtime/tensor/half.h"

namespace pleat {
namespace {

using Values = std::vector<double>;

/// One new constant of a region with what a mistake needs to know.
struct ConstantCase {
  const ExactConstant& exact;
  DType dtype;
  std::optional<BatchNormNumbers> batch_norm;
};

using Change = bool (*)(Values& values, const ConstantCase& constant);

/// `fold_case` with one constant changed in its stored bits; nothing where the change is none.
std::optional<WrongFold> change_constant(const FoldCase& fold_case, const std::string& name, Change change) {
  const ExactConstant& exact = fold_case.fold.constants.at(name);
  const Tensor& tensor = fold_case.region.folded.graph.initializer(name)->tensor;
  auto values = to_doubles(tensor);
  if (!values || values->empty()) return std::nullopt;
  if (!change(*values, {exact, tensor.dtype(), numbers_of(fold_case)})) return std::nullopt;
  const auto wrong = from_doubles(tensor.dtype(), tensor.shape(), *values);
  if (!wrong || std::ranges::equal(wrong->bytes(), tensor.bytes())) return std::nullopt;
  WrongFold fold{fold_case.fold.folded, fold_case.fold.constants};
  set_constant(fold.folded, name, *wrong);
  return fold;
}

/// In the first constant in which it means something.
template <class Names>
std::optional<WrongFold> change_first(const FoldCase& fold_case, const Names& names, Change change) {
  for (const std::string& name : names)
    if (auto wrong = change_constant(fold_case, name, change)) return wrong;
  return std::nullopt;
}

template <Change change>
std::optional<WrongFold> in_weight(const FoldCase& fold_case) {
  return change_first(fold_case, folded_constants(fold_case), change);
}

template <Change change>
std::optional<WrongFold> in_bias(const FoldCase& fold_case) {
  const std::vector<std::string> names = folded_constants(fold_case);
  return change_first(fold_case, std::views::reverse(names), change);
}

double& largest_value(Values& values) {
  return *std::ranges::max_element(values, {}, [](double value) { return std::fabs(value); });
}

double unit_in_last_place(double value, DType dtype) {
  return std::ldexp(2 * precision_of(dtype).unit_roundoff, std::ilogb(value));
}

bool one_ulp(Values& values, const ConstantCase& constant) {
  double& value = largest_value(values);
  if (value == 0) return false;
  value += std::copysign(unit_in_last_place(value, constant.dtype), value);
  return true;
}

bool flipped_bit(Values& values, const ConstantCase& constant) {
  double& value = largest_value(values);
  if (value == 0) return false;
  const double bit = 4 * unit_in_last_place(value, constant.dtype);
  const bool set = std::fmod(std::floor(std::fabs(value) / bit), 2) != 0;
  value += std::copysign(set ? -bit : bit, value);
  return true;
}

bool through_half(Values& values, const ConstantCase& constant) {
  if (constant.dtype == DType::kFloat16 || constant.dtype == DType::kBfloat16) return false;
  for (double& value : values) value = half_to_double(double_to_half(value));
  return true;
}

/// The scale in float, then its product with the weight.
bool folded_in_float(Values& values, const ConstantCase& constant) {
  if (constant.dtype != DType::kFloat || !constant.batch_norm) return false;
  const BatchNormNumbers& norm = *constant.batch_norm;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t channel = constant.exact.channel(i);
    if (channel < 0 || norm.scale(static_cast<std::size_t>(channel) % norm.channels()) == 0) return false;
    const std::size_t c = static_cast<std::size_t>(channel) % norm.channels();
    const float scale = static_cast<float>(norm.gamma[c]) /
                        std::sqrt(static_cast<float>(norm.variance[c]) + static_cast<float>(norm.epsilon));
    const auto unscaled = static_cast<float>(constant.exact.value(i).hi / norm.scale(c));
    values[i] = scale * unscaled;
  }
  return true;
}

/// Exchanges the values of two neighbouring channels.
bool swapped_channels(Values& values, const ConstantCase& constant) {
  const int axis = constant.exact.channel_axis;
  const Shape& shape = constant.exact.shape;
  if (axis < 0 || shape[axis] < 2) return false;
  const auto inner = static_cast<std::size_t>(shape.elements(axis + 1, shape.rank()));
  const auto channels = static_cast<std::size_t>(shape[axis]);
  for (std::size_t outer = 0; outer < values.size() / (inner * channels); ++outer)
    for (std::size_t i = 0; i < inner; ++i)
      std::swap(values[outer * channels * inner + i], values[outer * channels * inner + inner + i]);
  return true;
}

bool is_square(const Shape& shape) { return shape.rank() >= 2 && shape[0] == shape[1] && shape[0] > 1; }

/// Scaled along axis 1 − channel axis.
bool wrong_axis(Values& values, const ConstantCase& constant) {
  const int axis = constant.exact.channel_axis;
  const Shape& shape = constant.exact.shape;
  if (!constant.batch_norm || !is_square(shape) || axis < 0 || axis > 1) return false;
  const BatchNormNumbers& norm = *constant.batch_norm;
  if (norm.channels() != static_cast<std::size_t>(shape[0])) return false;
  const auto inner = static_cast<std::size_t>(shape.elements(2, shape.rank()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t row = i / inner / norm.channels();
    const std::size_t column = i / inner % norm.channels();
    const double right = norm.scale(axis == 0 ? row : column);
    if (right == 0) return false;
    values[i] *= norm.scale(axis == 0 ? column : row) / right;
  }
  return true;
}

bool transposed(Values& values, const ConstantCase& constant) {
  const Shape& shape = constant.exact.shape;
  if (!is_square(shape)) return false;
  const auto n = static_cast<std::size_t>(shape[0]);
  const std::size_t inner = values.size() / (n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j)
      for (std::size_t k = 0; k < inner; ++k)
        std::swap(values[(i * n + j) * inner + k], values[(j * n + i) * inner + k]);
  return true;
}

constexpr Mutation kConstantMutations[] = {{"weights through float16", in_weight<through_half>},
                                           {"folded in float", in_weight<folded_in_float>},
                                           {"one weight off by one ulp", in_weight<one_ulp>},
                                           {"one bit flipped", in_weight<flipped_bit>},
                                           {"weights of two channels swapped", in_weight<swapped_channels>},
                                           {"scaled along the wrong axis", in_weight<wrong_axis>},
                                           {"weights transposed", in_weight<transposed>},
                                           {"bias of two channels swapped", in_bias<swapped_channels>},
                                           {"one bias off by one ulp", in_bias<one_ulp>}};

}  // namespace

std::span<const Mutation> constant_mutations() { return kConstantMutations; }

const Node* batch_norm_of(const Region& region) {
  const auto& nodes = region.unfolded.graph.nodes;
  const auto last = std::find_if(nodes.rbegin(), nodes.rend(), [&](const Node& node) {
    return node.is("BatchNormalization") &&
           std::ranges::find(region.batch_norms, name_of(node)) != region.batch_norms.end();
  });
  return last == nodes.rend() ? nullptr : &*last;
}

std::vector<std::string> folded_constants(const FoldCase& fold_case) {
  std::vector<std::string> names;
  const Graph& graph = fold_case.region.folded.graph;
  for (const Initializer& initializer : graph.initializers)
    if (fold_case.fold.constants.contains(initializer.name)) names.push_back(initializer.name);
  std::ranges::stable_sort(names, std::ranges::greater(),
                           [&](const std::string& name) { return graph.initializer(name)->tensor.elements(); });
  return names;
}

double BatchNormNumbers::scale(std::size_t channel) const {
  return gamma[channel] / std::sqrt(variance[channel] + epsilon);
}

double BatchNormNumbers::shift(std::size_t channel) const { return beta[channel] - mean[channel] * scale(channel); }

bool BatchNormNumbers::shifts(std::size_t channel) const {
  const double terms = std::fabs(beta[channel]) + std::fabs(mean[channel] * scale(channel));
  return std::fabs(shift(channel)) > 4 * std::numeric_limits<double>::epsilon() * terms;
}

std::optional<BatchNormNumbers> numbers_of(const FoldContext& context, const Node& batch_norm) {
  BatchNormNumbers numbers;
  Values* const lists[] = {&numbers.gamma, &numbers.beta, &numbers.mean, &numbers.variance};
  if (batch_norm.inputs.size() <= std::size(lists)) return std::nullopt;
  for (std::size_t i = 0; i < std::size(lists); ++i) {
    const auto tensor = constant(context, batch_norm.inputs[i + 1], "parameter", "F17");
    auto values = tensor ? to_doubles(*tensor) : Result<Values>(Values{});
    if (!values || values->empty() || (i > 0 && values->size() != numbers.gamma.size())) return std::nullopt;
    *lists[i] = std::move(*values);
    numbers.dtypes[i] = tensor->dtype();
  }
  AttributeReader attributes(batch_norm);
  numbers.epsilon = attributes.number("epsilon", 1e-5F);
  return numbers;
}

std::optional<BatchNormNumbers> numbers_of(const FoldCase& fold_case) {
  const Node* norm = batch_norm_of(fold_case.region);
  if (norm == nullptr) return std::nullopt;
  const Model& source = fold_case.source;
  const auto site = site_of(source, fold_case.region.graph, norm->outputs[0]);
  return site ? numbers_of(context_at(source, *site, fold_case.options), *norm) : std::nullopt;
}

}  // namespace pleat
