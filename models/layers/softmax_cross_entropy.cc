#include "models/layers/softmax_cross_entropy.h"

#include <cmath>
#include <vector>

#include "models/layers/layer.h"

namespace pleat {

template <class T>
LossReport softmax_cross_entropy(const Batch<T>& logits, std::span<const std::uint8_t> labels, Batch<T>* dlogits,
                                 ThreadPool& pool) {
  using Column = Eigen::Array<T, Eigen::Dynamic, 1>;
  std::vector<LossReport> parts(static_cast<std::size_t>(logits.blocks()));
  if (dlogits) dlogits->resize(logits.samples(), logits.sample_shape());
  for_each_block(logits, pool, [&](std::int64_t b) {
    const auto z = logits.block(b).array();
    const Column largest = z.rowwise().maxCoeff();
    const Matrix<T> exps = (z.colwise() - largest).exp();
    const Column sums = exps.array().rowwise().sum();
    LossReport& part = parts[static_cast<std::size_t>(b)];
    const auto block_labels = labels.subspan(static_cast<std::size_t>(b * Batch<T>::kBlockSamples));
    for (Eigen::Index n = 0; n < z.rows(); ++n) {
      const Eigen::Index label = block_labels[static_cast<std::size_t>(n)];
      part.loss += std::log(static_cast<double>(sums(n))) - static_cast<double>(z(n, label) - largest(n));
      Eigen::Index guess = 0;
      z.row(n).maxCoeff(&guess);
      part.correct += guess == label;
    }
    if (!dlogits) return;
    const T share = T(1) / static_cast<T>(logits.samples());
    auto dz = dlogits->block(b).array();
    dz = exps.array().colwise() * (share / sums);
    for (Eigen::Index n = 0; n < z.rows(); ++n) dz(n, block_labels[static_cast<std::size_t>(n)]) -= share;
  });
  LossReport all;
  for (const LossReport& part : parts) {
    all.loss += part.loss;
    all.correct += part.correct;
  }
  all.loss /= static_cast<double>(logits.samples());
  return all;
}

template LossReport softmax_cross_entropy<float>(const Batch<float>&, std::span<const std::uint8_t>, Batch<float>*,
                                                 ThreadPool&);
template LossReport softmax_cross_entropy<double>(const Batch<double>&, std::span<const std::uint8_t>, Batch<double>*,
                                                  ThreadPool&);

}  // namespace pleat
