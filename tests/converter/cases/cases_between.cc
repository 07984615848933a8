#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

Attribute kernel(std::int64_t size) { return ints("kernel_shape", {size, size}); }

void add_pools(RowCases& cases) {
  cases.row("F90");
  cases
      .add("positive",
           [](Sketch& g, S d) {
             between_layers(g, d, "MaxPool", {}, {kernel(2), ints("strides", {2, 2}), ints("pads", {1, 0, 0, 1})});
           })
      .folds("y");
  cases
      .add("a_dead_channel",
           [](Sketch& g, S d) {
             between_layers(g, d, "MaxPool", {}, {kernel(2)});
             g.set("y.scale", repeated({0, 1.5}, d.out));
           })
      .folds("y");
  cases
      .add("negative",
           [](Sketch& g, S d) {
             between_layers(g, d, "MaxPool", {}, {kernel(2)});
             g.set("y.scale", repeated({1.5, 0.5, 1, -0.25}, d.out));
           })
      .keeps("y", {"F90"});
  cases.row("F91");
  cases.add("no_pads", [](Sketch& g, S d) { between_layers(g, d, "AveragePool", {}, {kernel(2)}, kNegative); })
      .folds("y");
  cases.add("pads_not_counted",
            [](Sketch& g, S d) {
              between_layers(g, d, "AveragePool", {}, {kernel(3), same()});
            })
      .folds("y");
  cases
      .add("pads_counted",
           [](Sketch& g, S d) {
             between_layers(g, d, "AveragePool", {}, {kernel(3), same(), integer("count_include_pad", 1)});
           })
      .keeps("y", {"F91"});
  cases
      .add("pads_counted_no_shift",
           [](Sketch& g, S d) {
             between_layers(g, d, "AveragePool", {}, {kernel(3), same(), integer("count_include_pad", 1)}, kScaleOnly);
           })
      .either("y");
  cases.row("F92");
  cases.add("global_average", [](Sketch& g, S d) { between_layers(g, d, "GlobalAveragePool", {}, {}, kNegative); })
      .folds("y");
  cases
      .add("reduce_mean",
           [](Sketch& g, S d) {
             between_layers(g, d, "ReduceMean", {}, {ints("axes", {2, 3}), integer("keepdims", 0)});
           })
      .folds("y");
  cases
      .add("reduce_mean_of_one_axis",
           [](Sketch& g, S d) {
             g.opset(18);
             between_layers(g, d, "ReduceMean", {g.integers({-1})}, {integer("keepdims", 1)});
           })
      .folds("y");
  cases
      .add("mean_over_channels",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(g.op("ReduceMean", {"c"}, {ints("axes", {1}), integer("keepdims", 1)}), 1, "y");
           })
      .either("y");
  cases
      .add("sum",
           [](Sketch& g, S d) {
             between_layers(g, d, "ReduceSum", {g.integers({2, 3})}, {integer("keepdims", 1)});
           })
      .either("y");
}

void pad(Sketch& g, S d, const std::string& mode, const Stats& stats = {}, std::int64_t opset = 19) {
  g.opset(opset);
  between_layers(g, d, "Pad", {g.integers({0, 0, 1, 2, 0, 0, 2, 1})}, {text("mode", mode)}, stats);
}
void resize(Sketch& g, S d, const Attributes& attributes, const Stats& stats = {}) {
  g.constant("scales", Tensor::of<float>({4}, {1, 1, 2, 1.5F}));
  between_layers(g, d, "Resize", {"", "scales"}, attributes, stats);
}

void add_pads(RowCases& cases) {
  cases.row("F93");
  cases.add("reflect", [](Sketch& g, S d) { pad(g, d, "reflect"); }).folds("y");
  cases.add("edge", [](Sketch& g, S d) { pad(g, d, "edge", kNegative); }).folds("y");
  cases.add("wrap", [](Sketch& g, S d) { pad(g, d, "wrap"); }).folds("y");
  cases.add("zero", [](Sketch& g, S d) { pad(g, d, "constant"); }).keeps("y", {"F93"});
  cases.add("zero_without_shift", [](Sketch& g, S d) { pad(g, d, "constant", kScaleOnly, 13); }).folds("y");
  cases
      .add("one_image_for_all_channels",
           [](Sketch& g, S d) {
             pad(g, d, "constant", {.bias_low = 0.5, .bias_high = 0.5, .mean_low = 0, .mean_high = 0});
           })
      .folds("y");
  cases
      .add("as_attributes",
           [](Sketch& g, S d) {
             g.opset(9);
             between_layers(g, d, "Pad", {}, {text("mode", "edge"), ints("pads", {0, 0, 1, 2, 0, 0, 2, 1})});
           })
      .folds("y");
  cases
      .add("channels_padded",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string pads = g.integers({0, 1, 0, 0, 0, 1, 0, 0});
             g.bn(g.op("Pad", {"c", pads}, {text("mode", "edge")}), d.out + 2, "y");
           })
      .keeps("y", {});
  cases.row("F94");
  cases.add("nearest", [](Sketch& g, S d) { resize(g, d, {}, kNegative); }).folds("y");
  cases.add("linear", [](Sketch& g, S d) { resize(g, d, {text("mode", "linear")}); }).folds("y");
  cases.add("cubic", [](Sketch& g, S d) { resize(g, d, {text("mode", "cubic")}); }).keeps("y", {"F94"});
  cases
      .add("crop",
           [](Sketch& g, S d) {
             g.constant("roi", Tensor::of<float>({8}, {0, 0, -0.5F, 0, 1, 1, 1, 1.5F}));
             g.constant("sizes", Tensor::of<std::int64_t>({4}, {d.n, d.out, 6, 8}));
             g.input("x", {d.n, d.in, d.h, d.w});
             g.conv("x", {d.out, d.in, 3, 3}, {same()}, "c");
             const Attributes crop = {text("mode", "linear"),
                                      text("coordinate_transformation_mode", "tf_crop_and_resize")};
             g.bn(g.op("Resize", {"c", "roi", "", "sizes"}, crop), d.out, "y");
           })
      .keeps("y", {"F94"});
}

