#include "models/train/minibatch.h"

#include <fmt/format.h>

#include <algorithm>

namespace pleat {

PixelScale::PixelScale(const ModelCard& card) {
  for (int p = 0; p < 256; ++p) {
    values_[p] = (static_cast<float>(p) - static_cast<float>(card.mean[0])) / static_cast<float>(card.std[0]);
  }
}

Status check_images(const LabelledImages& images, const Network<float>& network) {
  const Shape shape{1, images.rows, images.cols};
  if (images.count() == 0) return fail(Error::invalid("no images"));
  if (shape != network.layers.input_shape()) {
    return fail(Error::invalid("the images do not fit the network")
                    .expect(network.layers.input_shape().text())
                    .saw(shape.text()));
  }
  if (images.pixels.size() != images.count() * images.image_size()) {
    return fail(Error::invalid("the number of pixels and of labels disagree"));
  }
  const Shape& output = network.layers.output_shape();
  const int largest = *std::max_element(images.labels.begin(), images.labels.end());
  if (output.rank() != 1 || largest >= output[0]) {
    return fail(Error::invalid("a label has no output of its own in the network")
                    .expect(fmt::format("labels below {}", output.elements()))
                    .saw(fmt::format("{}", largest)));
  }
  return {};
}

void gather_minibatch(const LabelledImages& images, std::span<const std::uint32_t> indices, const PixelScale& scale,
                      Batch<float>& x, std::vector<std::uint8_t>& labels, ThreadPool& pool) {
  x.resize(static_cast<std::int64_t>(indices.size()), Shape{1, images.rows, images.cols});
  labels.resize(indices.size());
  for (std::size_t i = 0; i < indices.size(); ++i) labels[i] = images.labels[indices[i]];
  for_each_block(x, pool, [&](std::int64_t b) {
    const std::uint8_t* rows[Batch<float>::kBlockSamples];
    const std::int64_t samples = x.block_samples(b);
    for (std::int64_t n = 0; n < samples; ++n) {
      rows[n] = images.image(indices[static_cast<std::size_t>(b * Batch<float>::kBlockSamples + n)]).data();
    }
    float* out = x.block_data(b);
    for (std::int64_t p = 0; p < x.features(); ++p) {
      for (std::int64_t n = 0; n < samples; ++n) *out++ = scale(rows[n][p]);
    }
  });
}

}  // namespace pleat
