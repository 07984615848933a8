#include "converter/fold/affine.h"

#include <cmath>

#include "runtime/base/check.h"

namespace pleat {
namespace {

constexpr double kSmallestNormalFloat = 0x1p-126;

bool is_zero(DoubleDouble value) { return value.hi == 0 && value.lo == 0; }

Result<FoldedTensor> round_once(std::span<const DoubleDouble> exact, Shape shape, const StorageOptions& storage) {
  std::vector<double> values(exact.size());
  const bool narrower = storage.dtype != DType::kDouble;
  for (std::size_t i = 0; i < exact.size(); ++i) values[i] = narrower ? round_to_odd(exact[i]) : exact[i].hi;
  FoldedTensor folded;
  PLEAT_ASSIGN(folded.tensor, from_doubles(storage.dtype, std::move(shape), values));
  PLEAT_ASSIGN(const std::vector<double> stored, to_doubles(folded.tensor));
  for (const double value : stored) folded.not_finite += std::isfinite(value) ? 0 : 1;
  if (storage.dtype == DType::kFloat && storage.flush_subnormals) {
    auto out = folded.tensor.mutable_data<float>();
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!(std::fabs(static_cast<double>(out[i])) < kSmallestNormalFloat) || is_zero(exact[i])) continue;
      out[i] = 0.0F;
      ++folded.flushed;
    }
  }
  return folded;
}

}  // namespace

Affine affine_of(const BatchNormParameters& parameters) {
  Affine affine;
  const std::size_t channels = parameters.gamma.size();
  affine.scale.resize(channels);
  affine.shift.resize(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const DoubleDouble deviation = sqrt(two_sum(parameters.variance[c], parameters.epsilon));
    affine.scale[c] = DoubleDouble(parameters.gamma[c]) / deviation;
    affine.shift[c] = DoubleDouble(parameters.beta[c]) - DoubleDouble(parameters.mean[c]) * affine.scale[c];
  }
  return affine;
}

Affine compose(const Affine& first, const Affine& second) {
  PLEAT_CHECK(first.channels() == second.channels());
  Affine both;
  both.scale.resize(first.channels());
  both.shift.resize(first.channels());
  for (std::size_t c = 0; c < first.channels(); ++c) {
    both.scale[c] = second.scale[c] * first.scale[c];
    both.shift[c] = second.scale[c] * first.shift[c] + second.shift[c];
  }
  return both;
}

Result<FoldedTensor> fold_weight(const Tensor& weight, int axis, const Affine& affine, const StorageOptions& storage) {
  const Shape& shape = weight.shape();
  PLEAT_CHECK(axis >= 0 && axis < shape.rank());
  PLEAT_CHECK(shape[axis] == static_cast<std::int64_t>(affine.channels()));
  PLEAT_ASSIGN(const std::vector<double> values, to_doubles(weight));
  const auto inner = static_cast<std::size_t>(shape.elements(axis + 1, shape.rank()));
  std::vector<DoubleDouble> scaled(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    scaled[i] = affine.scale[i / inner % affine.channels()] * DoubleDouble(values[i]);
  }
  return round_once(scaled, shape, storage);
}

Result<FoldedTensor> fold_bias(std::span<const DoubleDouble> bias, Shape shape, const Affine& affine,
                               const StorageOptions& storage) {
  PLEAT_CHECK(shape.elements() == static_cast<std::int64_t>(bias.size()));
  std::vector<DoubleDouble> moved(bias.size());
  for (std::size_t i = 0; i < bias.size(); ++i) {
    const std::size_t c = i % affine.channels();
    moved[i] = affine.scale[c] * bias[i] + affine.shift[c];
  }
  return round_once(moved, std::move(shape), storage);
}

}  // namespace pleat
