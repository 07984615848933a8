#include <fmt/core.h>

#include <chrono>
#include <cmath>
#include <filesystem>

#include "cli/classifier.h"
#include "cli/named_tensors.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "runtime/image/decode.h"
#include "runtime/onnx/npy.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> images;
  std::vector<std::string> inputs;
  std::string output;
  std::string invert;
  std::size_t top = 5;
  PlanOptions plan;
  bool json = false;
};

double micros_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

std::string called(const Score& score) {
  return score.label.empty() ? fmt::format("class {}", score.index) : score.label;
}

Json scores_json(const std::vector<Score>& scores) {
  Json list = Json::array();
  for (const Score& score : scores)
    list.push_back({{"index", score.index}, {"label", score.label}, {"score", score.score}});
  return list;
}

void print_scores(const std::string& image, const std::vector<Score>& scores, double micros) {
  fmt::print("{}: {}  ({:.0f} us)\n", image, called(scores.front()), micros);
  for (const Score& score : scores) {
    const auto bar = static_cast<std::size_t>(std::lround(score.score * 30));
    fmt::print("  {:6.2f} %  {:<30}  {}\n", score.score * 100, std::string(bar, '#'), called(score));
  }
}

/// One image at a time, as a server would: decode, prepare, run, name.
Status run_images(const Options& options) {
  PLEAT_ASSIGN(Classifier classifier, Classifier::open(options.model, options.plan));
  if (!options.invert.empty())
    classifier.image_input().invert = options.invert == "always"  ? Invert::kAlways
                                      : options.invert == "never" ? Invert::kNever
                                                                  : Invert::kAuto;
  const std::string& input = classifier.session().plan().inputs()[0].name;
  Json json = result_of("run");
  for (const std::string& path : options.images) {
    PLEAT_ASSIGN(const Image image, read_image(path));
    PLEAT_ASSIGN(const Tensor tensor, to_input(image, classifier.image_input()));
    PLEAT_TRY(classifier.session().set_input(input, tensor.view()));
    const auto start = std::chrono::steady_clock::now();
    classifier.session().run();
    const double micros = micros_since(start);
    PLEAT_ASSIGN(const auto scores, classifier.best(options.top));
    json["images"].push_back({{"image", path}, {"run_us", micros}, {"top", scores_json(scores)}});
    if (!options.json) print_scores(path, scores, micros);
  }
  if (options.json) print(json);
  return {};
}

std::string summary_of(const Tensor& tensor) {
  const auto values = to_doubles(tensor);
  if (!values || values->empty()) return {};
  std::string out = " ";
  for (std::size_t i = 0; i < std::min<std::size_t>(10, values->size()); ++i)
    out += fmt::format(" {:.6g}", (*values)[i]);
  return out + (values->size() > 10 ? " …" : "");
}

Status run_tensors(const Options& options) {
  PLEAT_ASSIGN(const auto inputs, read_named_tensors(options.inputs));
  PLEAT_ASSIGN(const auto model, read_model(options.model, Weights::kInFile));
  PLEAT_ASSIGN(const auto session, open_session(model, inputs, options.plan));
  session->run();
  std::error_code error;
  if (!options.output.empty() && !std::filesystem::create_directories(options.output, error) && error)
    return fail(Error::resource("cannot make the folder").at(options.output).saw(error.message()));
  Json json = result_of("run");
  for (std::size_t i = 0; i < session->plan().outputs().size(); ++i) {
    const PlannedValue& value = session->plan().outputs()[i];
    const Tensor tensor = Tensor::view_of(value.dtype, value.shape, nullptr, session->output(i).data);
    Json entry = {{"name", value.name}, {"dtype", dtype_name(value.dtype)}, {"shape", value.shape.dims()}};
    if (options.output.empty()) {
      PLEAT_ASSIGN(const auto values, to_doubles(tensor));
      entry["values"] = numbers(values);
    } else {
      std::string file = value.name;
      std::replace(file.begin(), file.end(), '/', '_');
      entry["file"] = (std::filesystem::path(options.output) / (file + ".npy")).string();
      PLEAT_TRY(write_npy(entry["file"].get<std::string>(), tensor));
    }
    if (!options.json)
      fmt::print("{}: {}{}{}\n", value.name, dtype_name(value.dtype), value.shape.text(), summary_of(tensor));
    json["outputs"].push_back(std::move(entry));
  }
  if (options.json) print(json);
  return {};
}

Status run(const Options& options) {
  if (options.images.empty() == options.inputs.empty())
    return fail(Error::usage("give either images or --input")
                    .fix("pleat run MODEL IMAGE…, or pleat run MODEL --input "
                         "name=FILE.npy"));
  return options.images.empty() ? run_tensors(options) : run_images(options);
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "run", "Run a model on images, one at a time, or on tensors", run);
  verb->add_option("MODEL", o->model, "ONNX file")->required();
  verb->add_option("IMAGE", o->images, "Pictures of any size and colour");
  verb->add_option("--input", o->inputs, "name=FILE.npy or .pb instead of images");
  verb->add_option("--output", o->output, "With --input: write every output into this folder as .npy");
  verb->add_option("--top", o->top, "How many classes to show")->check(CLI::Range(1, 100000))->capture_default_str();
  verb->add_option("--invert", o->invert, "Dark-on-light drawings: auto, never or always (default: the model says)")
      ->check(CLI::IsMember({"auto", "never", "always"}));
  add_plan_options(*verb, o->plan);
  add_format(*verb, o->json);
  verb->footer(
      "What an image becomes is told by the model's metadata (pleat.input): colour, size, scale, inversion.\n"
      "Examples:\n  pleat run net.onnx shoe.png shirt.jpg\n  pleat run net.onnx --input input=x.npy --output out");
}

}  // namespace pleat::cli
