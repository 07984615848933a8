#include "runtime/onnx/writer.h"
#include "tests/converter/cases/shared.h"
#include "tests/support/wire_bytes.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

Tensor drawn(Sketch& g, Shape shape, DType dtype = DType::kFloat) {
  const auto values = g.draw(shape.elements(), -1, 1);
  return from_doubles(dtype, std::move(shape), values).value();
}

/// Conv of the image with the weight `w`, then the BatchNormalization.
void conv_with(Sketch& g, S d, const std::string& w) {
  g.op("Conv", {"x", w}, {same()}, "c");
  g.bn("c", d.out, "y");
}

/// A Constant node whose value is a sparse tensor of `shape` with one element in three.
void sparse_constant(Sketch& g, const Shape& shape, const std::string& out) {
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < shape.elements(); i += 3) places.push_back(i);
  const auto count = static_cast<std::int64_t>(places.size());
  const Tensor values = drawn(g, {count}), indices = Tensor::of<std::int64_t>({count}, places);
  std::string sparse = wire_field(1, serialize_tensor(out, values)) + wire_field(2, serialize_tensor("", indices));
  for (const std::int64_t dim : shape) sparse += wire_field(3, dim);
  const auto kept =
      std::make_shared<std::string>(wire_field(1, "sparse_value") + wire_field(20, 11) + wire_field(22, sparse));
  g.op("Constant", {}, {}, out);
  Attribute attribute;
  attribute.name = "sparse_value";
  attribute.type = Attribute::Type::kSparseTensor;
  attribute.encoded = *kept;
  set_attribute(g, attribute);
  g.builder().model().storage = kept;
}

