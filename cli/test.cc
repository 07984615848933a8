#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "cli/output.h"
#include "cli/progress.h"
#include "cli/test_folder.h"
#include "cli/verb.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> folders;
  double rtol = 1e-3;
  double atol = 1e-7;
  PlanOptions plan;
  bool verbose = false;
  bool json = false;
};

enum class Outcome { kPassed, kFailed, kSkipped };
constexpr const char* kOutcomeNames[] = {"passed", "failed", "skipped"};

struct TestResult {
  std::string folder;
  Outcome outcome = Outcome::kPassed;
  std::string reason;
};

/// The folders with a model.onnx at or below `root`, in order of name.
Result<std::vector<fs::path>> find_tests(const std::string& root) {
  std::error_code error;
  if (!fs::is_directory(root, error))
    return fail(
        Error::usage("not a folder").at(root).expect("a folder with model.onnx, or one that holds such folders"));
  std::vector<fs::path> found;
  if (fs::exists(fs::path(root) / "model.onnx")) found.push_back(root);
  fs::recursive_directory_iterator it(root, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error))
    if (it->path().filename() == "model.onnx" && it->path().parent_path() != fs::path(root))
      found.push_back(it->path().parent_path());
  std::sort(found.begin(), found.end());
  return found;
}

Status require_close(const std::string& name, const TensorView& got, const Tensor& expected, Tolerance tolerance) {
  const TensorView want = expected.view();
  const auto place = "output '" + name + "'";
  if (got.dtype != want.dtype || *got.shape != *want.shape)
    return fail(Error::check_failed("another type or shape")
                    .at(place)
                    .expect(std::string(dtype_name(want.dtype)) + want.shape->text())
                    .saw(std::string(dtype_name(got.dtype)) + got.shape->text()));
  PLEAT_ASSIGN(const bool close, all_close(got, want, tolerance.rtol, tolerance.atol));
  if (close) return {};
  PLEAT_ASSIGN(const Difference difference, compare(got, want));
  return fail(Error::check_failed("elements differ")
                  .at(place)
                  .expect(fmt::format("within rtol {} atol {}", tolerance.rtol, tolerance.atol))
                  .saw(fmt::format("max abs {:.3g}, max rel {:.3g}, {} NaN/Inf mismatches", difference.max_abs,
                                   difference.max_rel, difference.class_mismatches)));
}

Status run_data_set(const std::shared_ptr<const Model>& model, const fs::path& set, Tolerance tolerance,
                    const PlanOptions& plan) {
  PLEAT_ASSIGN(const auto inputs, stored_inputs(*model, set));
  PLEAT_ASSIGN(auto session, open_test(model, inputs, plan));
  session->run();
  for (std::size_t i = 0; i < session->plan().outputs().size(); ++i) {
    const PlannedValue& output = session->plan().outputs()[i];
    PLEAT_ASSIGN(const Tensor expected, stored_tensor(set, "output", i, output.dtype));
    PLEAT_TRY(require_close(output.name, session->output(i), expected, tolerance));
  }
  return {};
}

Status run_folder(const fs::path& folder, const Options& options) {
  PLEAT_ASSIGN(const Tolerance tolerance, tolerance_of(folder, {options.rtol, options.atol}));
  PLEAT_ASSIGN(const auto model, read_model((folder / "model.onnx").string()));
  const auto sets = data_sets(folder);
  if (sets.empty()) return fail(Error::invalid("no test_data_set_N folder"));
  for (const fs::path& set : sets)
    if (auto status = run_data_set(model, set, tolerance, options.plan); !status)
      return fail(std::move(status).error().at(set.filename().string()));
  return {};
}

TestResult judged(const fs::path& folder, const Options& options) {
  const Status status = run_folder(folder, options);
  if (status) return {folder.string(), Outcome::kPassed, {}};
  const bool skipped = status.error().code == ErrorCode::kUnsupported;
  return {folder.string(), skipped ? Outcome::kSkipped : Outcome::kFailed, status.error().text()};
}

void print_text(const TestResult& result, bool verbose) {
  if (result.outcome == Outcome::kFailed || verbose)
    fmt::print("{}: {}{}{}\n", kOutcomeNames[static_cast<int>(result.outcome)], result.folder,
               result.reason.empty() ? "" : "\n    ", result.reason);
}

Status test(const Options& options) {
  std::vector<fs::path> folders;
  for (const std::string& root : options.folders) {
    PLEAT_ASSIGN(const auto found, find_tests(root));
    folders.insert(folders.end(), found.begin(), found.end());
  }
  std::int64_t counts[3] = {};
  Json json = result_of("test");
  json["tests"] = Json::array();
  Progress progress("testing", static_cast<std::int64_t>(folders.size()));
  for (std::size_t i = 0; i < folders.size(); ++i) {
    progress.show(static_cast<std::int64_t>(i), folders[i].filename().string());
    const TestResult result = judged(folders[i], options);
    ++counts[static_cast<int>(result.outcome)];
    if (!options.json) print_text(result, options.verbose);
    json["tests"].push_back({{"folder", result.folder},
                             {"outcome", kOutcomeNames[static_cast<int>(result.outcome)]},
                             {"reason", result.reason}});
  }
  for (int i = 0; i < 3; ++i) json[kOutcomeNames[i]] = counts[i];
  if (options.json)
    print(json);
  else
    fmt::print("{} passed, {} failed, {} skipped\n", counts[0], counts[1], counts[2]);
  if (folders.empty()) return fail(Error::usage("no model.onnx found").fix("name the folder that holds the tests"));
  if (counts[1] > 0) return fail(Error::check_failed(fmt::format("{} of {} tests failed", counts[1], folders.size())));
  return {};
}

}  // namespace

void add_test(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "test", "Run ONNX backend test folders", test);
  verb->add_option("DIR", o->folders, "Folders with model.onnx and test_data_set_N, or folders of such")->required();
  verb->add_option("--rtol", o->rtol, "Relative tolerance; a folder's data.json wins")->capture_default_str();
  verb->add_option("--atol", o->atol, "Absolute tolerance; a folder's data.json wins")->capture_default_str();
  verb->add_flag("--verbose", o->verbose, "Name every test, and why one is skipped");
  add_plan_options(*verb, o->plan);
  add_format(*verb, o->json);
  verb->footer("A test is skipped where it needs an operator or type this build lacks. Exit code 1 if any failed.");
}

}  // namespace pleat::cli
