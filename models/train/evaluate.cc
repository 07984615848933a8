#include "models/train/evaluate.h"

#include <numeric>

#include "models/layers/softmax_cross_entropy.h"
#include "models/train/minibatch.h"

namespace pleat {

Result<Evaluation> evaluate(Network<float>& network, const LabelledImages& images, ThreadPool& pool) {
  PLEAT_TRY(check_images(images, network));
  constexpr std::size_t kImagesAtOnce = 512;
  std::vector<std::uint32_t> order(images.count());
  std::iota(order.begin(), order.end(), 0u);
  const PixelScale scale(network.card);
  Batch<float> x;
  std::vector<std::uint8_t> labels;
  double loss = 0;
  std::int64_t correct = 0;
  for (std::size_t first = 0; first < order.size(); first += kImagesAtOnce) {
    const auto indices = std::span(order).subspan(first, std::min(kImagesAtOnce, order.size() - first));
    gather_minibatch(images, indices, scale, x, labels, pool);
    PLEAT_ASSIGN(const Batch<float>* logits, network.layers.forward(x, Mode::kEvaluation, pool));
    const LossReport report = softmax_cross_entropy<float>(*logits, labels, nullptr, pool);
    loss += report.loss * static_cast<double>(indices.size());
    correct += report.correct;
  }
  const auto count = static_cast<double>(order.size());
  return Evaluation{loss / count, static_cast<double>(correct) / count};
}

}  // namespace pleat
