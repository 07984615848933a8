#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/tensor/shape.h"

namespace pleat {

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;  // column-major

/// The activations of one minibatch, samples innermost: block b is a column-major matrix [samples, features] of up to
/// kBlockSamples samples, so a feature is a run of neighbouring samples, and an image row is a run of pixels.
/// Feature (c, h, w) is column (c*H + h)*W + w. The blocks never depend on the thread count; sums over a minibatch go
/// block by block, in order, which makes every result independent of it too.
template <class T>
class Batch {
 public:
  static constexpr std::int64_t kBlockSamples = 32;

  using Block = Eigen::Map<Matrix<T>>;
  using ConstBlock = Eigen::Map<const Matrix<T>>;

  Batch() = default;
  Batch(std::int64_t samples, Shape sample_shape) { resize(samples, std::move(sample_shape)); }

  /// Gives room for `samples` of `sample_shape` ([C,H,W] or [C]); the values are then unspecified.
  void resize(std::int64_t samples, Shape sample_shape) {
    samples_ = samples;
    sample_shape_ = std::move(sample_shape);
    features_ = sample_shape_.elements();
    if (storage_.size() < samples_ * features_) storage_.resize(samples_ * features_);
  }

  std::int64_t samples() const { return samples_; }
  std::int64_t features() const { return features_; }
  std::int64_t blocks() const { return (samples_ + kBlockSamples - 1) / kBlockSamples; }
  const Shape& sample_shape() const { return sample_shape_; }

  std::int64_t block_samples(std::int64_t b) const { return std::min(kBlockSamples, samples_ - b * kBlockSamples); }
  T* block_data(std::int64_t b) { return storage_.data() + b * kBlockSamples * features_; }
  const T* block_data(std::int64_t b) const { return storage_.data() + b * kBlockSamples * features_; }
  Block block(std::int64_t b) { return {block_data(b), block_samples(b), features_}; }
  ConstBlock block(std::int64_t b) const { return {block_data(b), block_samples(b), features_}; }

  T& at(std::int64_t sample, std::int64_t feature) { return block_data(0)[offset(sample, feature)]; }
  T at(std::int64_t sample, std::int64_t feature) const { return block_data(0)[offset(sample, feature)]; }

 private:
  std::int64_t offset(std::int64_t sample, std::int64_t feature) const {
    const std::int64_t b = sample / kBlockSamples;
    return b * kBlockSamples * features_ + feature * block_samples(b) + sample % kBlockSamples;
  }

  std::int64_t samples_ = 0;
  std::int64_t features_ = 0;
  Shape sample_shape_;
  Eigen::Array<T, Eigen::Dynamic, 1> storage_;
};

}  // namespace pleat
