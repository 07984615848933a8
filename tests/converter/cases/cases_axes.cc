#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

void add_axes(RowCases& cases) {
  cases.row("F99");
  cases
      .add("channel_stays",
           [](Sketch& g, S d) {
             between_layers(g, d, "Transpose", {}, {ints("perm", {3, 1, 0, 2})});
           })
      .folds("y");
  cases
      .add("channel_moves",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(g.op("Transpose", {"c"}, {ints("perm", {0, 2, 1, 3})}), d.h, "y");
           })
      .keeps("y", {"F99", "F71", "F72"});
  cases
      .add("there_and_back",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string last = g.op("Transpose", {"c"}, {ints("perm", {0, 2, 3, 1})});
             g.bn(g.op("Transpose", {last}, {ints("perm", {0, 3, 1, 2})}), d.out, "y");
           })
      .folds("y");
  cases.row("F100");
  cases
      .add("flattened_blocks",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::int64_t block = d.h * d.w;
             g.bn(g.op("Flatten", {"c"}), d.out * block, "y");
             for (const char* parameter : {"scale", "bias", "mean", "var"}) {
               std::vector<double> values;
               for (const double value : g.draw(d.out, 0.5, 2))
                 values.insert(values.end(), static_cast<std::size_t>(block), value);
               g.set(std::string("y.") + parameter, values);
             }
           })
      .folds("y");
  cases
      .add("flattened",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(g.op("Flatten", {"c"}), d.out * d.h * d.w, "y");
           })
      .keeps("y", {"F100"});
  cases
      .add("flattened_before_a_gemm",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(g.op("Flatten", {"c"}), d.out * d.h * d.w, "n");
             gemm(g, "n", {d.out * d.h * d.w, 3}, {}, "y");
           })
      .folds("n");
  cases.row("F101");
  cases
      .add("squeezed",
           [](Sketch& g, S d) {
             image(g, d);
             g.conv("x", {d.out, d.in, d.h, d.w}, {}, "c");
             const std::string axes = g.integers({3, 2});
             g.bn(g.op("Squeeze", {"c", axes}), d.out, "y");
           })
      .folds("y");
  cases
      .add("unsqueezed",
           [](Sketch& g, S d) {
             g.input("x", {-1, d.in, d.len});
             g.conv("x", {d.out, d.in, 3}, {}, "c");
             const std::string axes = g.integers({-2});
             g.bn(g.op("Unsqueeze", {"c", axes}), d.out, "y");
           })
      .folds("y");
  cases
      .add("batch_squeezed",
           [](Sketch& g, S d) {
             g.input("x", {1, d.in, d.h, d.w});
             g.conv("x", {d.out, d.in, 3, 3}, {same()}, "c");
             const std::string axes = g.integers({0});
             g.bn(g.op("Squeeze", {"c", axes}), d.h, "y");
           })
      .keeps("y", {"F101", "F99", "F71"});
}

void depth_to_space(Sketch& g, S d, const std::string& mode) {
  image(g, d);
  g.conv_bias("x", {4 * d.out, d.in, 3, 3}, {same()}, "c");
  g.bn(g.op("DepthToSpace", {"c"}, {integer("blocksize", 2), text("mode", mode)}), d.out, "y");
}

std::string slice(Sketch& g, std::int64_t axis, std::int64_t first, std::int64_t end) {
  const std::string starts = g.integers({first}), ends = g.integers({end}), axes = g.integers({axis});
  return g.op("Slice", {"c", starts, ends, axes});
}

void add_rearranged(RowCases& cases) {
  cases.row("F102");
  cases.add("depth_to_space_dcr", [](Sketch& g, S d) { depth_to_space(g, d, "DCR"); }).folds("y");
  cases.add("depth_to_space_crd", [](Sketch& g, S d) { depth_to_space(g, d, "CRD"); }).folds("y");
  cases
      .add("shuffle",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string apart = g.integers({0, 2, d.out / 2, d.h, d.w}),
                               together = g.integers({0, d.out, d.h, d.w});
             const std::string split = g.op("Reshape", {"c", apart});
             const std::string turned = g.op("Transpose", {split}, {ints("perm", {0, 2, 1, 3, 4})});
             g.bn(g.op("Reshape", {turned, together}), d.out, "y");
           })
      .folds("y");
  cases
      .add("space_to_depth",
           [](Sketch& g, S d) {
             g.input("x", {-1, d.in, 4, 4});
             g.conv("x", {d.out, d.in, 3, 3}, {same()}, "c");
             g.bn(g.op("SpaceToDepth", {"c"}, {integer("blocksize", 2)}), 4 * d.out, "y");
           })
      .keeps("y", {});
  cases.row("F103");
  cases
      .add("places",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(slice(g, 3, 1, -1), d.out, "y");
           })
      .folds("y");
  cases
      .add("channels",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(slice(g, 1, 1, 3), 2, "y");
           })
      .either("y");
  cases
      .add("channels_read_otherwise",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(slice(g, 1, 0, d.out / 2), d.out / 2, "y");
             g.op("Relu", {slice(g, 1, d.out / 2, d.out)}, {}, "r");
             g.output("y").output("r");
           })
      .keeps("y", {"F39", "F103"});
  cases
      .add("split",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string parts = g.integers({d.out / 2, d.out / 2});
             g.op("Split", {"c", parts}, {integer("axis", 1)}, "left");
             more_outputs(g, {"right"});
             g.op("Relu", {"right"}, {}, "r");
             g.bn("left", d.out / 2, "y");
             g.output("y").output("r");
           })
      .keeps("y", {"F103"});
}

void add_other_norms(RowCases& cases) {
  cases.row("F104");
  cases.add("instance_norm_alone", [](Sketch& g, S d) {
    conv_of_image(g, d);
    const std::string scale = g.weight({d.out}), b = g.weight({d.out});
    g.op("InstanceNormalization", {"c", scale, b}, {}, "y");
  });
  cases
      .add("instance_norm_between",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string scale = g.weight({d.out}), b = g.weight({d.out});
             g.bn(g.op("InstanceNormalization", {"c", scale, b}), d.out, "y");
           })
      .keeps("y", {"F104"});
  cases
      .add("layer_norm_between",
           [](Sketch& g, S d) {
             rows(g, d);
             gemm(g, "x", {d.in, d.out}, {}, "c");
             const std::string scale = g.weight({d.out}), b = g.weight({d.out});
             g.bn(g.op("LayerNormalization", {"c", scale, b}), d.out, "y");
           })
      .keeps("y", {"F104"});
}

}  // namespace

void add_axis_cases(RowCases& cases) {
  add_axes(cases);
  add_rearranged(cases);
  add_other_norms(cases);
}

}  // namespace pleat
