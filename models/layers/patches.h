#pragma once

#include <algorithm>

#include "models/layers/batch.h"
#include "models/layers/window.h"

namespace pleat {

/// What a window sees along one output row, as a matrix [output width * samples, C*kh*kw] (im2col): column
/// (c*kh + u)*kw + v holds the pixels under tap (u, v) of channel c. `image` is a block of a Batch, C*H*W columns.
template <class T>
class RowPatches {
 public:
  RowPatches(const Window2d& window, const Shape& image, const Shape& output, std::int64_t samples)
      : window_(window),
        channels_(image[0]),
        height_(image[1]),
        width_(image[2]),
        output_width_(output[2]),
        samples_(samples),
        matrix_(output_width_ * samples, channels_ * window.kernel_size[0] * window.kernel_size[1]) {}

  Matrix<T>& matrix() { return matrix_; }

  /// Fills the matrix with what lies under output row `row`, zero where the window leaves the image.
  void gather(const T* image, std::int64_t row) {
    for_each_tap(row, [&](T* column, std::int64_t image_row, std::int64_t v) {
      if (image_row < 0) {
        std::fill_n(column, matrix_.rows(), T(0));
        return;
      }
      const Runs runs = runs_of(v);
      std::fill_n(column, runs.begin * samples_, T(0));
      for_each_run(runs, [&](std::int64_t from, std::int64_t to, std::int64_t length) {
        std::copy_n(image + image_row + from, length, column + to);
      });
      std::fill(column + runs.end * samples_, column + matrix_.rows(), T(0));
    });
  }

  /// The transpose of gather: adds the matrix back onto the image.
  void scatter_add(T* image, std::int64_t row) {
    using Run = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
    for_each_tap(row, [&](T* column, std::int64_t image_row, std::int64_t v) {
      if (image_row < 0) return;
      for_each_run(runs_of(v), [&](std::int64_t from, std::int64_t to, std::int64_t length) {
        Run(image + image_row + from, length) += Run(column + to, length);
      });
    });
  }

 private:
  /// Output columns [begin, end) whose pixel lies inside the image, the first of them at image column `first`.
  struct Runs {
    std::int64_t begin;
    std::int64_t end;
    std::int64_t first;
  };

  /// tap(column, offset of the image row or -1 where it lies outside, v) for every (c, u, v).
  template <class Tap>
  void for_each_tap(std::int64_t row, Tap tap) {
    std::int64_t k = 0;
    for (std::int64_t c = 0; c < channels_; ++c) {
      for (std::int64_t u = 0; u < window_.kernel_size[0]; ++u) {
        const std::int64_t h = row * window_.stride[0] + u - window_.padding[0];
        const std::int64_t offset = h < 0 || h >= height_ ? -1 : (c * height_ + h) * width_ * samples_;
        for (std::int64_t v = 0; v < window_.kernel_size[1]; ++v) tap(matrix_.col(k++).data(), offset, v);
      }
    }
  }

  Runs runs_of(std::int64_t v) const {
    const std::int64_t stride = window_.stride[1];
    const std::int64_t shift = v - window_.padding[1];  // image column = output column * stride + shift
    const std::int64_t begin = shift >= 0 ? 0 : std::min(output_width_, (-shift + stride - 1) / stride);
    const std::int64_t inside = width_ > shift ? (width_ - shift + stride - 1) / stride : 0;
    return {begin, std::clamp(inside, begin, output_width_), begin * stride + shift};
  }

  /// run(offset in the image row, offset in the column, length): whole runs at stride 1, else pixel by pixel.
  template <class Run>
  void for_each_run(const Runs& runs, Run run) const {
    const std::int64_t count = runs.end - runs.begin;
    if (window_.stride[1] == 1) {
      run(runs.first * samples_, runs.begin * samples_, count * samples_);
      return;
    }
    for (std::int64_t i = 0; i < count; ++i) {
      run((runs.first + i * window_.stride[1]) * samples_, (runs.begin + i) * samples_, samples_);
    }
  }

  Window2d window_;
  std::int64_t channels_;
  std::int64_t height_;
  std::int64_t width_;
  std::int64_t output_width_;
  std::int64_t samples_;
  Matrix<T> matrix_;
};

}  // namespace pleat
