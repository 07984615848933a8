#include <fmt/core.h>

#include <filesystem>

#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "models/data/dataset.h"
#include "models/train/curves.h"
#include "models/train/trainer.h"
#include "models/zoo/zoo.h"
#include "runtime/base/files.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string model = "lenet_bn";
  std::string data = kFashionMnistFolder;
  std::string output;
  std::string curves;
  int epochs = 10;
  int batch = 256;
  double learning_rate = 1.0;
  double momentum = 0.1;
  std::string convention = "pytorch";
  double epsilon = 1e-5;
  std::uint64_t seed = 0;
  int threads = 2;
  bool json = false;
};

BatchNormOptions batch_norm_options(const Options& options) {
  BatchNormOptions batch_norm;
  batch_norm.eps = options.epsilon;
  batch_norm.momentum =
      options.convention == "pytorch" ? Momentum::of_new(options.momentum) : Momentum::of_old(options.momentum);
  return batch_norm;
}

Json epoch_json(const EpochReport& epoch) {
  return {{"epoch", epoch.epoch},
          {"train_loss", epoch.train_loss},
          {"train_accuracy", epoch.train_accuracy},
          {"test_loss", epoch.test_loss},
          {"test_accuracy", epoch.test_accuracy},
          {"examples_per_second", epoch.examples_per_second}};
}

void print_epoch(const EpochReport& epoch, int epochs) {
  fmt::print(
      "epoch {:2}/{}  loss {:.4f}  accuracy {:.4f}  |  test loss {:.4f}  accuracy {:.4f}  |  {:.0f} examples/s\n",
      epoch.epoch, epochs, epoch.train_loss, epoch.train_accuracy, epoch.test_loss, epoch.test_accuracy,
      epoch.examples_per_second);
  std::fflush(stdout);
}

/// What people call the data set: the last part of its path.
std::string dataset_name(const std::string& folder) {
  return std::filesystem::weakly_canonical(folder).filename().string();
}

TrainOptions train_options(const Options& options, Progress& progress) {
  TrainOptions train;
  train.epochs = options.epochs;
  train.batch_size = options.batch;
  train.learning_rate = options.learning_rate;
  train.seed = options.seed;
  train.threads = options.threads;
  train.dataset = dataset_name(options.data);
  train.on_step = [&progress](const StepReport& step) {
    progress.show(static_cast<std::int64_t>(step.epoch - 1) * step.steps + step.step,
                  fmt::format("epoch {}  loss {:.4f}  {:.0f} examples/s", step.epoch, step.running_loss,
                              step.examples_per_second));
    return true;
  };
  train.on_epoch = [&options, &progress](const EpochReport& epoch) {
    progress.hide();
    if (!options.json) print_epoch(epoch, options.epochs);
    return true;
  };
  return train;
}

Status run(const Options& options) {
  PLEAT_TRY(check_writable(options.output));
  if (!options.curves.empty()) PLEAT_TRY(check_writable(options.curves));
  PLEAT_ASSIGN(const Dataset data, read_dataset(options.data));
  ModelOptions model;
  model.seed = options.seed;
  model.batch_norm = batch_norm_options(options);
  PLEAT_ASSIGN(auto network, make_model<float>(options.model, model));
  const std::int64_t steps = (static_cast<std::int64_t>(data.train.count()) + options.batch - 1) / options.batch;
  Progress progress("training", steps * options.epochs);
  PLEAT_ASSIGN(TrainingRun trained, train(network, data.train, data.test, train_options(options, progress)));
  progress.hide();
  trained.checkpoint.metadata["pleat.version"] = PLEAT_VERSION;
  PLEAT_TRY(write_checkpoint(trained.checkpoint, options.output));
  if (!options.curves.empty())
    PLEAT_TRY(write_file(options.curves,
                         training_curves_svg(trained.history, options.model + " on " + dataset_name(options.data))));
  if (!options.json) {
    fmt::print("wrote {}{}\n", options.output, options.curves.empty() ? "" : " and " + options.curves);
    return {};
  }
  Json json = result_of("train");
  json["model"] = options.model;
  json["output"] = options.output;
  json["seed"] = options.seed;
  for (const EpochReport& epoch : trained.history) json["epochs"].push_back(epoch_json(epoch));
  print(json);
  return {};
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "train", "Train a network of the zoo on an IDX data set", run);
  verb->add_option("--model", o->model, "Network: lenet_bn or mlp_bn")
      ->check(CLI::IsMember(std::vector<std::string>(model_names().begin(), model_names().end())))
      ->capture_default_str();
  verb->add_option("--data", o->data, "Folder with MNIST's four IDX files, plain or .gz")->capture_default_str();
  verb->add_option("-o,--output", o->output, "Checkpoint to write (.safetensors)")->required();
  verb->add_option("--curves", o->curves, "Also draw loss and accuracy into this SVG");
  verb->add_option("--epochs", o->epochs, "Passes over the training images")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--batch", o->batch, "Images per minibatch")->check(CLI::Range(2, 65536))->capture_default_str();
  verb->add_option("--lr", o->learning_rate, "Learning rate of plain SGD")->capture_default_str();
  verb->add_option("--bn-momentum", o->momentum, "Momentum of the running statistics")->capture_default_str();
  verb->add_option("--bn-momentum-convention", o->convention,
                   "pytorch: the weight of the new batch (0.1); textbook: of the old average (0.9)")
      ->check(CLI::IsMember({"pytorch", "textbook"}))
      ->capture_default_str();
  verb->add_option("--bn-eps", o->epsilon, "Added to the variance")->capture_default_str();
  verb->add_option("--seed", o->seed, "Fixes parameters and order; same seed, same bits")->capture_default_str();
  add_threads(*verb, o->threads);
  add_format(*verb, o->json);
  verb->footer(
      "The defaults are the textbook recipe (lr 1.0, batch 256, 10 epochs) on Debian's package dataset-fashion-mnist.\n"
      "Test accuracy swings from epoch to epoch: it rests on running averages that lag the weights at this rate.\n"
      "Example: pleat train --output net.safetensors --curves training.svg");
}

}  // namespace pleat::cli
