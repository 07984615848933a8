#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

template <bool biased>
void conv_form(Sketch& g, S d, Shape weight, Attributes attributes) {
  image(g, d);
  const std::int64_t channels = weight[0];
  if (biased)
    g.conv_bias("x", std::move(weight), std::move(attributes), "c");
  else
    g.conv("x", std::move(weight), std::move(attributes), "c");
  g.bn("c", channels, "y");
}
void transposed_form(Sketch& g, S d, Shape weight, const Attributes& attributes, std::int64_t channels, bool biased) {
  image(g, d);
  g.transposed("x", std::move(weight), attributes, "c");
  if (biased) {
    const std::string b = g.weight({channels});
    g.last().inputs.push_back(b);
  }
  g.bn("c", channels, "y", {.scale_low = -2});
}

void add_forms(RowCases& cases) {
  cases.row("F31");
  cases.add("no_bias", [](Sketch& g, S d) { conv_form<false>(g, d, {d.out, d.in, 3, 3}, {same()}); }).folds("y");
  cases
      .add("strides_and_dilations",
           [](Sketch& g, S d) {
             conv_form<false>(g, d, {d.out, d.in, 2, 2}, {ints("strides", {2, 1}), ints("dilations", {1, 2})});
           })
      .folds("y");
  cases
      .add("auto_pad",
           [](Sketch& g, S d) {
             conv_form<false>(g, d, {d.out, d.in, 3, 3}, {text("auto_pad", "SAME_UPPER")});
           })
      .folds("y");
  cases.row("F32").add("bias", [](Sketch& g, S d) { conv_form<true>(g, d, {d.out, d.in, 3, 3}, {same()}); }).folds("y");
  cases.row("F33")
      .add("empty_bias",
           [](Sketch& g, S d) {
             image(g, d);
             g.conv("x", {d.out, d.in, 3, 3}, {same()}, "c");
             g.last().inputs.emplace_back();
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases.row("F34");
  cases
      .add("bias_is_an_input",
           [](Sketch& g, S d) {
             image(g, d);
             g.input("given", {d.out}).conv("x", {d.out, d.in, 3, 3}, {same()}, "c");
             g.last().inputs.emplace_back("given");
             g.bn("c", d.out, "y");
           })
      .keeps("y", {"F34"});
  cases
      .add("bias_is_a_node",
           [](Sketch& g, S d) {
             image(g, d);
             const auto values = g.draw(d.out, -1, 1);
             g.op("Constant", {},
                  {Attribute::tensor("value", from_doubles(DType::kFloat, Shape{d.out}, values).value())}, "b");
             g.conv("x", {d.out, d.in, 3, 3}, {same()}, "c");
             g.last().inputs.emplace_back("b");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases.row("F35");
  cases
      .add("grouped",
           [](Sketch& g, S d) {
             conv_form<true>(g, d, {d.out, d.in / 2, 3, 3}, {same(), integer("group", 2)});
           })
      .folds("y");
  cases
      .add("depthwise",
           [](Sketch& g, S d) {
             conv_form<false>(g, d, {d.in, 1, 3, 3}, {same(), integer("group", d.in)});
           })
      .folds("y");
  cases
      .add("depthwise_twofold",
           [](Sketch& g, S d) {
             conv_form<true>(g, d, {2 * d.in, 1, 3, 3}, {same(), integer("group", d.in)});
           })
      .folds("y");
}

void add_transposed(RowCases& cases) {
  cases.row("F36");
  cases.add("no_bias",
            [](Sketch& g, S d) {
              transposed_form(g, d, {d.in, d.out, 3, 3}, {same()}, d.out, false);
            })
      .folds("y");
  cases.add("bias",
            [](Sketch& g, S d) {
              transposed_form(g, d, {d.in, d.out, 3, 3}, {same()}, d.out, true);
            })
      .folds("y");
  cases
      .add("one_axis",
           [](Sketch& g, S d) {
             g.input("x", {-1, d.in, d.len});
             g.transposed("x", {d.in, d.out, 3}, {}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases.row("F37");
  cases
      .add("grouped",
           [](Sketch& g, S d) {
             transposed_form(g, d, {d.in, d.out / 2, 3, 3}, {same(), integer("group", 2)}, d.out, true);
           })
      .folds("y");
  cases
      .add("depthwise",
           [](Sketch& g, S d) {
             transposed_form(g, d, {d.in, 1, 3, 3}, {same(), integer("group", d.in)}, d.in, false);
           })
      .folds("y");
  cases
      .add("groups_do_not_divide",
           [](Sketch& g, S d) {
             transposed_form(g, d, {d.in, 2, 3, 3}, {same(), integer("group", 3)}, 6, false);
           })
      .not_computed()
      .keeps("y", {});
  cases.row("F38")
      .add("uncovered_places",
           [](Sketch& g, S d) {
             transposed_form(g, d, {d.in, d.out, 2, 2}, {ints("strides", {3, 3}), ints("output_padding", {2, 1})},
                             d.out, true);
           })
      .folds("y");
}

void add_readers(RowCases& cases) {
  cases.row("F39");
  cases
      .add("another_reader",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.op("Relu", {"c"}, {}, "r");
             g.bn("c", d.out, "y");
             g.output("y").output("r");
           })
      .keeps("y", {"F39"});
  cases
      .add("two_normalizations",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.bn("c", d.out, "z");
             g.output("y").output("z");
           })
      .keeps("y", {"F39"})
      .keeps("z", {"F39"});
  cases
      .add("readers_behind_it",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.op("Relu", {"y"}, {}, "r");
             g.op("Add", {"y", "r"}, {}, "z");
           })
      .folds("y");
  cases.row("F40");
  cases
      .add("shape_reader",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.op("Shape", {"c"}, {}, "s");
             g.bn("c", d.out, "y");
             g.output("y").output("s", DType::kInt64);
           })
      .folds("y");
  cases
      .add("size_reader",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.op("Size", {"c"}, {}, "s");
             g.output("y").output("s", DType::kInt64);
           })
      .folds("y");
  cases
      .add("shape_and_value_readers",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.op("Shape", {"c"}, {}, "s");
             g.op("Relu", {"c"}, {}, "r");
             g.bn("c", d.out, "y");
             g.output("y").output("s", DType::kInt64).output("r");
           })
      .keeps("y", {"F39"});
  cases.row("F41")
      .add("layer_is_an_output",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.output("c").output("y");
           })
      .keeps("y", {"F41"});
  cases.row("F42")
      .add("normalization_is_an_output_and_read",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.op("Relu", {"y"}, {}, "r");
             g.output("r").output("y");
           })
      .folds("y");
}

