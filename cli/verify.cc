#include <fmt/format.h>

#include "cli/against.h"
#include "cli/output.h"
#include "cli/sample_sets.h"
#include "cli/verb.h"
#include "converter/report/certificate.h"
#include "converter/report/report.h"
#include "converter/verify/self_test.h"
#include "runtime/base/files.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string unfolded;
  std::string folded;
  SampleChoice samples;
  std::string against;
  std::optional<double> rtol, atol;
  std::optional<std::int64_t> max_ulp;
  std::string reproducer;
  std::string report;
  bool freeze_inputs = false;
  bool assume_inference = false;
  bool certificate = false;
  bool self_test = false;
  int threads = 1;
  bool json = false;
};

FoldOptions fold_options(const Options& options) {
  FoldOptions how;
  how.freeze_inputs = options.freeze_inputs;
  how.assume_inference = options.assume_inference;
  return how;
}

/// Corrupts the fold of a model in every known way; each mistake must be caught.
Status prove_the_prover(const Options& options) {
  if (!options.folded.empty())
    return fail(Error::usage("--self-test makes its own folds").fix("name only the unfolded model"));
  PLEAT_ASSIGN(const auto model, read_model(options.unfolded));
  const FoldOptions how = fold_options(options);
  PLEAT_ASSIGN(const FoldResult fold_result, fold(*model, how));
  VerifyOptions verify;
  verify.threads = options.threads;
  verify.freeze_inputs = options.freeze_inputs;
  verify.assume_inference = options.assume_inference;
  PLEAT_ASSIGN(const Model compared, as_compared(*model, verify));
  PLEAT_ASSIGN(const auto samples, choose_samples(compared, options.samples, options.threads));
  PLEAT_ASSIGN(const SelfTestReport report, self_test(*model, fold_result, samples, verify, how));
  if (options.json)
    print(Json::parse(to_json(report)));
  else
    fmt::print("{}", to_text(report));
  if (report.passed) return {};
  return fail(Error::check_failed("the verifier missed a mistake").at("--self-test"));
}

/// The certificate that a folded file carries, and the unfolded model where it is named too.
Status check_the_certificate(const Options& options) {
  PLEAT_ASSIGN(const CertificateCheck check, check_certificate(options.unfolded, options.folded));
  if (options.json)
    print(Json::parse(to_json(check)));
  else
    fmt::print("{}", to_text(check));
  if (check.holds() && check.certificate.verified) return {};
  return fail(
      Error::check_failed(check.holds() ? "the file was written without proof" : "the certificate does not hold")
          .at(options.unfolded));
}

Result<VerifyOptions> verify_options(const Options& options, Progress& progress) {
  VerifyOptions verify = shown_on(progress, options.threads);
  verify.freeze_inputs = options.freeze_inputs;
  verify.assume_inference = options.assume_inference;
  verify.reproducer = options.reproducer;
  if (options.rtol || options.atol || options.max_ulp)
    verify.end_to_end.plain =
        PlainTolerance{options.rtol.value_or(0), options.atol.value_or(0), options.max_ulp.value_or(-1)};
  return verify;
}

/// Whether the first four rungs, which know no tolerance but rounding, hold too.
std::string derived_text(const Verdict& verdict) {
  if (!verdict.layers_checked) return "judged by the given tolerance alone: the models do not map region by region";
  for (const Rung rung : {Rung::kStructure, Rung::kParameters, Rung::kAlgebra, Rung::kRounding})
    if (!verdict.rung(rung).holds())
      return fmt::format("judged by the given tolerance; by derived ones rung {} ({}) does NOT hold",
                         static_cast<int>(rung), rung_name(rung));
  return "judged by the given tolerance; rungs 1 to 4, whose tolerances are derived, hold as well";
}

/// The old way: the outputs alone decide.
bool passes(const Verdict& verdict, bool plain) {
  return plain ? verdict.rung(Rung::kEndToEnd).holds() && verdict.rung(Rung::kClasses).holds() : verdict.passed;
}

