#include <fmt/core.h>

#include "cli/output.h"
#include "cli/sample_sets.h"
#include "cli/verb.h"
#include "converter/emit/emit.h"
#include "converter/fold/reasons.h"
#include "converter/verify/report.h"
#include "runtime/base/files.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string model;
  std::string output;
  std::string report;
  std::string explain;
  SampleChoice samples;
  int threads = 1;
  bool json = false;
};

Status explain(const std::string& code) {
  const Reason* reason = find_reason(code);
  if (reason == nullptr) {
    std::string codes;
    for (const Reason& known : reasons()) codes += (codes.empty() ? "" : ", ") + std::string(known.code);
    return fail(Error::usage("no such reason code").at("--explain").expect("one of: " + codes).saw(code));
  }
  fmt::print("{}: {}\n\n{}\n", reason->code, reason->summary, reason->explanation);
  return {};
}

Json report_json(const Options& options, const VerifiedFold& folded, bool written) {
  Json json = Json::parse(to_json(folded.fold.map));
  json["input"] = options.model;
  json["output"] = written ? Json(options.output) : Json(nullptr);
  json["verdict"] = Json::parse(to_json(folded.verdict));
  return json;
}

Status run(const Options& options) {
  if (!options.explain.empty()) return explain(options.explain);
  if (options.model.empty() || options.output.empty())
    return fail(Error::usage("the model to fold or the file to write is missing").fix("pleat fold M.onnx -o F.onnx"));
  PLEAT_ASSIGN(const auto model, read_model(options.model));
  PLEAT_TRY(check_writable(options.output));
  PLEAT_ASSIGN(const auto samples, choose_samples(*model, options.samples));
  Progress progress("proving");
  auto folded = fold_and_verify(*model, {}, samples, shown_on(progress, options.threads));
  progress.hide();
  if (!folded) return fail(std::move(folded).error().at(options.model));
  const auto emitted = emit_proved(*folded, options.output);
  const Json json = report_json(options, *folded, emitted.has_value());
  if (!options.report.empty()) PLEAT_TRY(write_file(options.report, json.dump(1) + "\n"));
  if (options.json)
    print(json);
  else
    fmt::print("{}{}", to_text(folded->fold.map), to_text(folded->verdict));
  if (!emitted) return fail(emitted.error());
  if (!options.json) fmt::print("wrote {}: {} bytes; {}\n", options.output, emitted->bytes, emitted->judgement);
  return {};
}

}  // namespace

void add_fold(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(
      app, action, "fold", "Fold batch normalization into the layers before it, and write the result if it is proved",
      run);
  verb->add_option("MODEL", o->model, "Unfolded ONNX file");
  verb->add_option("-o,--output", o->output, "Folded ONNX file to write");
  verb->add_option("--report", o->report, "Also write the fold map and the verdict as JSON, passed or not");
  verb->add_option("--explain", o->explain, "Tell what a reason code (such as F39) means, and end");
  add_samples(*verb, o->samples);
  add_threads(*verb, o->threads);
  add_format(*verb, o->json);
  verb->footer(
      "One line per batch normalization: folded into which layer, or kept and why. The proof climbs five rungs:\n"
      "structure, parameters, algebra in double, rounding per layer, end to end. If one fails, no file is written\n"
      "and the exit code is 1. Example: pleat fold net.onnx -o net.folded.onnx --report fold.json");
}

}  // namespace pleat::cli