/// An If whose branches read `name` from around them.
void capture(Sketch& g, const std::string& name, const std::string& out) {
  Attributes branches;
  for (const char* branch : {"then_branch", "else_branch"}) {
    Sketch inner(std::string(branch) + ".");
    inner.op(branch[0] == 't' ? "Relu" : "Identity", {name});
    branches.push_back(graph_attribute(branch, inner.model().graph));
  }
  g.op("If", {"flag"}, branches, out);
}

void add_sharing(RowCases& cases) {
  cases.row("F43");
  cases
      .add("layer_captured",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("flag", {}, DType::kBool);
             capture(g, "c", "i");
             g.bn("c", d.out, "y");
             g.output("y").output("i");
           })
      .keeps("y", {"F43"});
  cases
      .add("normalization_captured",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("flag", {}, DType::kBool).bn("c", d.out, "y");
             capture(g, "y", "i");
             g.output("y").output("i");
           })
      .folds("y");
  cases
      .add("parameter_captured",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("flag", {}, DType::kBool).bn("c", d.out, "y");
             capture(g, "y.mean", "i");
             g.output("y").output("i");
           })
      .folds("y");
  cases.row("F44");
  cases
      .add("shared_by_two_pairs",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.op("Conv", g.last().inputs, {ints("pads", {1, 1, 1, 1}), ints("strides", {2, 2})}, "e");
             g.bn("c", d.out, "y");
             g.bn("e", d.out, "z");
             g.output("y").output("z");
           })
      .folds("y")
      .folds("z");
  cases.row("F45")
      .add("one_layer_called_twice",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("x2", {-1, d.in, d.w, d.h});
             Names inputs = g.last().inputs;
             inputs[0] = "x2";
             g.op("Conv", inputs, {same()}, "z");
             g.bn("c", d.out, "y");
             g.output("y").output("z");
           })
      .folds("y");
  cases.row("F46")
      .add("shared_bias",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string b = g.last().inputs[2], w = g.weight({d.out, d.in, 1, 1});
             g.op("Conv", {"x", w, b}, {}, "z");
             g.bn("c", d.out, "y");
             g.output("y").output("z");
           })
      .folds("y");
  cases.row("F47")
      .add("names_taken",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("flag", {}, DType::kBool).bn("c", d.out, "y");
             g.op("Relu", {"y"}, {}, "c.folded_weight");
             g.op("Relu", {"y"}, {}, "c.folded_bias");
             capture(g, "c.folded_bias", "c.folded_weight_1");
             g.output("c.folded_weight").output("c.folded_weight_1");
           })
      .folds("y");
}

}  // namespace

void add_conv_cases(RowCases& cases) {
  add_forms(cases);
  add_transposed(cases);
  add_readers(cases);
  add_sharing(cases);
}

}  // namespace pleat
