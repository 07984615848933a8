#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <set>

#include "cli/output.h"
#include "cli/sample_sets.h"
#include "cli/verb.h"
#include "converter/emit/emit.h"
#include "converter/fold/reasons.h"
#include "converter/report/html_report.h"
#include "converter/report/report.h"
#include "runtime/base/files.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string model;
  std::string output;
  std::string report;
  std::string html;
  std::string certificate;
  std::string reproducer;
  std::string explain;
  FoldOptions fold;
  WriteOptions write;
  SampleChoice samples;
  int threads = 1;
  bool unverified = false;
  bool dry_run = false;
  bool json = false;
};

/// Fold options that are a flag each; the first is on unless its flag is given.
struct Flag {
  const char* name;
  bool FoldOptions::*value;
  bool sets;
  const char* help;
};
constexpr Flag kFlags[] = {
    {"--assume-inference", &FoldOptions::assume_inference, true,
     "Treat normalizations exported in training mode as if exported for inference"},
    {"--freeze-inputs", &FoldOptions::freeze_inputs, true,
     "Treat initializers that are also graph inputs as constants: no caller overrides them"},
    {"--dequantize-weights", &FoldOptions::dequantize_weights, true,
     "Turn quantized constant weights into floating point, and fold into those"},
    {"--decompose", &FoldOptions::decompose, true, "Write a normalization that stays as Mul and Add"},
    {"--keep-ir", &FoldOptions::keep_ir, true, "Leave the IR version of old models, and their inputs, as they are"},
    {"--no-flush", &FoldOptions::flush_subnormals, false, "Keep folded values too small for a normal float, not 0"},
};

Status explain(const std::string& code) {
  if (code == "all") {
    for (const Reason& reason : reasons()) fmt::print("{:<5} {}\n", reason.code, reason.summary);
    return {};
  }
  if (const Reason* reason = find_reason(code)) {
    fmt::print("{}: {}\n\n{}\n", reason->code, reason->summary, reason->explanation);
    return {};
  }
  std::string codes;
  for (const Reason& known : reasons()) codes += ", " + std::string(known.code);
  return fail(Error::usage("no such reason code").at("--explain").expect("all" + codes).saw(code));
}

/// What was folded and what speaks for it, as far as the work got.
struct Outcome {
  Evidence evidence;
  std::optional<Emitted> emitted;
};

Json report_json(const Options& options, const Outcome& outcome) {
  Json json = Json::parse(to_json(outcome.evidence.map));
  json["input"] = options.model;
  json["output"] = outcome.emitted ? Json(options.output) : Json(nullptr);
  json["verdict"] = outcome.evidence.verdict ? Json::parse(to_json(*outcome.evidence.verdict)) : Json(nullptr);
  if (outcome.emitted) {
    const Certificate& certificate = *outcome.emitted->certificate;
    json["certificate"] = {{"verdict", certificate.verdict},
                           {"source_sha256", certificate.source.sha256},
                           {"folded_sha256", certificate.folded.sha256}};
  }
  return json;
}

/// A word of a command line as a shell reads it.
std::string quoted(const std::string& word) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("_-./=:,+@%", c) != nullptr;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// What gives the same file again, and what checks it.
std::vector<std::string> commands(const Options& options) {
  std::string fold = "pleat fold " + quoted(options.model) + " -o " + quoted(options.output);
  const auto option = [&fold](const char* name, const std::string& value) {
    fold += fmt::format(" {} {}", name, quoted(value));
  };
  for (const Flag& flag : kFlags)
    if (options.fold.*flag.value == flag.sets) fold += fmt::format(" {}", flag.name);
  using enum WriteOptions::ExternalData;
  if (options.write.external_data != kAutomatic)
    option("--external-data", options.write.external_data == kAlways ? "always" : "never");
  if (options.unverified) fold += " --unverified";
  if (!options.samples.dataset.empty()) option("--dataset", options.samples.dataset);
  if (options.samples.limit > 0) option("--limit", std::to_string(options.samples.limit));
  for (const std::string& image : options.samples.images) option("--image", image);
  for (const std::string& input : options.samples.inputs) option("--input", input);
  for (const std::string& folder : options.samples.test_data) option("--test-data", folder);
  for (const std::string& shape : options.samples.shapes) option("--shape", shape);
  if (options.samples.generated >= 0) option("--generated", std::to_string(options.samples.generated));
  option("--seed", std::to_string(options.samples.seed));
  if (options.threads != 1) option("--threads", std::to_string(options.threads));
  return {fold, "pleat verify --certificate " + quoted(options.output) + " " + quoted(options.model)};
}

