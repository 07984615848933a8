#include <fmt/core.h>

#include "cli/output.h"
#include "cli/verb.h"
#include "models/health/health.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string checkpoint;
  bool json = false;
};

Json spread_json(const Spread& spread) { return {{"min", spread.min}, {"median", spread.median}, {"max", spread.max}}; }

Json layer_json(const BatchNormSummary& layer) {
  Json json = {{"layer", layer.layer}, {"name", layer.name}, {"channels", layer.channels}, {"eps", layer.eps}};
  json["momentum"] = layer.momentum ? Json(*layer.momentum) : Json(nullptr);
  json["batches"] = layer.batches ? Json(*layer.batches) : Json(nullptr);
  for (const auto& [name, spread] :
       {std::pair{"weight", &layer.weight}, std::pair{"bias", &layer.bias}, std::pair{"mean", &layer.mean},
        std::pair{"var", &layer.var}, std::pair{"scale", &layer.scale}})
    json[name] = spread_json(*spread);
  return json;
}

Json report_json(const HealthReport& report) {
  Json json = result_of("health");
  json["fit_to_deploy"] = report.fit_to_deploy();
  json["layers"] = Json::array();
  json["findings"] = Json::array();
  for (const BatchNormSummary& layer : report.layers) json["layers"].push_back(layer_json(layer));
  for (const HealthFinding& finding : report.findings)
    json["findings"].push_back({{"severity", severity_name(finding.severity)},
                                {"layer", finding.layer},
                                {"channels", finding.channels},
                                {"what", finding.what},
                                {"why", finding.why},
                                {"remedy", finding.remedy}});
  return json;
}

void print_report(const HealthReport& report) {
  fmt::print("{:<24}{:>9}{:>9}   {:<20} {:<20} {:<20}\n", "batch normalization", "channels", "batches", "weight (γ)",
             "bias (β)", "scale γ/√(σ²+ε)");
  const auto range = [](const Spread& spread) { return fmt::format("{:.3g} … {:.3g}", spread.min, spread.max); };
  for (const BatchNormSummary& layer : report.layers)
    fmt::print("{:<24}{:>9}{:>9}   {:<20} {:<20} {:<20}\n", layer.name, layer.channels,
               layer.batches ? std::to_string(*layer.batches) : "-", range(layer.weight), range(layer.bias),
               range(layer.scale));
  for (const HealthFinding& finding : report.findings) {
    fmt::print("{}: layer {}: {}\n  {}\n", severity_name(finding.severity), finding.layer, finding.what, finding.why);
    if (!finding.remedy.empty()) fmt::print("  remedy: {}\n", finding.remedy);
  }
  fmt::print("{}\n", report.fit_to_deploy() ? "fit to deploy" : "NOT fit to deploy");
}

Status run(const Options& options) {
  PLEAT_ASSIGN(const Checkpoint checkpoint, read_checkpoint(options.checkpoint));
  auto report = check_health(checkpoint);
  if (!report) return fail(std::move(report).error().at(options.checkpoint));
  if (options.json)
    print(report_json(*report));
  else
    print_report(*report);
  if (report->fit_to_deploy()) return {};
  return fail(Error::check_failed("the batch-normalization statistics are not fit to deploy").at(options.checkpoint));
}

}  // namespace

void add_health(CLI::App& app, Action& action) {
  auto [verb, o] =
      add_verb<Options>(app, action, "health", "Are a checkpoint's batch-normalization statistics fit to deploy?", run);
  verb->add_option("CKPT", o->checkpoint, "Checkpoint (.safetensors)")->required();
  add_format(*verb, o->json);
  verb->footer(
      "Exit code 1 where they are not: NaN, variances that are not positive, statistics never updated.\n"
      "Example: pleat health net.safetensors");
}

}  // namespace pleat::cli