/// Two layers of the image, or one and an activation, joined along `axis`.
void joined(Sketch& g, S d, std::int64_t axis, bool both, std::int64_t channels) {
  image(g, d);
  g.conv_bias("x", {d.out, d.in, 3, 3}, {same()}, "a");
  if (both)
    g.conv("x", {d.out, d.in, 1, 1}, {}, "b");
  else
    g.op("Relu", {g.conv("x", {d.out, d.in, 1, 1}, {})}, {}, "b");
  g.bn(g.op("Concat", {"a", "b"}, {integer("axis", axis)}), channels, "y", {.scale_low = -2});
}
void summed(Sketch& g, S d, const std::string& type, bool both) {
  image(g, d);
  g.conv_bias("x", {d.out, d.in, 3, 3}, {same()}, "a");
  if (both)
    g.conv_bias("x", {d.out, d.in, 1, 1}, {}, "b");
  else
    g.op("Relu", {g.conv("x", {d.out, d.in, 1, 1}, {})}, {}, "b");
  g.bn(g.op(type, {"a", "b"}), d.out, "y", {.scale_low = -2});
}

void add_joins(RowCases& cases) {
  cases.row("F95");
  cases.add("channels", [](Sketch& g, S d) { joined(g, d, 1, true, 2 * d.out); }).folds("y");
  cases
      .add("channels_of_layers_of_unlike_size",
           [](Sketch& g, S d) {
             image(g, d);
             g.conv_bias("x", {d.out, d.in, 3, 3}, {same()}, "a");
             g.transposed("x", {d.in, 3, 3, 3}, {same()}, "b");
             g.bn(g.op("Concat", {"b", "a"}, {integer("axis", -3)}), d.out + 3, "y");
           })
      .folds("y");
  cases.add("one_branch_cannot", [](Sketch& g, S d) { joined(g, d, 1, false, 2 * d.out); }).keeps("y", {"F95"});
  cases
      .add("one_branch_is_an_input",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(g.op("Concat", {"x", "c"}, {integer("axis", 1)}), d.in + d.out, "y");
           })
      .keeps("y", {"F95"});
  cases.row("F96");
  cases.add("rows", [](Sketch& g, S d) { joined(g, d, 0, true, d.out); }).folds("y");
  cases.add("columns", [](Sketch& g, S d) { joined(g, d, 3, true, d.out); }).folds("y");
  cases.add("one_branch_cannot", [](Sketch& g, S d) { joined(g, d, 2, false, d.out); }).keeps("y", {"F96", "F95"});
  cases.row("F97");
  cases.add("two_layers", [](Sketch& g, S d) { summed(g, d, "Add", true); }).folds("y");
  cases.add("difference", [](Sketch& g, S d) { summed(g, d, "Sub", true); }).either("y");
  cases.add("product", [](Sketch& g, S d) { summed(g, d, "Mul", true); }).keeps("y", {});
  cases
      .add("with_itself",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn(g.op("Add", {"c", "c"}), d.out, "y");
           })
      .either("y");
  cases.row("F98");
  cases.add("activation", [](Sketch& g, S d) { summed(g, d, "Add", false); }).keeps("y", {"F98", "F97"});
  cases
      .add("residual",
           [](Sketch& g, S d) {
             image(g, d);
             g.conv("x", {d.in, d.in, 3, 3}, {same()}, "a");
             g.bn(g.op("Add", {"x", "a"}), d.in, "y");
           })
      .keeps("y", {"F98", "F97"});
}

}  // namespace

void add_between_cases(RowCases& cases) {
  add_pools(cases);
  add_pads(cases);
  add_joins(cases);
}

}  // namespace pleat