Status write_reports(const Options& options, const Outcome& outcome, const Model& unfolded, const Model& folded) {
  if (!options.report.empty()) PLEAT_TRY(write_file(options.report, report_json(options, outcome).dump(1) + "\n"));
  if (!options.html.empty()) {
    HtmlSubject subject{options.model.substr(options.model.find_last_of('/') + 1), unfolded, folded,
                        outcome.evidence.map};
    if (outcome.evidence.verdict) subject.verdict = &*outcome.evidence.verdict;
    if (outcome.emitted) subject.certificate = &*outcome.emitted->certificate;
    subject.commands = commands(options);
    PLEAT_TRY(write_file(options.html, to_html(subject)));
  }
  if (!options.certificate.empty() && outcome.emitted)
    PLEAT_TRY(write_file(options.certificate, outcome.emitted->certificate->text + "\n"));
  return {};
}

void print_outcome(const Options& options, const Outcome& outcome) {
  if (options.json) {
    print(report_json(options, outcome));
    return;
  }
  fmt::print("{}{}", to_text(outcome.evidence.map),
             outcome.evidence.verdict ? to_text(*outcome.evidence.verdict) : "NOT verified: --unverified\n");
  if (!outcome.emitted) return;
  fmt::print("wrote {}: {} bytes with certificate; {}\n", options.output, outcome.emitted->bytes,
             outcome.emitted->judgement);
}

/// Only the folded model may replace the unfolded one, and nothing that was just written.
Status check_names(const Options& options) {
  std::set<std::filesystem::path> taken;
  const auto take = [&taken](const std::string& path) {
    std::error_code error;
    const auto place = std::filesystem::weakly_canonical(path, error);
    return path.empty() || taken.insert(error ? std::filesystem::path(path) : place).second;
  };
  take(options.output);
  take(options.model);
  for (const std::string& path : {options.report, options.html, options.certificate})
    if (!take(path)) return fail(Error::usage("two files would have this name").at(path).fix("choose another one"));
  return {};
}

Status check_options(const Options& options) {
  if (options.model.empty())
    return fail(Error::usage("the model to fold is missing").fix("pleat fold M.onnx -o F.onnx"));
  if (options.output.empty() && !options.dry_run)
    return fail(Error::usage("the file to write is missing").fix("pleat fold M.onnx -o F.onnx, or --dry-run"));
  if (options.unverified && !options.reproducer.empty())
    return fail(Error::usage("--unverified proves nothing, so nothing can fail").fix("leave out --reproducer"));
  PLEAT_TRY(check_names(options));
  if (options.dry_run) return {};
  for (const std::string& path : {options.output, options.report, options.html, options.certificate})
    if (!path.empty()) PLEAT_TRY(check_writable(path));
  return {};
}

Status only_tell(const Options& options, const Model& model) {
  PLEAT_ASSIGN(const FoldResult result, fold(model, options.fold));
  if (!options.json) {
    fmt::print("{}nothing was proved or written: --dry-run\n", to_text(result.map));
    return {};
  }
  Json json = Json::parse(to_json(result.map));
  json["input"] = options.model;
  json["output"] = nullptr;
  print(json);
  return {};
}

/// Folds and, unless it is not wanted, proves. The exact constants, which keep the source alive, are not handed out.
Result<Model> fold_and_prove(const Options& options, const Model& model, Evidence& evidence) {
  if (options.unverified) {
    PLEAT_ASSIGN(FoldResult result, fold(model, options.fold));
    evidence.map = std::move(result.map);
    return std::move(result.folded);
  }
  Progress progress("proving");
  VerifyOptions verify_options = shown_on(progress, options.threads);
  verify_options.reproducer = options.reproducer;
  verify_options.assume_inference = options.fold.assume_inference;
  PLEAT_ASSIGN(const Model compared, as_compared(model, verify_options));
  PLEAT_ASSIGN(const auto samples, choose_samples(compared, options.samples, options.threads));
  auto proved = fold_and_verify(model, options.fold, samples, verify_options);
  progress.hide();
  if (!proved) return fail(std::move(proved).error().at(options.model));
  evidence.map = std::move(proved->fold.map);
  evidence.verdict = std::move(proved->verdict);
  return std::move(proved->fold.folded);
}

