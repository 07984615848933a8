#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "tests/converter/cases/shared.h"
#include "tests/support/wire_bytes.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

void list_as_inputs(Sketch& g) {
  Names names;
  for (const Initializer& initializer : g.graph().initializers) names.push_back(initializer.name);
  for (const std::string& name : names) g.also_input(name);
}
void listed(Sketch& g, S d, std::int64_t ir) {
  g.ir(ir).opset(8);
  conv_of_image(g, d);
  g.bn("c", d.out, "y");
  list_as_inputs(g);
}

void add_inputs(RowCases& cases) {
  cases.row("F55");
  const auto only_x = [](const Model&, const FoldResult& r) {
    const bool done = r.folded.ir_version == 4 && r.folded.graph.inputs.size() == 1;
    return std::string(done ? "" : "constants are still inputs, or the IR version is not 4");
  };
  cases.add("ir3", [](Sketch& g, S d) { listed(g, d, 3); }).folds("y").check(only_x);
  cases.add("ir3_kept", [](Sketch& g, S d) { listed(g, d, 3); })
      .with({.keep_ir = true})
      .folds("y")
      .check([](const Model&, const FoldResult& r) {
        return std::string(r.folded.ir_version == 3 ? "" : "the IR version changed");
      });
  cases.row("F56");
  cases.add("ir4", [](Sketch& g, S d) { listed(g, d, 4); }).keeps("y", {"F56"});
  cases.add("frozen", [](Sketch& g, S d) { listed(g, d, 4); }).with({.freeze_inputs = true}).folds("y");
  cases
      .add("one_parameter",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.also_input("y.mean");
           })
      .keeps("y", {"F56"});
  cases
      .add("another_constant",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "n");
             const std::string other = g.weight({d.w});
             g.op("Mul", {"n", other}, {}, "y");
             g.also_input(other);
           })
      .folds("n");
}

std::string external_tensor(const std::string& name, const Shape& shape, std::int64_t at, std::int64_t bytes) {
  std::string tensor;
  for (const std::int64_t dim : shape) tensor += wire_field(1, dim);
  tensor += wire_field(2, 1) + wire_field(8, name);
  const auto entry = [&](const char* key, const std::string& value) {
    tensor += wire_field(13, wire_field(1, key) + wire_field(2, value));
  };
  entry("location", "weights.bin");
  entry("offset", std::to_string(at));
  entry("length", std::to_string(bytes));
  return tensor + wire_field(14, 1);
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Two layers whose weights are one and the same piece of a file beside the model.
void external_weights(Sketch& g, S d) {
  conv_of_image(g, d);
  Initializer& first = g.graph().initializers[0];
  const Tensor weight = first.tensor;
  const std::string w = first.name;
  Names inputs = g.last().inputs;
  inputs[1] = "alias";
  g.op("Conv", inputs, {same()}, "e");
  g.bn("c", d.out, "y");
  g.bn("e", d.out, "z");
  g.output("y").output("z");
  g.constant("alias", weight);
  const auto bytes = weight.bytes();
  const auto size = static_cast<std::int64_t>(bytes.size());
  const std::string tensors[] = {external_tensor(w, weight.shape(), 64, size),
                                 external_tensor("alias", weight.shape(), 64, size)};
  for (const std::string& name : {w, std::string("alias")}) {
    Initializer& initializer = g.initializer(name);
    initializer.tensor = {};
    initializer.encoded = tensors[name == w ? 0 : 1];
  }
  const auto folder = std::filesystem::temp_directory_path() /
                      ("pleat_case_" + std::to_string(getpid()) + (d.colliding ? "_alike" : ""));
  std::filesystem::create_directories(folder);
  write_file(folder / "weights.bin",
             std::string(64, '\0') + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  write_file(folder / "model.onnx", serialize(g.model()).value());
  const auto model = read_model(folder / "model.onnx");
  std::filesystem::remove_all(folder);  // what is mapped stays readable
  if (!model) throw std::runtime_error(model.error().text());
  g.builder().model() = **model;
}

void add_files(RowCases& cases) {
  cases.row("F57").add("external_weights", external_weights).folds("y").folds("z");
  cases.row("F58")
      .add("annotated_values",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.op("Relu", {"y"}, {}, "r");
             g.annotate("c", {-1, d.out, d.h, d.w}).annotate("y", {-1, d.out, d.h, d.w});
           })
      .folds("y")
      .check([](const Model&, const FoldResult& r) {
        for (const ValueInfo& info : r.folded.graph.value_info)
          if (info.name == "y") return std::string();
        return std::string("the annotation of a value that stayed is gone");
      });
  cases.row("F59");
  cases
      .add("open_sizes",
           [](Sketch& g, S d) {
             g.input("x", {-1, d.in, -1, -1});
             g.conv("x", {d.out, d.in, 3, 3}, {}, "c");
             g.bn("c", d.out, "y");
           })
      .open_sizes_from(3)
      .folds("y");
  cases
      .add("open_rank",
           [](Sketch& g, S d) {
             g.input_of_unknown_rank("x");
             g.conv("x", {d.out, d.in, 3, 3}, {}, "c");
             g.bn("c", d.out, "y");
           })
      .not_computed()
      .folds("y");
}

void add_sequences(RowCases& cases) {
  cases.row("F60");
  cases
      .add("two_in_a_row",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "n");
             g.bn("n", d.out, "y");
           })
      .folds("n")
      .folds("y");
  cases
      .add("pair_after_pair",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "n");
             g.conv("n", {d.in, d.out, 3, 3}, {same()}, "e");
             g.bn("e", d.in, "y");
           })
      .folds("n")
      .folds("y");
  cases
      .add("behind_one_in_training",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "n", {}, {integer("training_mode", 1)});
             more_outputs(g, {"m", "v"});
             g.bn("n", d.out, "y");
           })
      .keeps("n", {"F05"})
      .either("y");
  cases
      .add("without_a_layer",
           [](Sketch& g, S d) {
             image(g, d);
             const std::string r = g.op("Relu", {"x"});
             g.bn(r, d.in, "n");
             g.bn("n", d.in, "y");
           })
      .keeps("n", {"F115", "F87"})
      .folds("y");
  cases.row("F61")
      .add("long_chain",
           [](Sketch& g, S d) {
             conv_of_image(g, d, "c1");
             g.bn("c1", d.out, "n1");
             g.op("Relu", {"n1"}, {}, "r1");
             g.conv("r1", {d.out, d.out, 3, 3}, {same()}, "c2");
             g.bn("c2", d.out, "n2");
             g.op("Relu", {"n2"}, {}, "r2");
             g.bn("r2", d.out, "y");
           })
      .folds("n1")
      .folds("n2")
      .keeps("y", {"F87"});
  cases.row("F62");
  cases
      .add("no_rows",
           [](Sketch& g, S d) {
             g.input("x", {0, d.in, d.h, d.w});
             g.conv("x", {d.out, d.in, 3, 3}, {same()}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases
      .add("no_channels",
           [](Sketch& g, S d) {
             image(g, d);
             g.conv("x", {0, d.in, 3, 3}, {same()}, "c");
             g.bn("c", 0, "y");
           })
      .not_computed()
      .either("y");
}

}  // namespace

void add_model_cases(RowCases& cases) {
  add_inputs(cases);
  add_files(cases);
  add_sequences(cases);
}

}  // namespace pleat
