#include <cmath>
#include <nlohmann/json.hpp>

#include "converter/verify/report.h"

namespace pleat {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

Json finding_json(const Finding& finding) {
  return {{"what", finding.what},
          {"batch_norm", finding.batch_norm},
          {"node", finding.node},
          {"tensor", finding.tensor},
          {"samples", finding.samples},
          {"batch", finding.batch},
          {"element", finding.element},
          {"channel", finding.channel},
          {"unfolded", number(finding.unfolded)},
          {"folded", number(finding.folded)},
          {"double", number(finding.reference)},
          {"bound", number(finding.bound)},
          {"ratio", number(finding.ratio)}};
}

Json layer_json(const LayerFigures& figures) {
  return {{"batch_norm", figures.batch_norm},
          {"node", figures.node},
          {"compared", figures.compared},
          {"failed", figures.failed},
          {"overflow_order", figures.overflow_order},
          {"worst", finding_json(figures.worst)}};
}

Json rung_json(const RungReport& report) {
  Json json = {{"rung", static_cast<int>(report.rung)},
               {"name", rung_name(report.rung)},
               {"ran", report.ran},
               {"passed", report.passed},
               {"text", report.text},
               {"layers", Json::array()}};
  for (const LayerFigures& figures : report.layers) json["layers"].push_back(layer_json(figures));
  json["first_failure"] = report.first_failure ? finding_json(*report.first_failure) : Json(nullptr);
  return json;
}

Json output_json(const OutputFigures& figures) {
  return {{"output", figures.output},
          {"samples", figures.samples},
          {"rows", figures.rows},
          {"compared", figures.compared},
          {"max_abs_difference", number(figures.max_abs_difference)},
          {"unfolded_error", number(figures.unfolded_error)},
          {"folded_error", number(figures.folded_error)},
          {"last_bound", number(figures.last_bound)},
          {"allowed", number(figures.allowed)},
          {"argmax_agree", figures.argmax_agree},
          {"class_mismatches", figures.class_mismatches}};
}

Json entry_json(const FoldEntry& entry) {
  Json json = {
      {"graph", entry.graph}, {"batch_norm", entry.batch_norm}, {"output", entry.output}, {"folded", entry.folded},
      {"code", entry.code},   {"reason", entry.reason},         {"remedy", entry.remedy}};
  json["channels"] = {{"count", entry.facts.channels},
                      {"min_scale", number(entry.facts.min_scale)},
                      {"max_scale", number(entry.facts.max_scale)},
                      {"dead", entry.facts.dead},
                      {"amplifying", entry.facts.amplifying},
                      {"negative_variance", entry.facts.negative_variance},
                      {"flushed", entry.facts.flushed}};
  if (!entry.folded) return json;
  json["into"] = entry.into;
  json["target"] = entry.target;
  json["target_op"] = entry.target_op;
  json["input"] = entry.input;
  json["old_weight"] = entry.old_weight;
  json["old_bias"] = entry.old_bias;
  json["new_weight"] = entry.new_weight;
  json["new_bias"] = entry.new_bias;
  json["steps"] = Json::array();
  for (const FoldStep& step : entry.steps)
    json["steps"].push_back({{"node", step.node}, {"op_type", step.op_type}, {"output", step.output}});
  return json;
}

}  // namespace

std::string to_json(const Verdict& verdict) {
  Json json = {{"schema", "pleat.verify/1"}, {"passed", verdict.passed}, {"layers_checked", verdict.layers_checked},
               {"folds", verdict.folds},     {"samples", Json::array()}, {"rungs", Json::array()},
               {"outputs", Json::array()}};
  for (const SampleRecord& record : verdict.samples)
    json["samples"].push_back({{"name", record.name}, {"seed", record.seed}, {"samples", record.samples}});
  for (const RungReport& rung : verdict.rungs) json["rungs"].push_back(rung_json(rung));
  for (const OutputFigures& figures : verdict.outputs) json["outputs"].push_back(output_json(figures));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const FoldMap& map) {
  Json json = {
      {"schema", "pleat.fold/1"}, {"folded", map.folded()}, {"kept", map.kept()}, {"batch_norms", Json::array()}};
  for (const FoldEntry& entry : map.entries) json["batch_norms"].push_back(entry_json(entry));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const SelfTestReport& report) {
  Json json = {{"schema", "pleat.self_test/1"},
               {"passed", report.passed},
               {"right_fold_passes", report.right_fold_passes},
               {"mutations", Json::array()}};
  for (const MutationResult& result : report.mutations)
    json["mutations"].push_back({{"name", result.name},
                                 {"applicable", result.applicable},
                                 {"batch_norm", result.batch_norm},
                                 {"caught", result.caught},
                                 {"rung", static_cast<int>(result.rung)},
                                 {"parameters_ratio", number(result.parameters_ratio)},
                                 {"algebra_ratio", number(result.algebra_ratio)},
                                 {"rounding_ratio", number(result.rounding_ratio)}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pleat
