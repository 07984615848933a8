#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

/// Conv of the given opset, then a BatchNormalization of that opset with further attributes.
void pair_at(Sketch& g, S d, std::int64_t opset, const Attributes& attributes = {}) {
  g.opset(opset);
  conv_of_image(g, d);
  g.bn("c", d.out, "y", {}, attributes);
}

template <std::int64_t opset>
void pair(Sketch& g, S d) {
  pair_at(g, d, opset);
}
template <std::int64_t opset>
void trained_pair(Sketch& g, S d) {
  pair_at(g, d, opset, {integer("training_mode", 1)});
  g.output("y").output("m").output("v");
  more_outputs(g, {"m", "v"});
}
template <std::int64_t opset>
void five_outputs(Sketch& g, S d) {
  pair_at(g, d, opset);
  g.output("y");
  more_outputs(g, {"m", "v", "sm", "sv"});
}

void add_modes(RowCases& cases) {
  cases.row("F01");
  cases.add("opset6_test", [](Sketch& g, S d) { pair_at(g, d, 6, {integer("is_test", 1)}); }).folds("y");
  cases.add("opset6_default", pair<6>).keeps("y", {"F01"});
  cases.add("opset6_assumed", pair<6>).with({.assume_inference = true}).folds("y");
  cases.row("F02");
  cases
      .add("consumed_inputs",
           [](Sketch& g, S d) {
             pair_at(g, d, 1, {integer("is_test", 1), ints("consumed_inputs", {0, 0, 0, 1, 1})});
           })
      .folds("y");
  cases
      .add("consumed_inputs_in_training",
           [](Sketch& g, S d) {
             pair_at(g, d, 1, {ints("consumed_inputs", {0, 0, 0, 1, 1})});
           })
      .keeps("y", {"F01"});
  cases.row("F03");
  cases.add("one_output", pair<9>).folds("y");
  cases
      .add("empty_further_outputs",
           [](Sketch& g, S d) {
             pair_at(g, d, 9);
             g.output("y");
             more_outputs(g, {"", "", "", ""});
           })
      .folds("y");
  cases
      .add("one_further_output",
           [](Sketch& g, S d) {
             pair_at(g, d, 9);
             g.output("y");
             more_outputs(g, {"m", "v", "", ""});
           })
      .keeps("y", {"F04"});
  cases.row("F04");
  cases.add("opset7", five_outputs<7>).keeps("y", {"F04"});
  cases.add("opset13", five_outputs<13>).keeps("y", {"F04"});
  cases.add("assumed", five_outputs<13>).with({.assume_inference = true}).folds("y");
  cases
      .add("further_outputs_read",
           [](Sketch& g, S d) {
             five_outputs<13>(g, d);
             g.output("m");
           })
      .with({.assume_inference = true})
      .keeps("y", {"F04"});
  cases.row("F05");
  cases.add("opset14", trained_pair<14>).keeps("y", {"F05", "F04"});
  cases.add("opset15_one_output", [](Sketch& g, S d) { pair_at(g, d, 15, {integer("training_mode", 1)}); })
      .not_computed()
      .keeps("y", {"F05"});
  cases
      .add("assumed",
           [](Sketch& g, S d) {
             pair_at(g, d, 17, {integer("training_mode", 1)});
             g.output("y");
             more_outputs(g, {"m", "v"});
           })
      .with({.assume_inference = true})
      .folds("y");
  cases.add("mode_off", [](Sketch& g, S d) { pair_at(g, d, 15, {integer("training_mode", 0)}); }).folds("y");
}

