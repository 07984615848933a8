#include "converter/fold/affine.h"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.h"
#include "runtime/tensor/half.h"

namespace pleat {
namespace {

constexpr double kSmallestNormalFloat = 0x1p-126;

/// Writes element i, rounded once, and returns what is now stored.
double store(Tensor& tensor, std::size_t i, double value) {
  void* data = tensor.mutable_bytes();
  switch (tensor.dtype()) {
    case DType::kFloat: return static_cast<float*>(data)[i] = static_cast<float>(value);
    case DType::kDouble: return static_cast<double*>(data)[i] = value;
    case DType::kFloat16: return half_to_double(static_cast<std::uint16_t*>(data)[i] = double_to_half(value));
    case DType::kBfloat16: return bfloat16_to_double(static_cast<std::uint16_t*>(data)[i] = double_to_bfloat16(value));
    default: PLEAT_CHECK(false); return 0;
  }
}

}  // namespace

Affine affine_of(const BatchNormParameters& parameters) {
  const std::vector<DoubleDouble> gamma(parameters.gamma.begin(), parameters.gamma.end());
  const std::vector<DoubleDouble> beta(parameters.beta.begin(), parameters.beta.end());
  return affine_of(parameters, gamma, beta);
}

Affine affine_of(const BatchNormParameters& parameters, std::span<const DoubleDouble> gamma,
                 std::span<const DoubleDouble> beta) {
  Affine affine;
  for (std::size_t c = 0; c < gamma.size(); ++c) {
    const DoubleDouble deviation = sqrt(two_sum(parameters.variance[c], parameters.epsilon));
    const DoubleDouble scale = gamma[c] / deviation;
    affine.scale.push_back(scale);
    affine.shift.push_back(beta[c] - DoubleDouble(parameters.mean[c]) * scale);
    affine.shift_terms.push_back(std::fabs(beta[c].hi) + std::fabs(parameters.mean[c] * scale.hi));
  }
  return affine;
}

Result<FoldedTensor> round_once(const ExactConstant& constant, bool flush_subnormals) {
  const auto count = static_cast<std::size_t>(constant.shape.elements());
  const bool narrower = constant.dtype != DType::kDouble;
  const bool flushes = constant.dtype == DType::kFloat && flush_subnormals;
  FoldedTensor folded;
  PLEAT_ASSIGN(folded.tensor, Tensor::allocate(constant.dtype, constant.shape));
  for (std::size_t i = 0; i < count; ++i) {
    const DoubleDouble exact = constant.value(i);
    double stored = store(folded.tensor, i, narrower ? round_to_odd(exact) : exact.hi);
    folded.largest = std::max(folded.largest, std::fabs(exact.hi));
    if (!std::isfinite(stored)) ++folded.not_finite;
    if (flushes && std::fabs(stored) < kSmallestNormalFloat && exact.hi != 0) {
      store(folded.tensor, i, 0.0);
      ++folded.flushed;
    }
  }
  return folded;
}

}  // namespace pleat
