#include <fmt/core.h>

#include "cli/output.h"
#include "cli/sample_sets.h"
#include "cli/verb.h"
#include "converter/verify/report.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string unfolded;
  std::string folded;
  SampleChoice samples;
  bool self_test = false;
  int threads = 1;
  bool json = false;
};

/// Corrupts the fold of a model in every known way; each mistake must be caught.
Status prove_the_prover(const Options& options) {
  if (!options.folded.empty())
    return fail(Error::usage("--self-test makes its own folds").fix("name only the unfolded model"));
  PLEAT_ASSIGN(const auto model, read_model(options.unfolded));
  PLEAT_ASSIGN(const auto samples, choose_samples(*model, options.samples));
  PLEAT_ASSIGN(const FoldResult fold_result, fold(*model));
  PLEAT_ASSIGN(const SelfTestReport report, self_test(*model, fold_result, samples, {options.threads, {}}));
  if (options.json)
    print(Json::parse(to_json(report)));
  else
    fmt::print("{}", to_text(report));
  if (report.passed) return {};
  return fail(Error::check_failed("the verifier missed a mistake").at("--self-test"));
}

Status run(const Options& options) {
  if (options.self_test) return prove_the_prover(options);
  if (options.folded.empty())
    return fail(Error::usage("the second model is missing").fix("pleat verify A.onnx B.onnx, or --self-test A.onnx"));
  PLEAT_ASSIGN(const auto unfolded, read_model(options.unfolded));
  PLEAT_ASSIGN(const auto folded, read_model(options.folded));
  PLEAT_ASSIGN(const auto samples, choose_samples(*unfolded, options.samples));
  Progress progress("proving");
  PLEAT_ASSIGN(const Verdict verdict, verify_models(*unfolded, *folded, samples, shown_on(progress, options.threads)));
  progress.hide();
  if (options.json)
    print(Json::parse(to_json(verdict)));
  else
    fmt::print("{}", to_text(verdict));
  if (verdict.passed) return {};
  return fail(Error::check_failed("the models are not proved equal").at(options.folded));
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "verify", "Prove that two models are the same function", run);
  verb->add_option("A", o->unfolded, "Unfolded ONNX file")->required();
  verb->add_option("B", o->folded, "Folded ONNX file");
  verb->add_flag("--self-test", o->self_test, "Corrupt A's own fold in every known way; each must be caught");
  add_samples(*verb, o->samples);
  add_threads(*verb, o->threads);
  add_format(*verb, o->json);
  verb->footer(
      "Tolerances are derived from the arithmetic, none is chosen. A failure names the rung, the node and the "
      "channel.\n"
      "Examples:\n  pleat verify net.onnx net.folded.onnx --dataset /usr/share/datasets/fashion-mnist\n"
      "  pleat verify --self-test net.onnx");
}

}  // namespace pleat::cli