void add_types(RowCases& cases) {
  cases.row("F06");
  cases
      .add("half_input_float_statistics",
           [](Sketch& g, S d) {
             g.opset(15).type(DType::kFloat16);
             conv_of_image(g, d);
             g.output("y").type(DType::kFloat);
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases
      .add("double",
           [](Sketch& g, S d) {
             g.type(DType::kDouble);
             pair_at(g, d, 17);
           })
      .folds("y");
  cases
      .add("bfloat16",
           [](Sketch& g, S d) {
             g.opset(22).type(DType::kBfloat16);
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases.row("F07");
  cases.add("opset7", pair<7>).folds("y");
  cases.add("opset8", pair<8>).folds("y");
  cases.add("opset9", pair<9>).folds("y");
  cases.add("opset11", pair<11>).folds("y");
  cases.add("opset13", pair<13>).folds("y");
  cases.add("opset14", pair<14>).folds("y");
  cases.add("opset15", pair<15>).folds("y");
  cases.add("opset16", pair<16>).folds("y");
  cases.add("opset18", pair<18>).folds("y");
  cases.add("opset20", pair<20>).folds("y");
  cases.add("opset21", pair<21>).folds("y");
  cases.add("opset22", pair<22>).folds("y");
  cases.add("opset23", pair<23>).folds("y");
  cases.row("F08");
  cases.add("momentum", [](Sketch& g, S d) { pair_at(g, d, 13, {num("momentum", 0.25F)}); }).folds("y");
}

template <std::int64_t opset, int value>
void epsilon(Sketch& g, S d) {
  g.opset(opset);
  conv_of_image(g, d);
  g.bn("c", d.out, "y", {.variance_low = 1e-5, .variance_high = 1e-3, .epsilon = value == 0 ? 1e-5F : 1.0F / value});
  if (value == 0) drop_attribute(g, "epsilon");
}

/// spatial = 0 with one parameter per place of [channels, …].
void per_place(Sketch& g, const std::string& x, Shape places) {
  Names inputs = {x};
  for (const double low : {0.5, -1.0, -1.0, 0.25}) inputs.push_back(g.weight(places, low, 2));
  g.op("BatchNormalization", inputs, {integer("spatial", 0)}, "y");
}

void add_epsilon_and_places(RowCases& cases) {
  cases.row("F09").add("epsilon_absent", epsilon<15, 0>).folds("y");
  cases.row("F10").add("epsilon_large", epsilon<15, 3>).folds("y");
  cases.add("epsilon_thousandth", epsilon<9, 1000>).folds("y");
  cases.row("F11")
      .add("half_with_tiny_epsilon",
           [](Sketch& g, S d) {
             g.type(DType::kFloat16).opset(15);
             conv_of_image(g, d);
             g.bn("c", d.out, "y", {.variance_low = 1e-4, .variance_high = 1e-3, .epsilon = 1e-12F});
           })
      .folds("y");
  cases.row("F12");
  cases
      .add("places",
           [](Sketch& g, S d) {
             g.opset(8);
             conv_of_image(g, d);
             per_place(g, "c", {d.out, d.h, d.w});
           })
      .keeps("y", {"F12"});
  cases
      .add("one_place",
           [](Sketch& g, S d) {
             g.opset(8);
             rows(g, d);
             const std::string c = g.weight({d.out});
             const std::string w = g.weight({d.in, d.out});
             g.op("Gemm", {"x", w, c}, {}, "c");
             per_place(g, "c", {d.out});
           })
      .folds("y");
  cases.row("F13")
      .add("stamped_per_place", [](Sketch& g, S d) { pair_at(g, d, 8, {integer("spatial", 0)}); })
      .not_computed()
      .folds("y");
  cases.row("F14")
      .add("scale_taken_literally",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y", {.scale_low = 3, .scale_high = 3});
           })
      .folds("y");
  cases.row("F15");
  cases
      .add("rank2",
           [](Sketch& g, S d) {
             rows(g, d);
             gemm(g, "x", {d.in, d.out}, {}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases
      .add("rank1",
           [](Sketch& g, S d) {
             rows(g, d);
             g.matmul("x", {d.in}, "c");
             g.bn("c", 1, "y");
           })
      .not_computed()
      .either("y");
  cases.row("F16");
  cases
      .add("conv1d",
           [](Sketch& g, S d) {
             g.input("x", {-1, d.in, d.len});
             g.conv("x", {d.out, d.in, 3}, {ints("pads", {1, 1})}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases
      .add("conv3d",
           [](Sketch& g, S d) {
             g.input("x", {-1, d.in, 4, d.h, d.w});
             g.conv("x", {d.out, d.in, 1, 3, 3}, {ints("pads", {0, 1, 1, 0, 1, 1})}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
}

void add_parameters(RowCases& cases) {
  cases.row("F17");
  cases
      .add("scale_is_an_input",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("given", {d.out}).bn("c", d.out, "y");
             g.last().inputs[1] = "given";
           })
      .keeps("y", {"F17"});
  cases
      .add("mean_is_computed",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("given", {d.out}).op("Relu", {"given"}, {}, "computed");
             g.bn("c", d.out, "y");
             g.last().inputs[3] = "computed";
           })
      .keeps("y", {"F17"});
  cases.row("F18")
      .add("no_statistics",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.last().inputs[3] = g.last().inputs[4] = "";
           })
      .not_computed()
      .keeps("y", {"F18"});
  cases.row("F19");
  cases
      .add("mean_of_one",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.initializer("y.mean").tensor = Tensor::of<float>({1}, {0.5F});
           })
      .not_computed()
      .keeps("y", {"F19"});
  cases
      .add("rank2",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.initializer("y.mean").tensor = g.initializer("y.mean").tensor.reshaped({1, d.out});
           })
      .not_computed()
      .keeps("y", {"F19"});
  cases
      .add("all_too_long",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out + 1, "y");
           })
      .not_computed()
      .keeps("y", {"F19"});
  cases.row("F20");
  cases
      .add("one_tensor_for_two_parameters",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.last().inputs[2] = g.last().inputs[3] = "y.bias";
           })
      .folds("y");
  cases
      .add("one_tensor_for_two_nodes",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "n");
             g.conv("n", {d.out, d.out, 1, 1}, {}, "e");
             g.bn("e", d.out, "y");
             g.last().inputs = {"e", "n.scale", "n.mean", "n.mean", "n.var"};
           })
      .folds("n")
      .folds("y");
}

}  // namespace

void add_batch_norm_cases(RowCases& cases) {
  add_modes(cases);
  add_types(cases);
  add_epsilon_and_places(cases);
  add_parameters(cases);
}

}  // namespace pleat
