#include "cli/against.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/child.h"
#include "converter/engine/opencv.h"

namespace pleat::cli {
namespace {

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(fmt::format("{}", value)); }

Json report_json(const EngineReport& report) {
  Json json = {{"engine", report.engine},
               {"ran", report.ran},
               {"refusal", report.refusal},
               {"agrees", report.agrees()},
               {"outputs", Json::array()}};
  for (const EngineFigures& figures : report.outputs)
    json["outputs"].push_back({{"output", figures.output},
                               {"samples", figures.samples},
                               {"compared", figures.compared},
                               {"difference", number(figures.difference)},
                               {"our_error", number(figures.our_error)},
                               {"engine_error", number(figures.engine_error)},
                               {"allowed", number(figures.allowed)},
                               {"class_mismatches", figures.class_mismatches}});
  return json;
}

std::string text_of(const Json& value) {
  return value.is_number() ? fmt::format("{:.3g}", value.get<double>()) : value.get<std::string>();
}

}  // namespace

Result<Json> against_opencv(const std::vector<Contestant>& models, const std::vector<SampleSet>& samples, int threads) {
  Json reports = Json::array();
  for (const Contestant& contestant : models) {
    const auto text = in_child([&]() -> Result<std::string> {
      PLEAT_ASSIGN(const EngineReport report, compare_with_opencv(contestant.model, samples, threads));
      return report_json(report).dump(-1, ' ', false, Json::error_handler_t::replace);
    });
    const bool crashed = !text && text.error().code == ErrorCode::kInternal;
    if (!text && !crashed) return fail(Error(text.error()).at(contestant.name));
    Json json = crashed ? report_json({"OpenCV", false, text.error().text(), {}}) : Json::parse(*text);
    json["model"] = contestant.name;
    reports.push_back(std::move(json));
  }
  return reports;
}

std::string against_text(const Json& reports) {
  std::string out;
  for (const Json& report : reports) {
    const auto engine = report["engine"].get<std::string>(), model = report["model"].get<std::string>();
    if (!report["ran"].get<bool>()) {
      out += fmt::format("{} does not run {}: {}\n", engine, model, report["refusal"].get<std::string>());
      continue;
    }
    out += fmt::format("{} {} on {}\n", engine, report["agrees"].get<bool>() ? "agrees" : "DISAGREES", model);
    for (const Json& figures : report["outputs"])
      out += fmt::format("  {} on {}: differs by {}; from the true value: ours {}, OpenCV's {}, allowed {}\n",
                         figures["output"].get<std::string>(), figures["samples"].get<std::string>(),
                         text_of(figures["difference"]), text_of(figures["our_error"]),
                         text_of(figures["engine_error"]), text_of(figures["allowed"]));
  }
  return out;
}

}  // namespace pleat::cli
