#include "models/train/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

#include "models/layers/sgd.h"
#include "models/layers/softmax_cross_entropy.h"
#include "models/train/evaluate.h"
#include "models/train/minibatch.h"
#include "models/zoo/state.h"

namespace pleat {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kOrderStream = 1;  ///< of the seed; stream 0 made the parameters

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Status check_options(const TrainOptions& options) {
  const auto refuse = [](const char* what, const char* expected, auto got) {
    return fail(Error::usage(what).expect(expected).saw(fmt::format("{}", got)));
  };
  if (options.epochs < 1) return refuse("wrong number of epochs", "1 or more", options.epochs);
  if (options.batch_size < 1) return refuse("wrong batch size", "1 or more", options.batch_size);
  if (options.threads < 0) return refuse("wrong number of threads", "0 (all) or more", options.threads);
  if (!(options.learning_rate > 0) || !std::isfinite(options.learning_rate)) {
    return refuse("wrong learning rate", "a positive number", options.learning_rate);
  }
  return {};
}

int thread_count(int asked) {
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// One training: the network, the data, and the buffers that live as long.
class Trainer {
 public:
  Trainer(Network<float>& network, const LabelledImages& images, const TrainOptions& options)
      : network_(network),
        images_(images),
        options_(options),
        pool_(thread_count(options.threads)),
        scale_(network.card),
        random_(options.seed, kOrderStream),
        order_(images.count()) {
    std::iota(order_.begin(), order_.end(), 0u);
  }

  ThreadPool& pool() { return pool_; }

  int steps() const { return static_cast<int>((order_.size() + batch_size() - 1) / batch_size()); }

  /// Refuses an epoch that would meet a minibatch its layers cannot take.
  Status check_minibatches() const {
    const std::size_t rest = order_.size() % batch_size();
    if (order_.size() >= batch_size()) {
      PLEAT_TRY(network_.layers.check(static_cast<std::int64_t>(batch_size()), Mode::kTraining));
    }
    if (rest == 0) return {};
    auto status = network_.layers.check(static_cast<std::int64_t>(rest), Mode::kTraining);
    if (!status) return fail(std::move(status).error().at("last minibatch of an epoch").fix("change the batch size"));
    return {};
  }

  /// Trains on every image once. False: cancelled; `report` then covers the part that was done.
  Result<bool> run_epoch(EpochReport& report) {
    random_.shuffle(order_);
    const Clock::time_point start = Clock::now();
    double loss = 0;
    std::int64_t correct = 0;
    for (int step = 1; step <= steps(); ++step) {
      const std::size_t first = static_cast<std::size_t>(step - 1) * batch_size();
      const std::size_t count = std::min(batch_size(), order_.size() - first);
      PLEAT_ASSIGN(const LossReport now, run_step(std::span(order_).subspan(first, count)));
      if (!std::isfinite(now.loss)) return fail(diverged(report.epoch, step));
      loss += now.loss * static_cast<double>(count);
      correct += now.correct;
      const auto seen = static_cast<double>(first + count);
      report.train_loss = loss / seen;
      report.train_accuracy = static_cast<double>(correct) / seen;
      report.examples_per_second = seen / seconds_since(start);
      if (!options_.on_step) continue;
      if (!options_.on_step(
              {report.epoch, options_.epochs, step, steps(), report.train_loss, report.examples_per_second})) {
        return false;
      }
    }
    return true;
  }

  static Error diverged(int epoch, int step) {
    return Error::check_failed("training diverged: the loss is no longer a finite number")
        .at(fmt::format("epoch {}, step {}", epoch, step))
        .fix("use a lower learning rate");
  }

 private:
  std::size_t batch_size() const { return static_cast<std::size_t>(options_.batch_size); }

  Result<LossReport> run_step(std::span<const std::uint32_t> indices) {
    gather_minibatch(images_, indices, scale_, x_, labels_, pool_);
    PLEAT_ASSIGN(const Batch<float>* logits, network_.layers.forward(x_, Mode::kTraining, pool_));
    const LossReport report = softmax_cross_entropy(*logits, labels_, &dlogits_, pool_);
    network_.layers.backward(dlogits_, pool_);
    sgd_step(network_.layers, options_.learning_rate);
    return report;
  }

  Network<float>& network_;
  const LabelledImages& images_;
  const TrainOptions& options_;
  ThreadPool pool_;
  PixelScale scale_;
  Random random_;
  std::vector<std::uint32_t> order_;
  Batch<float> x_;
  Batch<float> dlogits_;
  std::vector<std::uint8_t> labels_;
};

std::string provenance_json(const TrainOptions& options, const std::vector<EpochReport>& history) {
  std::string text =
      fmt::format(R"({{"dataset":{},"epochs":{},"batch_size":{},"learning_rate":{},"seed":{})",
                  nlohmann::json(options.dataset).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                  history.size(), options.batch_size, options.learning_rate, options.seed);
  if (!history.empty()) {
    const EpochReport& last = history.back();
    text += fmt::format(R"(,"train_loss":{},"train_accuracy":{},"test_loss":{},"test_accuracy":{})", last.train_loss,
                        last.train_accuracy, last.test_loss, last.test_accuracy);
  }
  return text + "}";
}

}  // namespace

Result<TrainingRun> train(Network<float>& network, const LabelledImages& images, const LabelledImages& test_images,
                          const TrainOptions& options) {
  PLEAT_TRY(check_options(options));
  PLEAT_TRY(check_images(images, network));
  PLEAT_TRY(check_images(test_images, network));
  Trainer trainer(network, images, options);
  PLEAT_TRY(trainer.check_minibatches());
  TrainingRun run;
  for (int epoch = 1; epoch <= options.epochs && !run.cancelled; ++epoch) {
    EpochReport report;
    report.epoch = epoch;
    PLEAT_ASSIGN(const bool finished, trainer.run_epoch(report));
    if (!finished) {
      run.cancelled = true;
      break;
    }
    PLEAT_ASSIGN(const Evaluation evaluation, evaluate(network, test_images, trainer.pool()));
    if (!std::isfinite(evaluation.loss)) return fail(Trainer::diverged(epoch, trainer.steps()));
    report.test_loss = evaluation.loss;
    report.test_accuracy = evaluation.accuracy;
    run.history.push_back(report);
    run.cancelled = options.on_epoch && !options.on_epoch(report);
  }
  run.checkpoint = to_checkpoint(network);
  run.checkpoint.metadata["pleat.train"] = provenance_json(options, run.history);
  return run;
}

}  // namespace pleat
