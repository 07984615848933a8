#include <cmath>

#include "converter/report/json_parts.h"
#include "converter/report/report.h"

namespace pleat {
namespace {

Json number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/// [bin, count] of the bins that are not empty.
Json histogram_json(const RatioHistogram& histogram) {
  Json json = Json::array();
  for (std::size_t bin = 0; bin < RatioHistogram::kBins; ++bin)
    if (histogram.counts[bin] != 0) json.push_back({bin, histogram.counts[bin]});
  return json;
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
          {"roundings", figures.roundings},
          {"ratios", histogram_json(figures.ratios)},
          {"worst", finding_json(figures.worst)}};
}

Json rung_json(const RungReport& report) {
  Json json = {{"rung", static_cast<int>(report.rung)},
               {"name", rung_name(report.rung)},
               {"ran", report.ran},
               {"passed", report.passed},
               {"excused", report.excused},
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
          {"mean_abs_difference", number(figures.mean_abs_difference)},
          {"max_ulp_difference", number(figures.max_ulp_difference)},
          {"unfolded_error", number(figures.unfolded_error)},
          {"folded_error", number(figures.folded_error)},
          {"last_bound", number(figures.last_bound)},
          {"noise", number(figures.noise)},
          {"allowed", number(figures.allowed)},
          {"ratios", histogram_json(figures.ratios)},
          {"argmax_agree", figures.argmax_agree},
          {"class_mismatches", figures.class_mismatches}};
}

Json margin_json(const DecisionMargin& margin) {
  return {{"node", margin.node},
          {"output", margin.output},
          {"decisions", margin.decisions},
          {"flipped", margin.flipped},
          {"close", margin.close},
          {"unexplained", margin.unexplained},
          {"smallest_margin", number(margin.smallest_margin)},
          {"tolerance", number(margin.tolerance)}};
}

Json entry_json(const FoldEntry& entry) {
  const ChannelFacts& facts = entry.facts;
  return {{"graph", entry.graph},
          {"batch_norm", entry.batch_norm},
          {"output", entry.output},
          {"written_out", entry.written_out},
          {"folded", entry.folded},
          {"decomposed", entry.decomposed},
          {"code", entry.code},
          {"reason", entry.reason},
          {"remedy", entry.remedy},
          {"channels",
           {{"count", facts.channels},
            {"min_scale", number(facts.min_scale)},
            {"max_scale", number(facts.max_scale)},
            {"dead", facts.dead},
            {"amplifying", facts.amplifying},
            {"negative_variance", facts.negative_variance},
            {"flushed", facts.flushed}}},
          {"into", entry.into},
          {"targets", entry.targets},
          {"new_constants", entry.new_constants}};
}

template <class Item, class Make>
Json list_json(const std::vector<Item>& items, Make make) {
  Json json = Json::array();
  for (const Item& item : items) json.push_back(make(item));
  return json;
}

Json with_schema(const char* schema, const Json& content) {
  Json json = {{"schema", schema}};
  json.update(content);
  return json;
}

}  // namespace

Json verdict_json(const Verdict& verdict) {
  const auto sample = [](const SampleRecord& record) -> Json {
    return {{"name", record.name}, {"seed", record.seed}, {"samples", record.samples}};
  };
  const auto coverage = [](const Coverage& covered) -> Json {
    return {{"batch_norm", covered.batch_norm}, {"channels", covered.channels}, {"never_alive", covered.never_alive}};
  };
  const auto confusion = [](const Confusion& table) -> Json {
    return {{"output", table.output},
            {"samples", table.samples},
            {"names", table.names},
            {"unfolded", table.unfolded},
            {"folded", table.folded}};
  };
  return {{"passed", verdict.passed},
          {"layers_checked", verdict.layers_checked},
          {"folds", verdict.folds},
          {"threads", verdict.threads},
          {"isa", verdict.isa},
          {"samples", list_json(verdict.samples, sample)},
          {"rungs", list_json(verdict.rungs, rung_json)},
          {"outputs", list_json(verdict.outputs, output_json)},
          {"coverage", list_json(verdict.coverage, coverage)},
          {"margins", list_json(verdict.margins, margin_json)},
          {"confusions", list_json(verdict.confusions, confusion)}};
}

Json fold_map_json(const FoldMap& map) {
  return {{"folded", map.folded()},
          {"kept", map.kept()},
          {"warnings", map.warnings},
          {"inlined", map.inlined},
          {"batch_norms", list_json(map.entries, entry_json)}};
}

std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const Verdict& verdict) { return dumped(with_schema("pleat.verify/1", verdict_json(verdict)), 2); }

std::string to_json(const FoldMap& map) { return dumped(with_schema("pleat.fold/1", fold_map_json(map)), 2); }

std::string to_json(const SelfTestReport& report) {
  const auto mutation = [](const MutationResult& result) -> Json {
    return {{"name", result.name},
            {"applicable", result.applicable},
            {"batch_norm", result.batch_norm},
            {"caught", result.caught},
            {"rung", static_cast<int>(result.rung)},
            {"parameters_ratio", number(result.parameters_ratio)},
            {"algebra_ratio", number(result.algebra_ratio)},
            {"rounding_ratio", number(result.rounding_ratio)}};
  };
  return dumped({{"schema", "pleat.self_test/1"},
                 {"passed", report.passed},
                 {"right_fold_passes", report.right_fold_passes},
                 {"mutations", list_json(report.mutations, mutation)}},
                2);
}

}  // namespace pleat
