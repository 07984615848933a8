#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

/// c combined with a constant of `shape`: "Mul", or "Mul'" where the constant stands first.
std::string step(Sketch& g, const std::string& x, const std::string& type, const Shape& shape,
                 const std::string& out = {}) {
  const std::string k = g.weight(shape, 0.5, 2);
  const bool first = type.back() == '\'';
  const std::string op = first ? type.substr(0, type.size() - 1) : type;
  return g.op(op, first ? Names{k, x} : Names{x, k}, {}, out);
}

/// Conv, the steps with a constant [out, 1, 1] each, BatchNormalization.
void through(Sketch& g, S d, const Names& steps) {
  std::string x = conv_of_image(g, d);
  for (const std::string& type : steps) x = step(g, x, type, {d.out, 1, 1});
  g.bn(x, d.out, "y");
}
void with_constant(Sketch& g, S d, const std::string& type, const Shape& shape) {
  conv_of_image(g, d);
  g.bn(step(g, "c", type, shape), d.out, "y");
}

void add_arithmetic(RowCases& cases) {
  cases.row("F78");
  cases.add("mul", [](Sketch& g, S d) { through(g, d, {"Mul"}); }).folds("y");
  cases.add("add", [](Sketch& g, S d) { through(g, d, {"Add"}); }).folds("y");
  cases.add("sub", [](Sketch& g, S d) { through(g, d, {"Sub"}); }).folds("y");
  cases.add("div", [](Sketch& g, S d) { through(g, d, {"Div"}); }).folds("y");
  cases.add("all", [](Sketch& g, S d) { through(g, d, {"Sub", "Mul", "Add'", "Div", "Mul'", "Sub'"}); }).folds("y");
  cases
      .add("operand_is_an_input",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("given", {d.out, 1, 1});
             g.bn(g.op("Mul", {"c", "given"}), d.out, "y");
           })
      .keeps("y", {"F78", "F17"});
  cases.row("F79");
  cases
      .add("sub_mul_add",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             step(g, step(g, step(g, "c", "Sub", {1, d.out, 1, 1}), "Mul", {1, d.out, 1, 1}), "Add", {1, d.out, 1, 1},
                  "y");
           })
      .folds("y");
  cases
      .add("sub_div_mul_add",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const Shape shape = {d.out, 1, 1};
             step(g, step(g, step(g, step(g, "c", "Sub", shape), "Div", shape), "Mul'", shape), "Add'", shape, "y");
           })
      .folds("y");
  cases
      .add("mul_add_on_rows",
           [](Sketch& g, S d) {
             rows(g, d);
             gemm(g, "x", {d.in, d.out}, {}, "c");
             step(g, step(g, "c", "Mul", {d.out}), "Add", {d.out}, "y");
           })
      .folds("y");
  cases
      .add("operand_is_an_input",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("given", {d.out, 1, 1});
             g.op("Add", {g.op("Mul", {"c", "given"}), "given"}, {}, "y");
           })
      .keeps("y", {});
}

void add_shapes(RowCases& cases) {
  cases.row("F80");
  cases.add("one_and_channels", [](Sketch& g, S d) { with_constant(g, d, "Mul", {1, d.out, 1, 1}); }).folds("y");
  cases.add("scalar", [](Sketch& g, S d) { with_constant(g, d, "Mul", {}); }).folds("y");
  cases.add("one", [](Sketch& g, S d) { with_constant(g, d, "Add", {1}); }).folds("y");
  cases.add("ones", [](Sketch& g, S d) { with_constant(g, d, "Add", {1, 1, 1, 1}); }).folds("y");
  cases
      .add("row",
           [](Sketch& g, S d) {
             rows(g, d);
             gemm(g, "x", {d.in, d.out}, {}, "c");
             g.bn(step(g, "c", "Mul", {d.out}), d.out, "y");
           })
      .folds("y");
  cases.add("last_axis_add", [](Sketch& g, S d) { with_constant(g, d, "Add", {d.w}); }).keeps("y", {"F80", "F81"});
  cases.add("last_axis_mul", [](Sketch& g, S d) { with_constant(g, d, "Mul", {d.w}); }).either("y");
  cases.add("last_axis_of_four", [](Sketch& g, S d) { with_constant(g, d, "Mul", {1, 1, 1, d.w}); }).either("y");
  cases.add("rank2_against_rank4",
            [](Sketch& g, S d) {
              with_constant(g, d, "Add", {1, d.w});
            })
      .keeps("y", {"F80", "F81"});
  cases.add("height", [](Sketch& g, S d) { with_constant(g, d, "Add", {d.h, 1}); }).keeps("y", {"F80", "F81"});
  cases.row("F81")
      .add("per_pixel",
           [](Sketch& g, S d) {
             with_constant(g, d, "Add", {1, d.out, d.h, d.w});
           })
      .keeps("y", {"F81", "F80"});
  cases.row("F82").add("constant_minus", [](Sketch& g, S d) { with_constant(g, d, "Sub'", {d.out, 1, 1}); }).folds("y");
  cases.row("F83")
      .add("constant_over",
           [](Sketch& g, S d) {
             with_constant(g, d, "Div'", {d.out, 1, 1});
           })
      .keeps("y", {"F83"});
  cases.row("F84");
  cases.add("add", [](Sketch& g, S d) { with_constant(g, d, "Add'", {d.out, 1, 1}); }).folds("y");
  cases.add("mul", [](Sketch& g, S d) { with_constant(g, d, "Mul'", {1, d.out, 1, 1}); }).folds("y");
}

