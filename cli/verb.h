#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "runtime/plan/plan.h"

namespace pleat::cli {

/// What the command line asked for; main runs it once parsing is over.
using Action = std::function<Status()>;

/// Gives `app` the options of one verb. When that verb is the one used, `action` is set to what runs it.
void add_train(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_fold(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_eval(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_test(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_health(CLI::App& app, Action& action);

/// Starts a verb: its options live in `Options` for as long as the parser does, `run` gets them when the verb is used.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> add_verb(CLI::App& app, Action& action, const char* name,
                                                        const char* what, Status (*run)(const Options&)) {
  CLI::App* verb = app.add_subcommand(name, what);
  auto options = std::make_shared<Options>();
  verb->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
  return {verb, options};
}

/// --format text|json
void add_format(CLI::App& verb, bool& json);
/// --threads N
void add_threads(CLI::App& verb, int& threads);
/// --threads N and --exact
void add_plan_options(CLI::App& verb, PlanOptions& plan);

}  // namespace pleat::cli
