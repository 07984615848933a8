#include "cli/sample_sets.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "cli/named_tensors.h"
#include "cli/test_folder.h"
#include "models/data/dataset.h"
#include "runtime/image/decode.h"
#include "runtime/image/preprocess.h"
#include "runtime/image/top_k.h"

namespace pleat::cli {
namespace {

namespace fs = std::filesystem;

/// Values that one batch of pictures may hold where the model leaves its size open.
constexpr std::int64_t kBatchValues = 1 << 20;
constexpr std::int64_t kMostPictures = 250;

/// Picture `i` as it was read.
using ReadPicture = std::function<Result<Image>(std::int64_t i)>;

/// Pictures made ready as the model says, batch by batch when they are wanted: a data set need not fit into memory.
Result<SampleSet> picture_set(const Model& model, std::string name, std::int64_t count, ImageInput input,
                              ReadPicture read) {
  const auto inputs = open_inputs(model);
  if (inputs.size() != 1) return fail(Error::usage("pictures need a model with one input"));
  const auto& shape = inputs[0]->type.shape;
  const bool fixed = shape && !shape->empty() && shape->front().known();
  const std::int64_t size = std::int64_t{input.channels()} * input.height * input.width;
  const std::int64_t batch =
      fixed
          ? shape->front().value
          : std::min(count, std::clamp<std::int64_t>(kBatchValues / std::max<std::int64_t>(1, size), 1, kMostPictures));
  if (batch <= 0 || count < batch)
    return fail(Error::usage("there are too few pictures for one batch")
                    .expect(std::to_string(batch))
                    .saw(std::to_string(count)));
  SampleSet set;
  set.name = std::move(name);
  set.batches = fixed ? count / batch : (count + batch - 1) / batch;
  set.samples = std::min(count, set.batches * batch);
  PLEAT_ASSIGN(set.class_names, labels_of(model));
  set.batch = [=, samples = set.samples, value = inputs[0]->name](std::int64_t b) -> Result<NamedTensors> {
    const std::int64_t first = b * batch, rows = std::min(batch, samples - first);
    std::vector<float> values;
    for (std::int64_t i = first; i < first + rows; ++i) {
      PLEAT_ASSIGN(const Image image, read(i));
      PLEAT_ASSIGN(const Tensor tensor, to_input(image, input));
      values.insert(values.end(), tensor.data<float>().begin(), tensor.data<float>().end());
    }
    return NamedTensors{{value, Tensor::of({rows, input.channels(), input.height, input.width}, values)}};
  };
  return set;
}

/// A certificate names its samples, not the folders of a machine.
std::string last_part(const std::string& path) {
  const fs::path whole(path);
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

Result<SampleSet> from_dataset(const Model& model, const SampleChoice& choice) {
  PLEAT_ASSIGN(LabelledImages read, read_split(choice.dataset, Split::kTest));
  const auto images = std::make_shared<const LabelledImages>(std::move(read));
  PLEAT_ASSIGN(ImageInput input, image_input_of(model));
  input.invert = Invert::kNever;
  const std::size_t count = choice.limit > 0 ? std::min<std::size_t>(images->count(), choice.limit) : images->count();
  const auto picture = [images](std::int64_t i) -> Result<Image> {
    const auto pixels = images->image(static_cast<std::size_t>(i));
    return Image{images->rows, images->cols, 1, {pixels.begin(), pixels.end()}};
  };
  PLEAT_ASSIGN(SampleSet set,
               picture_set(model, last_part(choice.dataset), static_cast<std::int64_t>(count), input, picture));
  set.labels.assign(images->labels.begin(), images->labels.begin() + set.samples);
  return set;
}

Result<SampleSet> from_pictures(const Model& model, const std::vector<std::string>& paths) {
  PLEAT_ASSIGN(const ImageInput input, image_input_of(model));
  const auto picture = [paths](std::int64_t i) { return read_image(paths[static_cast<std::size_t>(i)]); };
  return picture_set(model, "pictures", static_cast<std::int64_t>(paths.size()), input, picture);
}

Result<SampleSet> from_tensors(const std::vector<std::string>& arguments) {
  PLEAT_ASSIGN(auto tensors, read_named_tensors(arguments));
  return SampleSet{"given tensors", 0, 1, 1, [tensors](std::int64_t) -> Result<NamedTensors> { return tensors; }};
}

Result<SampleSet> from_test_data(const Model& model, const fs::path& folder) {
  PLEAT_ASSIGN(auto inputs, stored_inputs(model, folder));
  const std::string shown =
      folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
  SampleSet set{shown, 0, 1, 1, [inputs](std::int64_t) -> Result<NamedTensors> { return inputs; }};
  for (std::size_t i = 0; i < model.graph.outputs.size(); ++i) {
    if (!fs::exists(folder / ("output_" + std::to_string(i) + ".pb"))) continue;
    PLEAT_ASSIGN(set.stored[model.graph.outputs[i].name],
                 stored_tensor(folder, "output", i, model.graph.outputs[i].type.dtype));
  }
  PLEAT_ASSIGN(const Tolerance tolerance, tolerance_of(folder / "..", {}));
  set.stored_rtol = tolerance.rtol;
  set.stored_atol = tolerance.atol;
  return set;
}

Status add_test_data(const Model& model, const std::string& folder, std::vector<SampleSet>& sets) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(
        Error::usage("not a folder").at("--test-data " + folder).expect("one with test_data_set_N or input_0.pb"));
  auto found = data_sets(folder);
  if (found.empty() && fs::exists(fs::path(folder) / "input_0.pb")) found.emplace_back(folder);
  if (found.empty())
    return fail(Error::usage("no test data").at("--test-data " + folder).expect("test_data_set_N or input_0.pb"));
  for (const fs::path& path : found) {
    auto set = from_test_data(model, path);
    if (!set) return fail(std::move(set).error().at(path.string()));
    sets.push_back(std::move(*set));
  }
  return {};
}

/// "x=1x3x32x32"
Result<std::pair<std::string, Shape>> parse_shape(const std::string& argument) {
  const auto wrong = [&] {
    return fail(
        Error::usage("a shape is given as name=sizes").at("--shape").saw(argument).fix("for example x=1x3x32x32"));
  };
  const auto equals = argument.rfind('=');
  if (equals == std::string::npos || equals == 0) return wrong();
  std::vector<std::int64_t> dims;
  const char* at = argument.data() + equals + 1;
  const char* end = argument.data() + argument.size();
  while (at < end) {
    std::int64_t size = 0;
    const auto [stop, error] = std::from_chars(at, end, size);
    if (error != std::errc{} || size < 0 || (stop != end && *stop != 'x') || stop + 1 == end) return wrong();
    dims.push_back(size);
    at = stop == end ? end : stop + 1;
  }
  return std::pair{argument.substr(0, equals), Shape(std::move(dims))};
}

Status add_generated(const Model& model, const SampleChoice& choice, int threads, std::vector<SampleSet>& sets) {
  GeneratedSamples options;
  options.seed = choice.seed;
  options.samples = std::max<std::int64_t>(0, choice.generated);
  options.threads = threads;
  for (const std::string& argument : choice.shapes) {
    PLEAT_ASSIGN(auto shape, parse_shape(argument));
    if (model.graph.input(shape.first) == nullptr)
      return fail(Error::usage("the model has no such input").at("--shape").saw(shape.first));
    options.shapes.insert(std::move(shape));
  }
  auto made = generated_samples(model, options);
  if (!made && made.error().code == ErrorCode::kUnsupported && choice.generated < 0) return {};
  if (!made) return fail(std::move(made).error());
  std::move(made->begin(), made->end(), std::back_inserter(sets));
  return {};
}

}  // namespace

void add_samples(CLI::App& verb, SampleChoice& choice) {
  verb.add_option("--dataset", choice.dataset,
                  "The test images in this folder of IDX files; with their labels, both models' confusions are counted")
      ->group("Samples (generated ones where none are named)");
  const auto add = [&](CLI::Option* option) { option->group("Samples (generated ones where none are named)"); };
  add(verb.add_option("--limit", choice.limit, "Use only so many of them")->check(CLI::NonNegativeNumber));
  add(verb.add_option("--image", choice.images, "Pictures, prepared as the model says"));
  add(verb.add_option("--input", choice.inputs, "Tensors: name=FILE.npy or .pb, one for each input"));
  add(verb.add_option("--test-data", choice.test_data,
                      "An ONNX test folder: its test_data_set_N, whose outputs are compared as well"));
  add(verb.add_option("--generated", choice.generated,
                      "Generate so many of each kind: normal, uniform, constant, impulses, large mean. Else 16, or "
                      "fewer for a large network")
          ->check(CLI::NonNegativeNumber));
  add(verb.add_option("--seed", choice.seed, "Of the generated samples")->capture_default_str());
  add(verb.add_option("--shape", choice.shapes,
                      "Of a generated input, name=1x3x32x32; else sizes left open are found by trial"));
}

VerifyOptions shown_on(Progress& progress, int threads) {
  VerifyOptions options;
  options.threads = threads;
  options.on_batch = [&progress](std::int64_t done, std::int64_t of) { progress.show(done, of); };
  return options;
}

Result<std::vector<SampleSet>> choose_samples(const Model& model, const SampleChoice& choice, int threads) {
  std::vector<SampleSet> sets;
  const auto add = [&](Result<SampleSet> set) -> Status {
    if (!set) return fail(std::move(set).error());
    sets.push_back(std::move(*set));
    return {};
  };
  if (!choice.dataset.empty()) PLEAT_TRY(add(from_dataset(model, choice)));
  if (!choice.images.empty()) PLEAT_TRY(add(from_pictures(model, choice.images)));
  if (!choice.inputs.empty()) PLEAT_TRY(add(from_tensors(choice.inputs)));
  for (const std::string& folder : choice.test_data) PLEAT_TRY(add_test_data(model, folder, sets));
  const bool generate = choice.generated > 0 || (choice.generated < 0 && (sets.empty() || !choice.shapes.empty()));
  if (generate) PLEAT_TRY(add_generated(model, choice, threads, sets));
  return sets;
}

}  // namespace pleat::cli
