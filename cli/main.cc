#include <malloc.h>

#include <fmt/core.h>

#include <cstdio>
#include <new>

#include "cli/verb.h"
#include "runtime/base/isa.h"

namespace pleat::cli {
namespace {

int exit_code(ErrorCode code) { return static_cast<int>(code); }

int report(const Error& error) {
  std::fflush(stdout);
  fmt::print(stderr, "pleat: {}\n", error.text());
  return exit_code(error.code);
}

/// CLI11 would only say that a verb is missing.
Status check_verb(const CLI::App& app, const std::string& name) {
  std::string known;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_name() == name) return {};
    known += (known.empty() ? "" : ", ") + verb->get_name();
  }
  return fail(Error::usage("no such verb").expect(known).saw(name).fix("pleat --help tells what each does"));
}

int run(int argc, char** argv) {
  CLI::App app{
      "Pleat takes a network with batch normalization from training to serving one image at a time:\n"
      "it trains, exports to ONNX, folds the normalization away, proves the fold, and runs the result."};
  app.set_version_flag("--version", "pleat " PLEAT_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "From nothing to a label:\n"
      "  pleat train --output net.safetensors\n"
      "  pleat export net.safetensors -o net.onnx\n"
      "  pleat fold net.onnx -o net.folded.onnx\n"
      "  pleat run net.folded.onnx picture.png\n\n"
      "Exit codes: 0 ok, 1 verification or test failed, 2 usage, 3 bad model or input,\n"
      "4 unsupported operator, 5 resource limit, 70 a bug of ours.\n"
      "PLEAT_ISA or --isa: reference, avx2 or avx512; every choice gives the same bits.");
  std::string isa;
  app.add_option("--isa", isa, "Force an instruction set: reference, avx2 or avx512")->group("Machine");

  Action action;
  for (auto add :
       {add_train, add_export, add_fold, add_verify, add_run, add_eval, add_inspect, add_test, add_bench, add_health})
    add(app, action);
  if (argc > 1 && argv[1][0] != '-')
    if (auto known = check_verb(app, argv[1]); !known) return report(known.error());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code(ErrorCode::kUsage);
  }

  if (auto status = force_isa_from_environment(); !status) return report(status.error());
  if (!isa.empty()) {
    auto forced = parse_isa(isa).and_then(force_isa);
    if (!forced) return report(std::move(forced).error().at("--isa"));
  }
  auto status = action();
  if (std::fflush(stdout) != 0) return report(Error::resource("cannot write the result to standard output"));
  return status ? 0 : report(status.error());
}

}  // namespace
}  // namespace pleat::cli

int main(int argc, char** argv) {
  // Weights and activations come and go layer by layer; blocks of their size are given back at once.
  constexpr int kLargeBlock = 4 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  try {
    return pleat::cli::run(argc, argv);
  } catch (const std::bad_alloc&) {
    return pleat::cli::report(pleat::Error::resource("out of memory"));
  } catch (const std::exception& error) {
    return pleat::cli::report(pleat::Error::internal(error.what()).fix("please report this with the command line"));
  }
}
