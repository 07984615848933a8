#include "cli/verb.h"

namespace pleat::cli {

void add_format(CLI::App& verb, bool& json) {
  verb.add_option_function<std::string>(
          "--format", [&json](const std::string& name) { json = name == "json"; }, "How to print the result")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
}

void add_threads(CLI::App& verb, int& threads) {
  verb.add_option("--threads", threads, "Threads to use; results are the same bits for any number")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

void add_plan_options(CLI::App& verb, PlanOptions& plan) {
  add_threads(verb, plan.threads);
  verb.add_flag("--exact", plan.exact,
                "Every sum in its one documented order: without Winograd's algorithm, which rounds differently");
}

}  // namespace pleat::cli
