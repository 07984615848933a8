#include "models/layers/sequential.h"

#include <fmt/format.h>

namespace pleat {
namespace {

std::string name_of(std::size_t index, std::string_view type) { return fmt::format("layer {} ({})", index, type); }

}  // namespace

template <class T>
Result<Sequential<T>> Sequential<T>::create(Shape input_shape, std::vector<std::unique_ptr<Layer<T>>> layers) {
  if (layers.empty()) return fail(Error::invalid("a network needs at least one layer"));
  Sequential network;
  network.shapes_.push_back(std::move(input_shape));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    auto output = layers[i]->output_shape(network.shapes_.back());
    if (!output) return fail(std::move(output).error().at(name_of(i, layers[i]->type())));
    network.shapes_.push_back(std::move(*output));
  }
  network.layers_ = std::move(layers);
  network.outputs_.resize(network.layers_.size());
  return network;
}

template <class T>
void Sequential<T>::initialize(Random& random) {
  for (auto& layer : layers_) layer->initialize(random);
}

template <class T>
Status Sequential<T>::check(std::int64_t samples, Mode mode) const {
  if (samples < 1) return fail(Error::usage("an empty minibatch"));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    auto status = layers_[i]->check(shapes_[i], samples, mode);
    if (!status) return fail(std::move(status).error().at(name_of(i, layers_[i]->type())));
  }
  return {};
}

template <class T>
Result<const Batch<T>*> Sequential<T>::forward(const Batch<T>& x, Mode mode, ThreadPool& pool) {
  if (x.sample_shape() != input_shape()) {
    return fail(Error::usage("wrong shape of a sample").expect(input_shape().text()).saw(x.sample_shape().text()));
  }
  PLEAT_TRY(check(x.samples(), mode));
  input_ = &x;
  const Batch<T>* at = &x;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    outputs_[i].resize(x.samples(), shapes_[i + 1]);
    layers_[i]->forward(*at, outputs_[i], mode, pool);
    at = &outputs_[i];
  }
  return at;
}

template <class T>
void Sequential<T>::backward(const Batch<T>& doutput, ThreadPool& pool, Batch<T>* dx) {
  PLEAT_CHECK(input_ && doutput.samples() == input_->samples() && doutput.sample_shape() == output_shape());
  const Batch<T>* dy = &doutput;
  for (std::size_t i = layers_.size(); i-- > 0;) {
    Batch<T>* target = i > 0 ? &gradients_[i % 2] : dx;
    if (target) target->resize(input_->samples(), shapes_[i]);
    layers_[i]->backward(i > 0 ? outputs_[i - 1] : *input_, outputs_[i], *dy, target, pool);
    dy = target;
  }
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace pleat
