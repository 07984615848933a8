#include <fmt/core.h>

#include "cli/output.h"
#include "cli/verb.h"
#include "converter/build/build_graph.h"
#include "converter/emit/emit.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string checkpoint;
  std::string output;
  int opset = ExportOptions{}.opset;
  bool dynamic_batch = false;
  bool json = false;
};

Status run(const Options& options) {
  PLEAT_ASSIGN(const Checkpoint checkpoint, read_checkpoint(options.checkpoint));
  auto built = build_graph(checkpoint, {options.opset, options.dynamic_batch});
  if (!built) return fail(std::move(built).error().at(options.checkpoint));
  PLEAT_ASSIGN(const Emitted emitted, emit(built->model, options.output));
  Json json = result_of("export");
  json["output"] = options.output;
  json["opset"] = options.opset;
  json["nodes"] = built->model.graph.nodes.size();
  json["bytes"] = emitted.bytes;
  json["judged"] = emitted.judged;
  json["warnings"] = built->warnings;
  if (options.json) {
    print(json);
    return {};
  }
  for (const std::string& warning : built->warnings) fmt::print("warning: {}\n", warning);
  fmt::print("wrote {}: opset {}, {} nodes, {} bytes; {}\n", options.output, options.opset,
             built->model.graph.nodes.size(), emitted.bytes, emitted.judgement);
  return {};
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "export", "Turn a checkpoint into an unfolded ONNX model", run);
  verb->add_option("CKPT", o->checkpoint, "Checkpoint (.safetensors) with its architecture")->required();
  verb->add_option("-o,--output", o->output, "ONNX file to write")->required();
  verb->add_option("--opset", o->opset, "ONNX operator set")
      ->check(CLI::Range(kLowestOpset, kHighestOpset))
      ->capture_default_str();
  verb->add_flag("--dynamic-batch", o->dynamic_batch, "Leave the batch size open (N) instead of 1");
  add_format(*verb, o->json);
  verb->footer(
      "The file gets its name only after ONNX's own checker and shape inference accept it.\n"
      "Example: pleat export net.safetensors -o net.onnx --dynamic-batch");
}

}  // namespace pleat::cli
