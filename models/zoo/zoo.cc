#include "models/zoo/zoo.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/zoo/models.h"

namespace pleat {
namespace {

template <class T>
struct Entry {
  std::string_view name;
  Layers<T> (*make)(std::int64_t classes, const BatchNormOptions& options);
};

template <class T>
constexpr Entry<T> kZoo[] = {{"lenet_bn", lenet_bn<T>}, {"mlp_bn", mlp_bn<T>}};

}  // namespace

const std::vector<std::string>& fashion_mnist_labels() {
  static const std::vector<std::string> labels = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                                  "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  return labels;
}

const std::vector<std::string_view>& model_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const auto& entry : kZoo<float>) all.push_back(entry.name);
    return all;
  }();
  return names;
}

template <class T>
Result<Network<T>> make_model(std::string_view name, const ModelOptions& options) {
  if (options.labels.empty()) return fail(Error::usage("a classifier needs at least one label"));
  for (const Entry<T>& entry : kZoo<T>) {
    if (entry.name != name) continue;
    ModelCard card{.name = std::string(name), .input_shape = {1, 28, 28}, .labels = options.labels};
    auto layers = entry.make(static_cast<std::int64_t>(options.labels.size()), options.batch_norm);
    PLEAT_ASSIGN(auto sequential, Sequential<T>::create(card.input_shape, std::move(layers)));
    Random random(options.seed);
    sequential.initialize(random);
    return Network<T>{std::move(card), std::move(sequential)};
  }
  return fail(Error::usage(fmt::format("no model '{}' in the zoo", name))
                  .expect(fmt::format("one of: {}", fmt::join(model_names(), ", "))));
}

template Result<Network<float>> make_model<float>(std::string_view, const ModelOptions&);
template Result<Network<double>> make_model<double>(std::string_view, const ModelOptions&);

}  // namespace pleat
