#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

/// Gemm of rows with a bias of `bias` (none where its rank is 9), then the BatchNormalization.
void gemm_pair(Sketch& g, S d, bool transposed, Attributes attributes, const Shape& bias, bool biased = true) {
  rows(g, d);
  if (transposed) attributes.push_back(integer("transB", 1));
  gemm(g, "x", transposed ? Shape{d.out, d.in} : Shape{d.in, d.out}, std::move(attributes), "c");
  if (biased) {
    const std::string b = g.weight(bias);
    g.graph().nodes.back().inputs.push_back(b);
  }
  g.bn("c", d.out, "y", {.scale_low = -2});
}

void add_gemm_forms(RowCases& cases) {
  cases.row("F63");
  cases.add("columns", [](Sketch& g, S d) { gemm_pair(g, d, false, {}, {d.out}); }).folds("y");
  cases.add("rows", [](Sketch& g, S d) { gemm_pair(g, d, true, {}, {d.out}); }).folds("y");
  cases.row("F64")
      .add("alpha", [](Sketch& g, S d) { gemm_pair(g, d, true, {num("alpha", 0.75F)}, {d.out}); })
      .folds("y");
  cases.row("F65")
      .add("beta",
           [](Sketch& g, S d) {
             gemm_pair(g, d, false, {num("alpha", -1.5F), num("beta", 3)}, {d.out});
           })
      .folds("y");
  cases.row("F66")
      .add("left_transposed",
           [](Sketch& g, S d) {
             g.input("x", {d.in, -1});
             gemm(g, "x", {d.in, d.out}, {integer("transA", 1)}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases.row("F67");
  cases.add("no_bias", [](Sketch& g, S d) { gemm_pair(g, d, true, {}, {}, false); }).folds("y");
  cases
      .add("empty_bias",
           [](Sketch& g, S d) {
             gemm_pair(g, d, true, {}, {}, false);
             g.graph().nodes[0].inputs.emplace_back();
           })
      .folds("y");
  cases.add("scalar", [](Sketch& g, S d) { gemm_pair(g, d, true, {num("beta", 0.5F)}, {}); }).folds("y");
  cases.add("one_element", [](Sketch& g, S d) { gemm_pair(g, d, true, {}, {1}); }).folds("y");
  cases.add("row", [](Sketch& g, S d) { gemm_pair(g, d, true, {}, {1, d.out}); }).folds("y");
  cases
      .add("column",
           [](Sketch& g, S d) {
             gemm_pair(g, d, true, {}, {d.n, 1});
             g.graph().inputs[0].type.shape->at(0).value = d.n;
           })
      .folds("y");
  cases
      .add("full",
           [](Sketch& g, S d) {
             gemm_pair(g, d, true, {num("beta", 2)}, {d.n, d.out});
             g.graph().inputs[0].type.shape->at(0).value = d.n;
           })
      .folds("y");
  cases.add("three_axes",
            [](Sketch& g, S d) {
              gemm_pair(g, d, true, {}, {1, 1, d.out});
            })
      .not_computed()
      .keeps("y", {"F67"});
  cases.row("F68")
      .add("bias_is_an_input",
           [](Sketch& g, S d) {
             g.input("given", {d.out});
             gemm_pair(g, d, true, {}, {}, false);
             g.graph().nodes[0].inputs.emplace_back("given");
           })
      .keeps("y", {"F68"});
  cases.row("F69");
  cases
      .add("gemm",
           [](Sketch& g, S d) {
             const std::string w = g.weight({d.n, d.in});
             g.input("x", {d.in, d.out});
             g.op("Gemm", {w, "x"}, {}, "c");
             g.bn("c", d.out, "y");
           })
      .keeps("y", {"F69"});
  cases
      .add("matmul",
           [](Sketch& g, S d) {
             const std::string w = g.weight({d.n, d.in});
             g.input("x", {d.in, d.out});
             g.op("MatMul", {w, "x"}, {}, "c");
             g.bn("c", d.out, "y");
           })
      .keeps("y", {"F69"});
}

/// x [?, len, in] times a weight: c is [?, len, out].
void sequence(Sketch& g, S d) {
  g.input("x", {-1, d.len, d.in});
  g.matmul("x", {d.in, d.out}, "c");
}

void add_matmul(RowCases& cases) {
  cases.row("F70");
  cases
      .add("rank2",
           [](Sketch& g, S d) {
             rows(g, d);
             g.matmul("x", {d.in, d.out}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases
      .add("unknown_rank",
           [](Sketch& g, S d) {
             g.input_of_unknown_rank("x");
             g.matmul("x", {d.in, d.out}, "c");
             g.bn("c", d.out, "y");
           })
      .not_computed()
      .keeps("y", {"F70", "F71"});
  cases.row("F71");
  cases
      .add("sequence_axis",
           [](Sketch& g, S d) {
             sequence(g, d);
             g.bn("c", d.len, "y");
           })
      .keeps("y", {"F71"});
  cases
      .add("constant_on_the_left",
           [](Sketch& g, S d) {
             g.input("x", {-1, d.in, d.len});
             const std::string w = g.weight({d.out, d.in});
             g.op("MatMul", {w, "x"}, {}, "c");
             g.bn("c", d.out, "y");
           })
      .folds("y");
  cases.row("F72");
  cases
      .add("transposed_to_axis_1",
           [](Sketch& g, S d) {
             sequence(g, d);
             g.bn(g.op("Transpose", {"c"}, {ints("perm", {0, 2, 1})}), d.out, "y");
           })
      .folds("y");
  cases
      .add("not_moved",
           [](Sketch& g, S d) {
             sequence(g, d);
             g.bn(g.op("Transpose", {"c"}, {ints("perm", {0, 1, 2})}), d.len, "y");
           })
      .keeps("y", {"F71", "F72", "F99"});
  cases.row("F73");
  cases
      .add("rows_joined",
           [](Sketch& g, S d) {
             sequence(g, d);
             const std::string shape = g.integers({-1, d.out});
             g.bn(g.op("Reshape", {"c", shape}), d.out, "y");
           })
      .folds("y");
  cases
      .add("axes_added",
           [](Sketch& g, S d) {
             rows(g, d);
             gemm(g, "x", {d.in, d.out}, {}, "c");
             const std::string shape = g.integers({-1, d.out, 1, 1});
             g.bn(g.op("Reshape", {"c", shape}), d.out, "y");
           })
      .folds("y");
  cases
      .add("columns_split",
           [](Sketch& g, S d) {
             rows(g, d);
             gemm(g, "x", {d.in, d.out}, {}, "c");
             const std::string shape = g.integers({-1, 2, d.out / 2});
             g.bn(g.op("Reshape", {"c", shape}), 2, "y");
           })
      .either("y");
  cases
      .add("rows_split",
           [](Sketch& g, S d) {
             g.input("x", {d.n * d.out, d.in});
             gemm(g, "x", {d.in, d.out}, {}, "c");
             const std::string shape = g.integers({d.n, d.out, d.out});
             g.bn(g.op("Reshape", {"c", shape}), d.out, "y");
           })
      .keeps("y", {"F73", "F71", "F99"});
  cases.row("F74");
  cases
      .add("bias_second",
           [](Sketch& g, S d) {
             rows(g, d);
             g.matmul("x", {d.in, d.out}, "c");
             const std::string b = g.weight({d.out});
             g.bn(g.op("Add", {"c", b}), d.out, "y");
           })
      .folds("y");
  cases
      .add("bias_first",
           [](Sketch& g, S d) {
             rows(g, d);
             g.matmul("x", {d.in, d.out}, "c");
             const std::string b = g.weight({1, d.out});
             g.bn(g.op("Add", {b, "c"}), d.out, "y");
           })
      .folds("y");
  cases
      .add("bias_is_an_input",
           [](Sketch& g, S d) {
             rows(g, d);
             g.input("given", {d.out}).matmul("x", {d.in, d.out}, "c");
             g.bn(g.op("Add", {"c", "given"}), d.out, "y");
           })
      .keeps("y", {"F98", "F78", "F34", "F68", "F97"});
}

/// x [n, len, in] times a weight for each of its n blocks.
void batched(Sketch& g, S d) {
  g.input("x", {d.n, d.len, d.in});
  g.matmul("x", {d.n, d.in, d.out}, "c");
}

void add_batches_and_old_forms(RowCases& cases) {
  cases.row("F75");
  cases
      .add("columns_on_axis_1",
           [](Sketch& g, S d) {
             batched(g, d);
             g.bn(g.op("Transpose", {"c"}, {ints("perm", {0, 2, 1})}), d.out, "y");
           })
      .folds("y");
  cases
      .add("batch_on_axis_1",
           [](Sketch& g, S d) {
             batched(g, d);
             g.bn(g.op("Transpose", {"c"}, {ints("perm", {1, 0, 2})}), d.n, "y");
           })
      .keeps("y", {"F75", "F99", "F72"});
  cases.row("F76");
  cases
      .add("axes_as_inputs",
           [](Sketch& g, S d) {
             rows(g, d);
             gemm(g, "x", {d.in, d.out}, {}, "c");
             const std::string axes = g.integers({2});
             g.bn(g.op("Unsqueeze", {"c", axes}), d.out, "n");
             g.op("Squeeze", {"n", axes}, {}, "y");
           })
      .folds("n");
  cases
      .add("axes_as_attributes",
           [](Sketch& g, S d) {
             g.opset(9);
             rows(g, d);
             gemm(g, "x", {d.in, d.out}, {}, "c");
             g.last().inputs.push_back(g.weight({d.out}));
             g.bn(g.op("Unsqueeze", {"c"}, {ints("axes", {2})}), d.out, "n");
             g.op("Squeeze", {"n"}, {ints("axes", {2})}, "y");
           })
      .folds("n");
  cases.row("F77");
  cases
      .add("gemm_with_broadcast",
           [](Sketch& g, S d) {
             g.opset(6);
             rows(g, d);
             const std::string b = g.weight({d.out});
             gemm(g, "x", {d.in, d.out}, {integer("broadcast", 1)}, "c");
             g.last().inputs.push_back(b);
             g.bn("c", d.out, "y", {}, {integer("is_test", 1)});
           })
      .folds("y");
  cases
      .add("bias_on_the_channel_axis",
           [](Sketch& g, S d) {
             g.opset(6);
             conv_of_image(g, d);
             const std::string b = g.weight({d.out});
             g.op("Add", {"c", b}, {integer("broadcast", 1), integer("axis", 1)}, "a");
             g.bn("a", d.out, "y", {}, {integer("is_test", 1)});
           })
      .folds("y");
  cases
      .add("bias_on_the_last_axis",
           [](Sketch& g, S d) {
             g.opset(6);
             conv_of_image(g, d);
             const std::string b = g.weight({d.w});
             g.op("Add", {"c", b}, {integer("broadcast", 1), integer("axis", 3)}, "a");
             g.bn("a", d.out, "y", {}, {integer("is_test", 1)});
           })
      .keeps("y", {"F77", "F80"});
}

}  // namespace

void add_gemm_cases(RowCases& cases) {
  add_gemm_forms(cases);
  add_matmul(cases);
  add_batches_and_old_forms(cases);
}

}  // namespace pleat
