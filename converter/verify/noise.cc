#include "converter/verify/noise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "converter/verify/linear_node.h"
#include "converter/verify/unit_roundoff.h"
#include "converter/verify/widen.h"

namespace pleat {
namespace {

constexpr int kMostWalked = 64;

template <std::size_t N>
bool is_one_of(const Node& node, const std::array<const char*, N>& names) {
  return std::ranges::any_of(names, [&](const char* name) { return node.is(name); });
}

bool is_normalization(const Node& node) {
  return is_one_of(
      node, std::array{"BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization"});
}

bool is_recurrent(const Node& node) { return is_one_of(node, std::array{"LSTM", "GRU", "RNN"}); }

bool is_arithmetic(const Node& node) { return is_one_of(node, std::array{"Add", "Sub", "Mul", "Div", "Sum", "PRelu"}); }

/// Values pass unchanged, or are chosen from.
bool only_moves(const Node& node) {
  return is_one_of(node, std::array{"Relu",  "MaxPool", "GlobalMaxPool", "Flatten",   "Reshape",      "Identity",
                                    "Clip",  "Squeeze", "Unsqueeze",     "Transpose", "Dropout",      "Concat",
                                    "Slice", "Split",   "Pad",           "Gather",    "DepthToSpace", "SpaceToDepth",
                                    "Max",   "Min",     "Expand",        "Tile"});
}

bool takes_noise(const Node& node) {
  return is_linear(node) || is_normalization(node) || is_recurrent(node) || is_arithmetic(node);
}

/// splitmix64's finalizer: neighbouring numbers give unrelated ones.
std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::uint64_t hashed(std::uint64_t state, const std::string& text) {
  for (const char c : text) state = mixed(state + static_cast<unsigned char>(c) + 0x9e3779b97f4a7c15U);
  return state;
}

/// Nearly normal with mean 0 and variance 1: the sum of four independent uniform numbers.
double nearly_normal(std::uint64_t bits) {
  constexpr double kMean = 2 * 65535.0;
  constexpr double kPerUnit = 1.7320508075688772 / 65536.0;  // four variances of 1/12 make 1/3
  const std::uint64_t sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
  return (static_cast<double>(sum) - kMean) * kPerUnit;
}

}  // namespace

/// The changes of one run.
class Noise::Run {
 public:
  Run(const Noise& noise, int number)
      : noise_(noise), seed_(mixed(noise.seed_ + static_cast<std::uint64_t>(number) * 0x9e3779b97f4a7c15U)) {}

  void operator()(const Node& node, std::size_t input, Tensor& constant) {
    if (constant.dtype() != DType::kDouble || !takes_noise(node) || node.outputs.empty()) return;
    const auto terms = noise_terms(node, input, constant.shape());
    if (!terms) return;
    const double rms = relative_rms(stored_type(node.inputs[input]), static_cast<double>(*terms));
    auto noisy = Tensor::allocate(DType::kDouble, constant.shape());
    if (!noisy) return;
    std::uint64_t state = hashed(seed_ + input, node.outputs[0]);
    const auto from = constant.data<double>();
    auto to = noisy->mutable_data<double>();
    for (std::size_t i = 0; i < to.size(); ++i)
      to[i] = from[i] * (1 + rms * nearly_normal(mixed(state += 0x9e3779b97f4a7c15U)));
    constant = std::move(*noisy);
  }

 private:
  /// K where the constant's errors stand for those of a sum of K products, 0 for one or two roundings; nothing for
  /// constants that take no part in arithmetic.
  std::optional<std::int64_t> noise_terms(const Node& node, std::size_t input, const Shape& shape) {
    if (is_linear(node)) {
      const auto products = products_per_output(node, input, shape);
      if (products) products_[node.outputs[0]] = *products;
      return products ? products : std::optional<std::int64_t>(0);
    }
    if (is_recurrent(node)) return shape.rank() == 3 ? shape[2] : 0;
    if (is_normalization(node)) return input == 3 || input == 1 ? products_before(node.inputs[0]) : 0;
    const std::size_t other = input == 0 ? 1 : 0;
    return other < node.inputs.size() ? products_before(node.inputs[other]) : 0;
  }

  /// K of the linear layer that `value` comes from, through nodes that only move values or add constants.
  std::int64_t products_before(std::string value) const {
    for (int walked = 0; walked < kMostWalked; ++walked) {
      if (const auto known = products_.find(value); known != products_.end()) return known->second;
      const auto producer = noise_.uses_.producer(value);
      if (!producer) return 0;
      const Node& node = noise_.model_.graph.nodes[*producer];
      if (node.inputs.empty() || !(only_moves(node) || is_arithmetic(node) || is_normalization(node))) return 0;
      value = node.inputs[0];
    }
    return 0;
  }

  DType stored_type(const std::string& name) const {
    const Tensor* stored = stored_constant(noise_.model_.graph, name);
    return stored != nullptr && is_floating(stored->dtype()) ? stored->dtype() : DType::kFloat;
  }

  static double relative_rms(DType stored, double terms) {
    const double own = unit_roundoff(computed_as(stored, Arithmetic::kOwn));
    const double storage = computed_as(stored, Arithmetic::kOwn) == stored ? 0 : unit_roundoff(stored);
    return std::sqrt((own * own * (terms / 2 + 2) + storage * storage) / 3);
  }

  const Noise& noise_;
  std::uint64_t seed_;
  std::map<std::string, std::int64_t> products_;  ///< of the linear layers met so far, by their output
};

Noise::Noise(const Model& model, std::uint64_t seed) : model_(model), uses_(model.graph), seed_(seed) {}

Result<std::map<std::string, std::vector<double>>> Noise::mean_squares(const Evaluator& in_double,
                                                                       const NamedTensors& inputs,
                                                                       const std::set<std::string>& wanted,
                                                                       const NamedTensors& unperturbed,
                                                                       int runs) const {
  std::map<std::string, std::vector<double>> squares;
  for (int number = 0; number < runs; ++number) {
    PLEAT_ASSIGN(const NamedTensors noisy, in_double.run(inputs, wanted, {}, Run(*this, number)));
    for (const auto& [name, tensor] : noisy) {
      const Tensor& still = unperturbed.at(name);
      if (tensor.dtype() != DType::kDouble || still.dtype() != DType::kDouble || tensor.shape() != still.shape())
        continue;
      const auto moved = tensor.data<double>(), from = still.data<double>();
      std::vector<double>& sum = squares[name];
      sum.resize(moved.size());
      for (std::size_t i = 0; i < moved.size(); ++i) {
        const double distance = moved[i] - from[i];
        sum[i] += std::isfinite(distance) ? distance * distance / runs : 0;
      }
    }
  }
  return squares;
}

int Noise::roundings_behind(const std::string& value) const {
  int roundings = 1;
  std::string at = value;
  for (int walked = 0; walked < kMostWalked; ++walked) {
    const auto producer = uses_.producer(at);
    if (!producer) break;
    const Node& node = model_.graph.nodes[*producer];
    const bool noisy = takes_noise(node) && std::ranges::any_of(node.inputs, [&](const std::string& input) {
                         return stored_constant(model_.graph, input) != nullptr;
                       });
    if (noisy || node.inputs.empty()) break;
    if (!only_moves(node)) roundings += 4;
    at = node.inputs[0];
  }
  return roundings;
}

}  // namespace pleat
