#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

/// An activation of the image (of rows), normalized: n. No layer before it can take it over.
void image_norm(Sketch& g, S d, const Stats& stats = {}) {
  image(g, d);
  g.bn(g.op("Relu", {"x"}), d.in, "n", stats);
}
void rows_norm(Sketch& g, S d) {
  rows(g, d);
  g.bn(g.op("Relu", {"x"}), d.in, "n");
}
std::string biased_gemm(Sketch& g, S d, bool transposed, Attributes attributes) {
  if (transposed) attributes.push_back(integer("transB", 1));
  gemm(g, "n", transposed ? Shape{d.out, d.in} : Shape{d.in, d.out}, std::move(attributes), "y");
  const std::string b = g.weight({d.out});
  g.last().inputs.push_back(b);
  return "y";
}

void add_gemms(RowCases& cases) {
  cases.row("F105");
  cases
      .add("gemm",
           [](Sketch& g, S d) {
             rows_norm(g, d);
             biased_gemm(g, d, false, {});
           })
      .folds("n");
  cases
      .add("gemm_of_all_forms",
           [](Sketch& g, S d) {
             rows_norm(g, d);
             biased_gemm(g, d, true, {num("alpha", 0.5F), num("beta", -2)});
           })
      .folds("n");
  cases
      .add("gemm_without_bias",
           [](Sketch& g, S d) {
             rows_norm(g, d);
             gemm(g, "n", {d.in, d.out}, {}, "y");
           })
      .folds("n");
  cases
      .add("matmul",
           [](Sketch& g, S d) {
             rows_norm(g, d);
             g.matmul("n", {d.in, d.out}, "y");
           })
      .folds("n");
  cases
      .add("matmul_over_another_axis",
           [](Sketch& g, S d) {
             g.input("x", {-1, d.in, d.len});
             g.bn(g.op("Relu", {"x"}), d.in, "n");
             g.matmul("n", {d.len, d.out}, "y");
           })
      .keeps("n", {"F105", "F115", "F71", "F87"});
  cases
      .add("left_transposed",
           [](Sketch& g, S d) {
             g.input("x", {d.in, d.out});
             g.bn(g.op("Relu", {"x"}), d.out, "n");
             gemm(g, "n", {d.in, d.out}, {integer("transA", 1)}, "y");
           })
      .keeps("n", {"F105", "F115", "F71", "F87"});
}

/// The normalized image into a Conv that is the model's output.
void into_conv(Sketch& g, S d, const Shape& weight, const Attributes& attributes, const Stats& stats = {}) {
  image_norm(g, d, stats);
  g.conv_bias("n", weight, attributes, "y");
}

void pad_and_conv(Sketch& g, S d, const std::string& mode, const Stats& stats) {
  image_norm(g, d, stats);
  const std::string pads = g.integers({0, 0, 1, 2, 0, 0, 2, 1});
  g.conv(g.op("Pad", {"n", pads}, {text("mode", mode)}), {d.out, d.in, 3, 3}, {}, "y");
}

void add_convs(RowCases& cases) {
  cases.row("F106");
  cases.add("no_pads",
            [](Sketch& g, S d) {
              into_conv(g, d, {d.out, d.in, 3, 3}, {ints("strides", {1, 2})});
            })
      .folds("n");
  cases
      .add("no_bias",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.conv("n", {d.out, d.in, 3, 2}, {}, "y");
           })
      .folds("n");
  cases.add("valid",
            [](Sketch& g, S d) {
              into_conv(g, d, {d.out, d.in, 3, 3}, {text("auto_pad", "VALID")});
            })
      .folds("n");
  cases
      .add("pointwise_same",
           [](Sketch& g, S d) {
             into_conv(g, d, {d.out, d.in, 1, 1}, {text("auto_pad", "SAME_UPPER")});
           })
      .folds("n");
  cases.row("F107");
  cases.add("pads", [](Sketch& g, S d) { into_conv(g, d, {d.out, d.in, 3, 3}, {same()}); }).keeps("n", {"F107"});
  cases.add("same",
            [](Sketch& g, S d) {
              into_conv(g, d, {d.out, d.in, 3, 3}, {text("auto_pad", "SAME_LOWER")});
            })
      .keeps("n", {"F107"});
  cases
      .add("pads_on_one_side",
           [](Sketch& g, S d) {
             into_conv(g, d, {d.out, d.in, 3, 3}, {ints("pads", {0, 0, 0, 1})});
           })
      .keeps("n", {"F107"});
  cases.add("pads_without_shift",
            [](Sketch& g, S d) {
              into_conv(g, d, {d.out, d.in, 3, 3}, {same()}, kScaleOnly);
            })
      .folds("n");
  cases.row("F108")
      .add("scale_could_move_alone",
           [](Sketch& g, S d) {
             into_conv(g, d, {d.out, d.in, 3, 3}, {same()}, kNegative);
           })
      .keeps("n", {"F107", "F108"});
  cases.row("F109");
  cases.add("zeros", [](Sketch& g, S d) { pad_and_conv(g, d, "constant", {}); }).keeps("n", {"F109", "F107", "F93"});
  cases
      .add("one_image_for_all_channels",
           [](Sketch& g, S d) {
             pad_and_conv(g, d, "constant",
                          {.scale_low = 1,
                           .scale_high = 1,
                           .bias_low = 0.5,
                           .bias_high = 0.5,
                           .mean_low = 0,
                           .mean_high = 0,
                           .variance_low = 1,
                           .variance_high = 1,
                           .epsilon = 0});
           })
      .folds("n");
  cases.row("F110");
  cases.add("reflect", [](Sketch& g, S d) { pad_and_conv(g, d, "reflect", {}); }).folds("n");
  cases.add("edge", [](Sketch& g, S d) { pad_and_conv(g, d, "edge", kNegative); }).folds("n");
  cases.row("F111");
  cases
      .add("overlapping_taps",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.transposed("n", {d.in, d.out, 3, 3}, {}, "y");
           })
      .keeps("n", {"F111"});
  cases
      .add("pointwise",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.transposed("n", {d.in, d.out / 2, 1, 1}, {integer("group", 2)}, "y");
           })
      .folds("n");
  cases
      .add("pointwise_with_strides",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.transposed("n", {d.in, d.out, 1, 1}, {ints("strides", {2, 2})}, "y");
           })
      .keeps("n", {"F111"});
  cases
      .add("without_shift",
           [](Sketch& g, S d) {
             image_norm(g, d, kScaleOnly);
             g.transposed("n", {d.in, d.out, 3, 3}, {ints("strides", {2, 2})}, "y");
           })
      .folds("n");
  cases.row("F112");
  cases.add("grouped",
            [](Sketch& g, S d) {
              into_conv(g, d, {d.out, d.in / 2, 3, 3}, {integer("group", 2)});
            })
      .folds("n");
  cases.add("depthwise",
            [](Sketch& g, S d) {
              into_conv(g, d, {2 * d.in, 1, 3, 3}, {integer("group", d.in)});
            })
      .folds("n");
}

