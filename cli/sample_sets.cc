#include "cli/sample_sets.h"

#include <algorithm>

#include "cli/named_tensors.h"
#include "models/data/dataset.h"
#include "runtime/image/decode.h"
#include "runtime/image/preprocess.h"

namespace pleat::cli {
namespace {

/// The images one below the other as [N,C,H,W], prepared as the model says.
class Stack {
 public:
  Status add(const Image& image, const ImageInput& input) {
    PLEAT_ASSIGN(const Tensor tensor, to_input(image, input));
    const auto values = tensor.data<float>();
    values_.insert(values_.end(), values.begin(), values.end());
    return {};
  }
  Tensor tensor(const ImageInput& input) const {
    const std::int64_t size = std::int64_t{input.channels()} * input.height * input.width;
    return Tensor::of({static_cast<std::int64_t>(values_.size()) / size, input.channels(), input.height, input.width},
                      values_);
  }

 private:
  std::vector<float> values_;
};

Result<SampleSet> from_dataset(const Model& model, const SampleChoice& choice) {
  PLEAT_ASSIGN(const LabelledImages images, read_split(choice.dataset, Split::kTest));
  PLEAT_ASSIGN(ImageInput input, image_input_of(model));
  input.invert = Invert::kNever;
  const std::size_t count = choice.limit > 0 ? std::min<std::size_t>(images.count(), choice.limit) : images.count();
  Stack stack;
  for (std::size_t i = 0; i < count; ++i) {
    const auto pixels = images.image(i);
    PLEAT_TRY(stack.add({images.rows, images.cols, 1, {pixels.begin(), pixels.end()}}, input));
  }
  return sample_set(model, choice.dataset, stack.tensor(input));
}

Result<SampleSet> from_pictures(const Model& model, const std::vector<std::string>& paths) {
  PLEAT_ASSIGN(const ImageInput input, image_input_of(model));
  Stack stack;
  for (const std::string& path : paths) {
    PLEAT_ASSIGN(const Image image, read_image(path));
    PLEAT_TRY(stack.add(image, input));
  }
  return sample_set(model, "pictures", stack.tensor(input));
}

Result<SampleSet> from_tensors(const std::vector<std::string>& arguments) {
  PLEAT_ASSIGN(auto tensors, read_named_tensors(arguments));
  return SampleSet{"given tensors", 0, 1, 1, [tensors](std::int64_t) -> Result<NamedTensors> { return tensors; }};
}

}  // namespace

void add_samples(CLI::App& verb, SampleChoice& choice) {
  verb.add_option("--dataset", choice.dataset, "Prove on the test images in this folder of IDX files")
      ->group("Samples (generated ones where none are named)");
  verb.add_option("--limit", choice.limit, "Use only so many of them")->check(CLI::NonNegativeNumber);
  verb.add_option("--image", choice.images, "Prove on these pictures");
  verb.add_option("--input", choice.inputs, "Prove on tensors: name=FILE.npy or .pb");
  verb.add_option("--seed", choice.seed, "Of the generated samples")->capture_default_str();
}

VerifyOptions shown_on(Progress& progress, int threads) {
  return {threads, [&progress](std::int64_t done, std::int64_t of) { progress.show(done, of); }};
}

Result<std::vector<SampleSet>> choose_samples(const Model& model, const SampleChoice& choice) {
  std::vector<SampleSet> sets;
  const auto add = [&](Result<SampleSet> set) -> Status {
    if (!set) return fail(std::move(set).error());
    sets.push_back(std::move(*set));
    return {};
  };
  if (!choice.dataset.empty()) PLEAT_TRY(add(from_dataset(model, choice)));
  if (!choice.images.empty()) PLEAT_TRY(add(from_pictures(model, choice.images)));
  if (!choice.inputs.empty()) PLEAT_TRY(add(from_tensors(choice.inputs)));
  if (!sets.empty()) return sets;
  GeneratedSamples generated;
  generated.seed = choice.seed;
  return generated_samples(model, generated);
}

}  // namespace pleat::cli
