#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "cli/named_tensors.h"
#include "cli/output.h"
#include "cli/profile.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "runtime/base/isa.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> inputs;
  std::vector<std::string> references;
  PlanOptions plan;
  double warmup = 0.2;
  double time = 1.0;
  bool profile = false;
  bool by_time = false;
  std::size_t top = SIZE_MAX;
  bool json = false;
};

using Clock = std::chrono::steady_clock;

double micros(Clock::duration span) { return std::chrono::duration<double, std::micro>(span).count(); }

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

double timed_run(Session& session) {
  const auto start = Clock::now();
  session.run();
  return micros(Clock::now() - start);
}

void warm_up(Session& session, double seconds) {
  for (double spent = 0; spent < seconds * 1e6;) spent += timed_run(session);
}

std::vector<double> sorted_latencies(Session& session, double seconds) {
  std::vector<double> latencies;
  Progress progress("measuring", static_cast<std::int64_t>(seconds * 1e6));
  for (double spent = 0; spent < seconds * 1e6 || latencies.size() < 5;) {
    latencies.push_back(timed_run(session));
    spent += latencies.back();
    progress.show(static_cast<std::int64_t>(spent));
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

struct Agreement {
  double max_abs_err = 0;
  bool argmax_ok = true;
};

/// Against a reference of any float type: the outputs are widened to double first.
Result<Agreement> against(const Session& session, const std::map<std::string, Tensor>& references) {
  Agreement agreement;
  for (const auto& [name, reference] : references) {
    const auto& outputs = session.plan().outputs();
    const auto found = std::find_if(outputs.begin(), outputs.end(),
                                    [&wanted = name](const auto& output) { return output.name == wanted; });
    if (found == outputs.end())
      return fail(Error::usage("the model has no output of this name").at("--reference").saw(name));
    const TensorView output = session.output(static_cast<std::size_t>(found - outputs.begin()));
    if (found->shape != reference.shape())
      return fail(Error::invalid("the reference has another shape")
                      .at("output '" + name + "'")
                      .expect(found->shape.text())
                      .saw(reference.shape().text()));
    PLEAT_ASSIGN(const auto ours, to_doubles(Tensor::view_of(output.dtype, found->shape, nullptr, output.data)));
    PLEAT_ASSIGN(const auto theirs, to_doubles(reference));
    const Tensor a = Tensor::of(reference.shape(), ours);
    const Tensor b = Tensor::of(reference.shape(), theirs);
    PLEAT_ASSIGN(const Difference difference, compare(a.view(), b.view()));
    PLEAT_ASSIGN(const std::int64_t agreeing, argmax_agreement(a.view(), b.view()));
    const int rank = reference.shape().rank();
    agreement.max_abs_err =
        std::max(agreement.max_abs_err,
                 difference.class_mismatches > 0 ? std::numeric_limits<double>::infinity() : difference.max_abs);
    agreement.argmax_ok = agreement.argmax_ok && agreeing == (rank == 0 ? 1 : reference.shape().elements(0, rank - 1));
  }
  return agreement;
}

Status bench(const Options& options) {
  PLEAT_ASSIGN(auto inputs, read_named_tensors(options.inputs));
  PLEAT_ASSIGN(const auto references, read_named_tensors(options.references));
  const auto start = Clock::now();
  PLEAT_ASSIGN(auto model, read_model(options.model, Weights::kInFile));
  if (inputs.empty()) {
    PLEAT_ASSIGN(inputs, made_up_inputs(model));
  }
  PLEAT_ASSIGN(auto session, open_session(model, inputs, options.plan));
  const double load_ms = micros(Clock::now() - start) / 1e3;
  const double first = timed_run(*session);
  warm_up(*session, options.warmup);
  const double memory = peak_memory_mb();
  const auto latencies = sorted_latencies(*session, options.time);
  PLEAT_ASSIGN(const Agreement agreement, against(*session, references));
  const Profile steps = options.profile ? profile(*session, options.plan.threads, options.time) : Profile{};

  Json json = result_of("bench");
  json["model"] = options.model;
  json["threads"] = options.plan.threads;
  json["isa"] = isa_name(active_isa());
  json["runs"] = latencies.size();
  json["median_us"] = percentile(latencies, 0.5);
  json["p10_us"] = percentile(latencies, 0.1);
  json["p99_us"] = percentile(latencies, 0.99);
  json["min_us"] = latencies.front();
  json["first_us"] = first;
  json["load_ms"] = load_ms;
  json["rss_mb"] = memory;
  if (!references.empty()) {
    json["max_abs_err"] = agreement.max_abs_err;
    json["argmax_ok"] = agreement.argmax_ok;
  }
  if (options.profile) {
    json["fma_peak_gflops"] = steps.peak_gflops;
    json["profile"] = profile_json(steps);
  }
  if (options.json) {
    print(json);
    return {};
  }
  fmt::print("{}: one run takes {:.1f} us (median of {}; 10 % below {:.1f}, 99 % below {:.1f}, best {:.1f})\n",
             options.model, percentile(latencies, 0.5), latencies.size(), percentile(latencies, 0.1),
             percentile(latencies, 0.99), latencies.front());
  fmt::print("  first run {:.1f} us after {:.2f} ms of loading; peak memory {:.1f} MB; {} thread(s), {}\n", first,
             load_ms, memory, options.plan.threads, isa_name(active_isa()));
  if (!references.empty())
    fmt::print("  against the reference: max abs error {:.3g}, argmax {}\n", agreement.max_abs_err,
               agreement.argmax_ok ? "agrees" : "DIFFERS");
  if (options.profile) print_profile(steps, options.by_time, options.top);
  return {};
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "bench", "Measure latency, load time and memory of a model", bench);
  verb->add_option("MODEL", o->model, "ONNX file")->required();
  verb->add_option("--input", o->inputs, "name=FILE.npy or .pb; made-up numbers where none is given");
  verb->add_option("--reference", o->references, "name=FILE.npy: expected output; the error is reported");
  verb->add_option("--warmup", o->warmup, "Seconds before measuring")
      ->capture_default_str()
      ->check(CLI::Range(0., 1e4));
  verb->add_option("--time", o->time, "Seconds of measuring, and again of profiling")
      ->capture_default_str()
      ->check(CLI::Range(0., 1e4));
  auto* profiling = verb->add_flag("--profile", o->profile, "Also what every step costs");
  verb->add_flag("--by-time", o->by_time, "Show the slowest step first")->needs(profiling);
  verb->add_option("--top", o->top, "Show only so many steps")->needs(profiling)->check(CLI::PositiveNumber);
  add_plan_options(*verb, o->plan);
  add_format(*verb, o->json);
  verb->footer(
      "Loads the model, runs it once (first run), warms up, then times runs one by one and tells the median.\n"
      "Every figure is of this process alone; peak memory is taken before the timing.\n"
      "\n"
      "A profile times each step and runs multiply-adds in registers in between: what share of that peak a step\n"
      "reaches says how good its arithmetic is, GB/s (inputs, weights and outputs over time) whether memory\n"
      "holds it up. Times of steps add up to a little more than a run without profile.\n"
      "\n"
      "Figures of different runs compare only as ratios on a quiet machine; scripts/bench-peers takes turns with\n"
      "other engines for that.\n"
      "\n"
      "Examples:\n"
      "  pleat bench net.onnx --threads 2\n"
      "  pleat bench net.onnx --input input=x.npy --reference output=y.npy --format json\n"
      "  pleat bench net.onnx --profile --by-time --top 10");
}

}  // namespace pleat::cli