void add_refusals(RowCases& cases) {
  cases.row("F113")
      .add("activation_behind",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.op("Relu", {"n"}, {}, "r");
             g.conv("r", {d.out, d.in, 1, 1}, {}, "y");
           })
      .keeps("n", {"F113"});
  cases.row("F114");
  cases
      .add("all_can",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.conv("n", {d.out, d.in, 1, 1}, {}, "y");
             g.conv_bias("n", {d.in, d.in, 3, 3}, {}, "z");
             g.output("y").output("z");
           })
      .folds("n");
  cases
      .add("one_cannot",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.conv("n", {d.out, d.in, 1, 1}, {}, "y");
             g.op("Relu", {"n"}, {}, "z");
             g.output("y").output("z");
           })
      .keeps("n", {"F114"});
  cases
      .add("shared_weight",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.conv("n", {d.out, d.in, 1, 1}, {}, "y");
             g.op("Conv", {"x", g.last().inputs[1]}, {}, "z");
             g.output("y").output("z");
           })
      .folds("n");
  cases
      .add("is_an_output",
           [](Sketch& g, S d) {
             image_norm(g, d);
             g.conv("n", {d.out, d.in, 1, 1}, {}, "y");
             g.output("y").output("n");
           })
      .keeps("n", {"F114", "F41", "F87", "F115"});
  cases.row("F115");
  cases
      .add("at_the_input",
           [](Sketch& g, S d) {
             image(g, d);
             g.bn("x", d.in, "n");
             g.op("Relu", {"n"}, {}, "y");
           })
      .keeps("n", {"F115"});
  const auto rewritten = [](const Model&, const FoldResult& r) {
    if (r.map.entries.size() != 1 || !r.map.entries[0].decomposed)
      return std::string("it is not told to be decomposed");
    for (const Node& node : r.folded.graph.nodes)
      if (node.is("BatchNormalization")) return std::string("it is still there");
    return std::string();
  };
  cases
      .add("decomposed",
           [](Sketch& g, S d) {
             image(g, d);
             g.bn("x", d.in, "n");
             g.op("Relu", {"n"}, {}, "y");
           })
      .with({.decompose = true})
      .keeps("n", {"F115"})
      .check(rewritten);
  cases.row("F116")
      .add("decomposed_with_large_means",
           [](Sketch& g, S d) {
             image(g, d);
             g.bn("x", d.in, "n", {.mean_low = 500, .mean_high = 1000, .variance_low = 1e-4, .variance_high = 1e-3});
             g.op("Relu", {"n"}, {}, "y");
           })
      .with({.decompose = true})
      .keeps("n", {"F115"})
      .check(rewritten);
  cases
      .add("decomposed_rows",
           [](Sketch& g, S d) {
             rows(g, d);
             g.bn("x", d.in, "n");
             g.op("Relu", {"n"}, {}, "y");
           })
      .with({.decompose = true})
      .keeps("n", {"F115"})
      .check(rewritten);
  cases.row("F117")
      .add("backward_first",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "n");
             g.conv("n", {d.in, d.out, 1, 1}, {}, "y");
           })
      .folds("n")
      .check([](const Model&, const FoldResult& r) {
        return std::string(r.map.entries[0].targets == Names{"c"} ? "" : "it did not go into the layer before it");
      });
}

}  // namespace

void add_forward_cases(RowCases& cases) {
  add_gemms(cases);
  add_convs(cases);
  add_refusals(cases);
}

}  // namespace pleat