void add_constant_nodes(RowCases& cases) {
  cases.row("F48")
      .add("value",
           [](Sketch& g, S d) {
             image(g, d);
             g.op("Constant", {}, {Attribute::tensor("value", drawn(g, {d.out, d.in, 3, 3}))}, "w");
             conv_with(g, d, "w");
           })
      .folds("y");
  cases.row("F49");
  cases
      .add("value_floats",
           [](Sketch& g, S d) {
             image(g, d);
             g.op("Constant", {}, {floats("value_floats", std::vector<float>(static_cast<std::size_t>(d.out), 0.75F))},
                  "b");
             g.conv("x", {d.out, d.in, 3, 3}, {same()}, "c");
             g.last().inputs.emplace_back("b");
             g.bn("c", d.out, "y");
             g.last().inputs[3] = "b";
           })
      .folds("y");
  cases
      .add("value_float",
           [](Sketch& g, S d) {
             rows(g, d);
             g.op("Constant", {}, {num("value_float", 0.75F)}, "b");
             gemm(g, "x", {d.in, d.out}, {}, "c");
             g.last().inputs.emplace_back("b");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases
      .add("sparse_value",
           [](Sketch& g, S d) {
             image(g, d);
             sparse_constant(g, {d.out, d.in, 3, 3}, "w");
             conv_with(g, d, "w");
           })
      .not_computed()
      .keeps("y", {"F49"});
}

void add_computed_weights(RowCases& cases) {
  cases.row("F50");
  cases
      .add("identity",
           [](Sketch& g, S d) {
             image(g, d);
             const std::string w = g.weight({d.out, d.in, 3, 3});
             conv_with(g, d, g.op("Identity", {w}));
           })
      .folds("y");
  cases
      .add("transpose",
           [](Sketch& g, S d) {
             image(g, d);
             const std::string w = g.weight({d.in, d.out, 3, 3});
             conv_with(g, d, g.op("Transpose", {w}, {ints("perm", {1, 0, 3, 2})}));
           })
      .folds("y");
  cases
      .add("reshape",
           [](Sketch& g, S d) {
             image(g, d);
             const std::string w = g.weight({d.out * d.in, 9}), shape = g.integers({d.out, -1, 3, 3});
             conv_with(g, d, g.op("Reshape", {w, shape}));
           })
      .folds("y");
  cases
      .add("squeeze_and_unsqueeze",
           [](Sketch& g, S d) {
             image(g, d);
             const std::string w = g.weight({1, d.out, d.in, 3}), first = g.integers({0}), last = g.integers({3});
             const std::string squeezed = g.op("Squeeze", {w, first});
             g.op("Conv", {"x", g.op("Unsqueeze", {squeezed, last})}, {ints("pads", {0, 1, 0, 1})}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases
      .add("parameters_through_nodes",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             const std::string mean = g.weight({1, d.out}), shape = g.integers({-1});
             const std::string flat = g.op("Reshape", {mean, shape});
             g.bn("c", d.out, "y");
             g.last().inputs[3] = flat;
           })
      .folds("y");
  cases
      .add("weight_is_an_input",
           [](Sketch& g, S d) {
             image(g, d);
             g.input("given", {d.out, d.in, 3, 3});
             conv_with(g, d, "given");
           })
      .keeps("y", {"F50"});
  cases
      .add("weight_depends_on_an_input",
           [](Sketch& g, S d) {
             image(g, d);
             const std::string w = g.weight({d.out, d.in, 3, 3});
             g.input("given", {1});
             conv_with(g, d, g.op("Mul", {w, "given"}));
           })
      .keeps("y", {"F50"});
  cases.row("F51");
  cases
      .add("widened",
           [](Sketch& g, S d) {
             image(g, d);
             g.constant("half", drawn(g, {d.out, d.in, 3, 3}, DType::kFloat16));
             conv_with(g, d, g.op("Cast", {"half"}, {integer("to", 1)}));
           })
      .folds("y");
  cases
      .add("narrowed",
           [](Sketch& g, S d) {
             g.type(DType::kFloat16);
             image(g, d);
             g.constant("wide", drawn(g, {d.out, d.in, 3, 3}));
             conv_with(g, d, g.op("Cast", {"wide"}, {integer("to", 10)}));
           })
      .folds("y");
  cases
      .add("narrowed_and_widened",
           [](Sketch& g, S d) {
             image(g, d);
             g.constant("wide", drawn(g, {d.out, d.in, 3, 3}));
             const std::string half = g.op("Cast", {"wide"}, {integer("to", 10)});
             conv_with(g, d, g.op("Cast", {half}, {integer("to", 1)}));
           })
      .folds("y");
}

/// A weight of int8 levels behind DequantizeLinear, a scale for each output channel.
void quantized_weight(Sketch& g, S d) {
  image(g, d);
  std::vector<std::int8_t> levels;
  for (std::int64_t i = 0; i < d.out * d.in * 9; ++i) levels.push_back(static_cast<std::int8_t>(i * 37 % 251 - 125));
  g.constant("levels", Tensor::of<std::int8_t>({d.out, d.in, 3, 3}, levels));
  g.constant("steps", Shape{d.out}, repeated({0x1p-6, 0x1p-7, 0x3p-8}, d.out));
  conv_with(g, d, g.op("DequantizeLinear", {"levels", "steps"}, {integer("axis", 0)}));
}

/// y = ConvInteger → Cast → Mul → Add → BatchNormalization, the multiplier a constant or an input.
void integer_conv(Sketch& g, S d, bool constant) {
  g.input("x", {-1, d.in, d.h, d.w}, DType::kUint8);
  std::vector<std::int8_t> levels;
  for (std::int64_t i = 0; i < d.out * d.in * 9; ++i) levels.push_back(static_cast<std::int8_t>(i * 53 % 251 - 125));
  g.constant("levels", Tensor::of<std::int8_t>({d.out, d.in, 3, 3}, levels));
  g.op("ConvInteger", {"x", "levels"}, {same()}, "c");
  const std::string real = g.op("Cast", {"c"}, {integer("to", 1)});
  std::string multiplier = "given";
  if (constant)
    multiplier = g.weight({d.out, 1, 1}, 0.001, 0.01);
  else
    g.input("given", {1});
  const std::string scaled = g.op("Mul", {real, multiplier});
  const std::string b = g.weight({d.out, 1, 1});
  g.bn(g.op("Add", {scaled, b}), d.out, "y");
}

void add_quantized(RowCases& cases) {
  cases.row("F52");
  cases.add("kept", quantized_weight).keeps("y", {"F52"});
  cases.add("dequantized", quantized_weight).with({.dequantize_weights = true}).folds("y");
  cases.row("F53")
      .add("quantized_in_between",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.constant("step", Tensor::scalar(0.0625F));
             g.constant("zero", Tensor::scalar<std::int8_t>(0));
             const std::string q = g.op("QuantizeLinear", {"c", "step", "zero"});
             g.bn(g.op("DequantizeLinear", {q, "step", "zero"}), d.out, "y");
           })
      .keeps("y", {"F53"});
  cases.row("F54");
  cases.add("into_the_arithmetic", [](Sketch& g, S d) { integer_conv(g, d, true); }).folds("y");
  cases.add("multiplier_is_an_input", [](Sketch& g, S d) { integer_conv(g, d, false); }).either("y");
}

}  // namespace

void add_constant_cases(RowCases& cases) {
  add_constant_nodes(cases);
  add_computed_weights(cases);
  add_quantized(cases);
}

}  // namespace pleat
