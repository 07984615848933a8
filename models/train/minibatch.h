#pragma once

#include <span>

#include "models/data/dataset.h"
#include "models/zoo/network.h"

namespace pleat {

/// Turns bytes into the input a network was made for, (pixel - mean) / std, one division each.
class PixelScale {
 public:
  explicit PixelScale(const ModelCard& card);
  float operator()(std::uint8_t pixel) const { return values_[pixel]; }

 private:
  float values_[256];
};

/// Refuses images that do not fit the network: another size, no images, a label without an output.
Status check_images(const LabelledImages& images, const Network<float>& network);

/// Gathers the images and labels at `indices` into x [indices.size(), 1, rows, cols] and `labels`.
void gather_minibatch(const LabelledImages& images, std::span<const std::uint32_t> indices, const PixelScale& scale,
                      Batch<float>& x, std::vector<std::uint8_t>& labels, ThreadPool& pool);

}  // namespace pleat