std::string stored_text(const StoredOutput& stored) {
  const auto side = [](double difference, bool within) {
    return fmt::format("{:.3g}{}", difference, within ? "" : " (BEYOND)");
  };
  return fmt::format("  {} stored with {}: unfolded differs by {}, folded by {} (rtol {:g}, atol {:g})\n",
                     stored.output, stored.samples, side(stored.unfolded_difference, stored.unfolded_within),
                     side(stored.folded_difference, stored.folded_within), stored.rtol, stored.atol);
}

Json verdict_json(const Verdict& verdict, const Options& options, bool plain, const Json& engines) {
  Json json = Json::parse(to_json(verdict));
  json["unfolded"] = options.unfolded;
  json["folded"] = options.folded;
  json["passed"] = passes(verdict, plain);
  if (plain)
    json["plain_tolerance"] = {{"rtol", options.rtol.value_or(0)},
                               {"atol", options.atol.value_or(0)},
                               {"max_ulp", options.max_ulp ? Json(*options.max_ulp) : Json(nullptr)},
                               {"derived", derived_text(verdict)}};
  json["stored"] = Json::array();
  for (const StoredOutput& stored : verdict.stored)
    json["stored"].push_back({{"output", stored.output},
                              {"samples", stored.samples},
                              {"rtol", stored.rtol},
                              {"atol", stored.atol},
                              {"unfolded_within", stored.unfolded_within},
                              {"folded_within", stored.folded_within}});
  if (!engines.is_null()) json["against"] = engines;
  return json;
}

Status judge_engines(const Json& engines) {
  if (engines.is_null()) return {};
  for (const Json& report : engines) {
    const auto model = report["model"].get<std::string>();
    if (!report["ran"].get<bool>())
      return fail(Error::unsupported("the other engine does not run the model")
                      .at(model)
                      .saw(report["refusal"].get<std::string>())
                      .fix("compare without --against; this says nothing of the model"));
    if (!report["agrees"].get<bool>())
      return fail(Error::check_failed("the other engine gives something else than rounding explains").at(model));
  }
  return {};
}

Result<Json> run_engines(const Options& options, const std::vector<Contestant>& models,
                         const std::vector<SampleSet>& samples) {
  if (options.against.empty()) return Json(nullptr);
  return against_opencv(models, samples, options.threads);
}

/// One model against another engine.
Status compare_alone(const Options& options) {
  PLEAT_ASSIGN(const auto model, read_model(options.unfolded));
  PLEAT_ASSIGN(const auto samples, choose_samples(*model, options.samples, options.threads));
  PLEAT_ASSIGN(const Json engines, run_engines(options, {{options.unfolded, *model}}, samples));
  if (options.json) {
    Json json = result_of("verify");
    json["unfolded"] = options.unfolded;
    json["against"] = engines;
    print(json);
  } else {
    fmt::print("{}", against_text(engines));
  }
  return judge_engines(engines);
}

Status compare_both(const Options& options) {
  const bool plain = options.rtol || options.atol || options.max_ulp;
  PLEAT_ASSIGN(const auto unfolded, read_model(options.unfolded));
  PLEAT_ASSIGN(const auto folded, read_model(options.folded));
  Progress progress("proving");
  PLEAT_ASSIGN(const VerifyOptions verify, verify_options(options, progress));
  PLEAT_ASSIGN(const Model compared, as_compared(*unfolded, verify));
  PLEAT_ASSIGN(const auto samples, choose_samples(compared, options.samples, options.threads));
  PLEAT_ASSIGN(const auto exact, recognize(*unfolded, *folded, fold_options(options)));
  PLEAT_ASSIGN(const Verdict verdict, verify_models(*unfolded, *folded, exact ? &*exact : nullptr, samples, verify));
  progress.hide();
  PLEAT_ASSIGN(const Json engines,
               run_engines(options, {{options.unfolded, *unfolded}, {options.folded, *folded}}, samples));
  const Json json = verdict_json(verdict, options, plain, engines);
  if (!options.report.empty()) PLEAT_TRY(write_file(options.report, json.dump(1) + "\n"));
  if (options.json) {
    print(json);
  } else {
    fmt::print("{}", to_text(verdict));
    for (const StoredOutput& stored : verdict.stored) fmt::print("{}", stored_text(stored));
    if (plain) fmt::print("{}\n", derived_text(verdict));
    if (!engines.is_null()) fmt::print("{}", against_text(engines));
  }
  if (passes(verdict, plain)) return judge_engines(engines);
  Error error = Error::check_failed(plain ? "the outputs differ by more than the given tolerance"
                                          : "the models are not proved equal");
  return fail(std::move(error).at(options.folded));
}