/// Conv, one node of `type`, BatchNormalization.
void between(Sketch& g, S d, const std::string& type, const Attributes& attributes = {}) {
  conv_of_image(g, d);
  g.bn(g.op(type, {"c"}, attributes), d.out, "y");
}

void old_dropout(Sketch& g, S d, std::int64_t is_test) {
  g.opset(6);
  conv_of_image(g, d);
  const std::string x = g.op("Dropout", {"c"}, {integer("is_test", is_test)});
  g.bn(x, d.out, "y", {}, {integer("is_test", 1)});
}

void add_transparent(RowCases& cases) {
  cases.row("F85");
  cases.add("identity", [](Sketch& g, S d) { between(g, d, "Identity"); }).folds("y");
  cases.add("dropout", [](Sketch& g, S d) { between(g, d, "Dropout"); }).folds("y");
  cases
      .add("dropout_opset7",
           [](Sketch& g, S d) {
             g.opset(7);
             between(g, d, "Dropout", {num("ratio", 0.25F)});
           })
      .folds("y");
  cases.add("dropout_opset6", [](Sketch& g, S d) { old_dropout(g, d, 1); }).folds("y");
  cases
      .add("dropout_told_not_to_train",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.constant("ratio", Tensor::scalar(0.5F));
             g.constant("training", Tensor::scalar(false));
             g.bn(g.op("Dropout", {"c", "ratio", "training"}), d.out, "y");
           })
      .folds("y");
  cases.add("cast_to_its_own_type", [](Sketch& g, S d) { between(g, d, "Cast", {integer("to", 1)}); }).folds("y");
  cases.add("dropout_in_training", [](Sketch& g, S d) { old_dropout(g, d, 0); })
      .not_computed()
      .keeps("y", {"F85", "F87"});
  cases
      .add("dropout_trains",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.constant("ratio", Tensor::scalar(0.5F));
             g.constant("training", Tensor::scalar(true));
             g.bn(g.op("Dropout", {"c", "ratio", "training"}), d.out, "y");
           })
      .not_computed()
      .keeps("y", {"F85", "F87"});
  cases
      .add("dropout_mask_read",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string x = g.op("Dropout", {"c"});
             more_outputs(g, {"mask"});
             g.bn(x, d.out, "y");
             g.output("y").output("mask", DType::kBool);
           })
      .either("y");
  cases.row("F86")
      .add("widened",
           [](Sketch& g, S d) {
             g.type(DType::kFloat16);
             conv_of_image(g, d);
             g.type(DType::kFloat).bn(g.op("Cast", {"c"}, {integer("to", 1)}), d.out, "y");
           })
      .keeps("y", {"F86"});
}

void add_activations(RowCases& cases) {
  cases.row("F87");
  cases.add("relu", [](Sketch& g, S d) { between(g, d, "Relu"); }).keeps("y", {"F87"});
  cases.add("leaky_relu", [](Sketch& g, S d) { between(g, d, "LeakyRelu", {num("alpha", 0.2F)}); }).keeps("y", {"F87"});
  cases.add("sigmoid", [](Sketch& g, S d) { between(g, d, "Sigmoid"); }).keeps("y", {"F87"});
  cases.add("tanh", [](Sketch& g, S d) { between(g, d, "Tanh"); }).keeps("y", {"F87"});
  cases.add("erf", [](Sketch& g, S d) { between(g, d, "Erf"); }).keeps("y", {"F87"});
  cases.add("elu", [](Sketch& g, S d) { between(g, d, "Elu"); }).keeps("y", {"F87"});
  cases.add("softmax", [](Sketch& g, S d) { between(g, d, "Softmax", {integer("axis", -1)}); }).keeps("y", {"F87"});
  cases.add("hard_swish", [](Sketch& g, S d) { between(g, d, "HardSwish"); }).keeps("y", {"F87"});
  cases
      .add("prelu",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string slope = g.weight({d.out, 1, 1});
             g.bn(g.op("PRelu", {"c", slope}), d.out, "y");
           })
      .keeps("y", {"F87"});
  cases
      .add("clip",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.constant("low", Tensor::scalar(0.0F));
             g.constant("high", Tensor::scalar(6.0F));
             g.bn(g.op("Clip", {"c", "low", "high"}), d.out, "y");
           })
      .keeps("y", {"F87"});
  cases
      .add("unknown_operator",
           [](Sketch& g, S d) {
             g.import("com.example", 1);
             conv_of_image(g, d);
             g.bn(g.op_of("com.example", "Opaque", {"c"}), d.out, "y");
           })
      .keeps("y", {"F87", "F115", "F88"});
  cases.row("F88")
      .add("fused_into_the_layer",
           [](Sketch& g, S d) {
             g.import("com.microsoft", 1);
             image(g, d);
             const std::string w = g.weight({d.out, d.in, 3, 3});
             g.op_of("com.microsoft", "FusedConv", {"x", w}, {same(), text("activation", "Relu")}, "c");
             g.bn("c", d.out, "y");
           })
      .keeps("y", {"F88", "F115", "F87"});
  cases.row("F89")
      .add("relu_with_positive_scales", [](Sketch& g, S d) { between(g, d, "Relu"); })
      .keeps("y", {"F87", "F89"});
}

}  // namespace

void add_chain_cases(RowCases& cases) {
  add_arithmetic(cases);
  add_shapes(cases);
  add_transparent(cases);
  add_activations(cases);
}

}  // namespace pleat