Status run(const Options& options) {
  if (!options.explain.empty()) return explain(options.explain);
  PLEAT_TRY(check_options(options));
  PLEAT_ASSIGN(auto model, read_model(options.model));
  if (options.dry_run) return only_tell(options, *model);
  Outcome outcome;
  PLEAT_ASSIGN(outcome.evidence.source, hash_file(options.model));
  outcome.evidence.options = options.fold;
  PLEAT_ASSIGN(Model folded, fold_and_prove(options, *model, outcome.evidence));
  // Only the page draws the graphs again; without it the weights need not be held any longer.
  const bool drawn = !options.html.empty();
  const Model kept = drawn ? folded : Model{};
  if (!drawn) model = std::make_shared<const Model>();
  auto emitted = emit_proved(std::move(folded), outcome.evidence, options.output, options.write,
                             options.unverified ? Unproved::kAllowed : Unproved::kRefused);
  if (emitted) outcome.emitted = std::move(*emitted);
  PLEAT_TRY(write_reports(options, outcome, *model, kept));
  print_outcome(options, outcome);
  if (!emitted) return fail(emitted.error());
  return {};
}

void add_what_is_folded(CLI::App& verb, Options& options) {
  for (const Flag& flag : kFlags)
    verb.add_flag_callback(
            flag.name, [&options, &flag] { options.fold.*flag.value = flag.sets; }, flag.help)
        ->group("What is folded");
}

void add_what_is_written(CLI::App& verb, Options& options) {
  constexpr const char* kGroup = "What is written";
  verb.add_option("--report", options.report, "Also the fold map and the verdict as JSON, passed or not")
      ->group(kGroup);
  verb.add_option("--html", options.html, "Also a page for a browser that shows all of it, passed or not")
      ->group(kGroup);
  verb.add_option("--certificate", options.certificate, "Also the certificate by itself; the model carries it anyway")
      ->group(kGroup);
  verb.add_option_function<std::string>(
          "--external-data",
          [&options](const std::string& name) {
            using enum WriteOptions::ExternalData;
            options.write.external_data = name == "always" ? kAlways : name == "never" ? kNever : kAutomatic;
          },
          "Weights in a second file; auto: where one file cannot hold the model")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->default_str("auto")
      ->group(kGroup);
  verb.add_flag("--dry-run", options.dry_run, "Only tell what would be folded; prove and write nothing")->group(kGroup);
}

}  // namespace

void add_fold(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(
      app, action, "fold", "Fold batch normalization into the layers beside it, and write the result if it is proved",
      run);
  verb->add_option("MODEL", o->model, "Unfolded ONNX file");
  verb->add_option("-o,--output", o->output, "Folded ONNX file to write");
  verb->add_option("--explain", o->explain, "Tell what a reason code (such as F39) means, or list all, and end");
  add_what_is_folded(*verb, *o);
  add_what_is_written(*verb, *o);
  verb->add_option("--reproducer", o->reproducer,
                   "If the proof fails: the first failing region as a model, with its data")
      ->group("Proof");
  verb->add_flag("--unverified", o->unverified, "Write without proof; the file then says so for ever")->group("Proof");
  add_samples(*verb, o->samples);
  add_threads(*verb, o->threads);
  add_format(*verb, o->json);
  verb->footer(
      "Prints one line per batch normalization: folded into which layer, or kept and why. The proof climbs six rungs:\n"
      "structure, parameters, algebra in double, rounding region by region, end to end, and NaN and infinity. If one\n"
      "fails, no model is written and the exit code is 1. The folded model carries a certificate of its proof, which\n"
      "`pleat verify --certificate` checks again.\n\n"
      "Examples:\n"
      "  pleat fold net.onnx --dry-run\n"
      "  pleat fold net.onnx -o net.folded.onnx --html net.html\n"
      "  pleat fold net.onnx -o net.folded.onnx --dataset /usr/share/datasets/fashion-mnist\n"
      "  pleat verify --certificate net.folded.onnx net.onnx\n"
      "  pleat fold --explain F39");
}

}  // namespace pleat::cli