Status run(const Options& options) {
  if (!options.report.empty()) PLEAT_TRY(check_writable(options.report));
  if (options.certificate) return check_the_certificate(options);
  if (options.self_test) return prove_the_prover(options);
  if (!options.folded.empty()) return compare_both(options);
  if (!options.against.empty()) return compare_alone(options);
  return fail(Error::usage("the second model is missing")
                  .fix("pleat verify A.onnx B.onnx; one model: --self-test, --certificate or --against opencv"));
}

void add_judging(CLI::App& verb, Options& options) {
  const auto group = [](CLI::Option* option) { option->group("How to judge (else every tolerance is derived)"); };
  group(verb.add_option("--rtol", options.rtol, "The outputs alone, by |b - a| <= atol + rtol |a|")
            ->check(CLI::NonNegativeNumber));
  group(verb.add_option("--atol", options.atol, "See --rtol")->check(CLI::NonNegativeNumber));
  group(verb.add_option("--max-ulp", options.max_ulp, "Or by representable values between them")
            ->check(CLI::NonNegativeNumber));
  group(verb.add_option("--against", options.against,
                        "Also run on another engine, which shares no code with this one; B may be left out")
            ->check(CLI::IsMember({"opencv"})));
  group(verb.add_flag("--freeze-inputs", options.freeze_inputs,
                      "Treat initializers that are also graph inputs as constants"));
  group(verb.add_flag("--assume-inference", options.assume_inference,
                      "Treat normalizations exported in training mode as if exported for inference"));
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "verify", "Prove that two models are the same function", run);
  verb->add_option("A", o->unfolded, "Unfolded ONNX file")->required();
  verb->add_option("B", o->folded, "Folded ONNX file");
  verb->add_flag("--self-test", o->self_test, "Corrupt A's own fold in every known way; each must be caught");
  verb->add_flag("--certificate", o->certificate,
                 "Check the certificate that A, a folded file, carries; with B, the unfolded one, fold again");
  verb->add_option("--reproducer", o->reproducer,
                   "Folder for the first failing region: a small model with its input and expected output");
  verb->add_option("--report", o->report, "Also write the verdict as JSON, passed or not");
  add_samples(*verb, o->samples);
  add_judging(*verb, *o);
  add_threads(*verb, o->threads);
  add_format(*verb, o->json);
  verb->footer(
      "The proof climbs six rungs, and the lowest that does not hold says what is wrong:\n"
      "  1 structure   the same graph but for the rewritten regions\n"
      "  2 parameters  every folded value is the exact one, rounded once\n"
      "  3 algebra     region by region on the same input, in double: wrong formulas show here\n"
      "  4 rounding    region by region as the network will run, within what rounding can do\n"
      "  5 end to end  B is as close to the true function as A is: e_B <= max(4 e_A + T, 8 sigma)\n"
      "  6 classes     NaN and infinity stand in the same places\n"
      "Tolerances are derived from the arithmetic, none is chosen. Where an output jumps (ArgMax, TopK, Round ...)\n"
      "decisions are judged by how far the input is from the jump.\n"
      "Exit code 0: the same function; 1: not, or not proved; 4: an operator or engine is missing.\n"
      "Examples:\n"
      "  pleat verify net.onnx net.folded.onnx --dataset /usr/share/datasets/fashion-mnist\n"
      "  pleat verify net.onnx net.folded.onnx --test-data tests/net --reproducer broken\n"
      "  pleat verify net.onnx other-tool.onnx --rtol 1e-3 --atol 1e-5\n"
      "  pleat verify net.folded.onnx --against opencv\n"
      "  pleat verify --certificate net.folded.onnx net.onnx\n"
      "  pleat verify --self-test net.onnx");
}

}  // namespace pleat::cli
