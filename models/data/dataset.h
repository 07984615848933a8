#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace pleat {

/// Grey images of one size with a class number each. Image i is pixels[i*rows*cols, (i+1)*rows*cols), row by row.
struct LabelledImages {
  int rows = 0;
  int cols = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;

  std::size_t count() const { return labels.size(); }
  std::size_t image_size() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols); }
  std::span<const std::uint8_t> image(std::size_t index) const {
    return std::span(pixels).subspan(index * image_size(), image_size());
  }
  /// One more than the largest label.
  int classes() const;
};

struct Dataset {
  LabelledImages train;
  LabelledImages test;
};

enum class Split { kTrain, kTest };

/// Where Debian's package dataset-fashion-mnist puts Fashion-MNIST.
inline constexpr const char* kFashionMnistFolder = "/usr/share/datasets/fashion-mnist";

/// Reads an image file (IDX, rank 3) and its label file (IDX, rank 1), each plain or gzip; counts must agree.
Result<LabelledImages> read_labelled_images(const std::string& images_path, const std::string& labels_path);

/// One half of a data set under MNIST's file names: {train,t10k}-images-idx3-ubyte and -labels-idx1-ubyte, also
/// written with a dot (train-images.idx3-ubyte), each also with .gz; where several exist, in this order of preference.
Result<LabelledImages> read_split(const std::string& folder, Split split);

/// Both halves; their images must have one size.
Result<Dataset> read_dataset(const std::string& folder);

}  // namespace pleat
