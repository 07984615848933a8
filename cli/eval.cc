#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "cli/classifier.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "models/data/dataset.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string model;
  std::string dataset = kFashionMnistFolder;
  std::string split = "test";
  std::int64_t batch = 1;
  PlanOptions plan;
  bool json = false;
};

/// counts[truth][answer]
using Confusion = std::vector<std::vector<std::int64_t>>;

std::string class_name(const Classifier& classifier, std::size_t index) {
  return index < classifier.labels().size() ? classifier.labels()[index] : fmt::format("class {}", index);
}

/// Images [first, first+count) into the session's input; the rest of the batch keeps what it had.
Status fill(Classifier& classifier, const LabelledImages& images, std::size_t first, std::size_t count) {
  auto* input = static_cast<std::byte*>(classifier.session().input(0).data);
  for (std::size_t i = 0; i < count; ++i) {
    const auto pixels = images.image(first + i);
    const Image image{images.rows, images.cols, 1, {pixels.begin(), pixels.end()}};
    PLEAT_ASSIGN(const Tensor tensor, to_input(image, classifier.image_input()));
    std::copy(tensor.bytes().begin(), tensor.bytes().end(), input + i * tensor.byte_size());
  }
  return {};
}

Result<Confusion> confusion_of(Classifier& classifier, const LabelledImages& images, std::int64_t batch,
                               double& run_seconds) {
  const std::size_t classes = classifier.classes();
  if (static_cast<std::size_t>(images.classes()) > classes)
    return fail(Error::invalid("the data set has more classes than the model")
                    .expect(fmt::format("at most {}", classes))
                    .saw(std::to_string(images.classes())));
  Confusion confusion(classes, std::vector<std::int64_t>(classes, 0));
  Progress progress("evaluating", static_cast<std::int64_t>(images.count()));
  for (std::size_t first = 0; first < images.count(); first += static_cast<std::size_t>(batch)) {
    const std::size_t count = std::min(images.count() - first, static_cast<std::size_t>(batch));
    PLEAT_TRY(fill(classifier, images, first, count));
    const auto start = std::chrono::steady_clock::now();
    classifier.session().run();
    run_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = classifier.scores().subspan(i * classes, classes);
      const auto answer = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
      ++confusion[images.labels[first + i]][answer];
    }
    progress.show(static_cast<std::int64_t>(first + count));
  }
  return confusion;
}

void print_confusion(const Classifier& classifier, const Confusion& confusion) {
  fmt::print("\n{:<14}", "true \\ answer");
  for (std::size_t answer = 0; answer < confusion.size(); ++answer) fmt::print("{:>6}", answer);
  fmt::print("   recall\n");
  for (std::size_t truth = 0; truth < confusion.size(); ++truth) {
    std::int64_t total = 0;
    fmt::print("{:>2} {:<11.11}", truth, class_name(classifier, truth));
    for (std::int64_t count : confusion[truth]) {
      fmt::print("{:>6}", count);
      total += count;
    }
    fmt::print("   {:5.1f} %\n",
               total == 0 ? 0.0 : 100.0 * static_cast<double>(confusion[truth][truth]) / static_cast<double>(total));
  }
}

Status run(const Options& options) {
  PLEAT_ASSIGN(Classifier classifier, Classifier::open(options.model, options.plan, options.batch));
  classifier.image_input().invert = Invert::kNever;
  PLEAT_ASSIGN(const LabelledImages images,
               read_split(options.dataset, options.split == "train" ? Split::kTrain : Split::kTest));
  double run_seconds = 0;
  PLEAT_ASSIGN(const Confusion confusion, confusion_of(classifier, images, options.batch, run_seconds));
  std::int64_t correct = 0;
  for (std::size_t c = 0; c < confusion.size(); ++c) correct += confusion[c][c];
  const double accuracy = static_cast<double>(correct) / static_cast<double>(images.count());
  if (options.json) {
    Json json = result_of("eval");
    json["model"] = options.model;
    json["images"] = images.count();
    json["accuracy"] = accuracy;
    json["us_per_image"] = run_seconds * 1e6 / static_cast<double>(images.count());
    json["confusion"] = confusion;
    print(json);
    return {};
  }
  fmt::print("{}: {} of {} right, accuracy {:.4f}; {:.1f} us per image\n", options.model, correct, images.count(),
             accuracy, run_seconds * 1e6 / static_cast<double>(images.count()));
  print_confusion(classifier, confusion);
  return {};
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "eval", "Accuracy and confusion matrix on a labelled data set", run);
  verb->add_option("MODEL", o->model, "ONNX file")->required();
  verb->add_option("--dataset", o->dataset, "Folder with MNIST's four IDX files, plain or .gz")->capture_default_str();
  verb->add_option("--split", o->split, "Which half")->check(CLI::IsMember({"test", "train"}))->capture_default_str();
  verb->add_option("--batch", o->batch, "Images per run; the answers are the same for any")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  add_plan_options(*verb, o->plan);
  add_format(*verb, o->json);
  verb->footer("Example: pleat eval net.folded.onnx --dataset /usr/share/datasets/fashion-mnist");
}

}  // namespace pleat::cli
