#include "tests/converter/cases/shared.h"
#include "tests/support/wire_bytes.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

/// A branch of its own Conv and BatchNormalization over the image around it: "then.y" or "else.y".
Attribute pair_branch(S d, const std::string& name, const Shape& weight) {
  Sketch inner(name + ".", name == "then" ? 11 : 23);
  inner.conv_bias("x", weight, {same()}, name + ".c");
  inner.bn(name + ".c", d.out, name + ".y");
  return graph_attribute(name + "_branch", inner.model().graph);
}

void add_branches(RowCases& cases) {
  cases.row("F118");
  cases
      .add("both_branches",
           [](Sketch& g, S d) {
             image(g, d);
             g.input("flag", {}, DType::kBool);
             const Shape weight = {d.out, d.in, 3, 3};
             g.op("If", {"flag"}, {pair_branch(d, "then", weight), pair_branch(d, "else", weight)}, "y");
           })
      .folds("then.y")
      .folds("else.y");
  cases
      .add("weight_of_the_outer_graph",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("flag", {}, DType::kBool);
             const std::string w = g.last().inputs[1];
             Sketch yes("then.", 5), no("else.", 6);
             yes.op("Conv", {"x", w}, {same()}, "then.c");
             yes.bn("then.c", d.out, "then.y");
             no.op("Relu", {"c"}, {}, "else.y");
             g.op("If", {"flag"},
                  {graph_attribute("then_branch", yes.model().graph), graph_attribute("else_branch", no.model().graph)},
                  "y");
             g.output("y").output("c");
           })
      .folds("then.y")
      .check([](const Model& before, const FoldResult& r) {
        const bool same = before.graph.initializers.size() == r.folded.graph.initializers.size();
        return std::string(same ? "" : "the constants of the outer graph are not the same");
      });
  cases
      .add("layer_outside",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("flag", {}, DType::kBool);
             Sketch yes("then.", 5), no("else.", 6);
             yes.bn("c", d.out, "then.y");
             no.op("Relu", {"c"}, {}, "else.y");
             g.op("If", {"flag"},
                  {graph_attribute("then_branch", yes.model().graph), graph_attribute("else_branch", no.model().graph)},
                  "y");
           })
      .keeps("then.y", {"F115", "F43", "F118"});
}

/// A body that carries an image through `layer`: body.y is BatchNormalization of a Conv of the carried image.
Sketch loop_body(S d) {
  Sketch body("body.", 31);
  body.input("body.i", {}, DType::kInt64).input("body.more", {}, DType::kBool);
  body.input("body.x", {d.n, d.in, d.h, d.w});
  body.op("Identity", {"body.more"}, {}, "body.again");
  return body;
}
void loop(Sketch& g, Names carried, const Graph& body, const std::string& out) {
  g.constant("trips", Tensor::scalar<std::int64_t>(3));
  g.constant("start", Tensor::scalar(true));
  Names inputs = {"trips", "start"};
  inputs.insert(inputs.end(), carried.begin(), carried.end());
  g.op("Loop", inputs, {graph_attribute("body", body)}, out);
}

void add_loops(RowCases& cases) {
  cases.row("F119");
  cases
      .add("loop",
           [](Sketch& g, S d) {
             g.input("x", {d.n, d.in, d.h, d.w});
             Sketch body = loop_body(d);
             body.conv("body.x", {d.in, d.in, 3, 3}, {same()}, "body.c");
             body.bn("body.c", d.in, "body.y");
             body.output("body.again", DType::kBool).output("body.y");
             loop(g, {"x"}, body.model().graph, "y");
           })
      .folds("body.y");
  cases
      .add("carried_weight",
           [](Sketch& g, S d) {
             g.input("x", {d.n, d.in, d.h, d.w});
             const std::string w = g.weight({d.in, d.in, 3, 3});
             Sketch body = loop_body(d);
             body.input("body.w", {d.in, d.in, 3, 3});
             body.op("Conv", {"body.x", "body.w"}, {same()}, "body.c");
             body.bn("body.c", d.in, "body.y");
             body.op("Relu", {"body.w"}, {}, "body.next");
             body.output("body.again", DType::kBool).output("body.y").output("body.next");
             loop(g, {"x", w}, body.model().graph, "y");
             more_outputs(g, {"last"});
             g.output("y");
           })
      .keeps("body.y", {"F119", "F50"});
  cases
      .add("scan",
           [](Sketch& g, S d) {
             g.input("x", {3, d.n, d.in, d.h, d.w});
             Sketch body("body.", 31);
             body.input("body.x", {d.n, d.in, d.h, d.w});
             body.conv("body.x", {d.out, d.in, 3, 3}, {same()}, "body.c");
             body.bn("body.c", d.out, "body.y");
             g.op("Scan", {"x"}, {graph_attribute("body", body.model().graph), integer("num_scan_inputs", 1)}, "y");
           })
      .folds("body.y");
}

/// A model-local function whose body is `body`, without constants of its own but Constant nodes.
void define(Sketch& g, const std::string& name, const Names& inputs, Sketch& body, const Names& attributes = {}) {
  Function function;
  function.name = name;
  function.domain = "local";
  function.inputs = inputs;
  function.outputs = {body.last().outputs[0]};
  function.attributes = attributes;
  for (const Initializer& constant : body.graph().initializers) {
    Sketch made;
    made.op("Constant", {}, {Attribute::tensor("value", constant.tensor)}, constant.name);
    function.nodes.push_back(made.last());
  }
  for (const Node& node : body.graph().nodes) function.nodes.push_back(node);
  function.opset_imports.push_back({"", 17});
  Model& model = g.builder().model();
  model.functions.push_back(std::move(function));
  if (model.opset("local") == 0) g.import("local", 1);
}

const Names kParameters = {"fx", "fw", "fscale", "fbias", "fmean", "fvar"};

/// Conv and BatchNormalization whose weight and parameters are inputs of the function.
void define_pair(Sketch& g, const Names& attributes = {}) {
  Sketch body("f.");
  body.op("Conv", {"fx", "fw"}, {same()}, "f.c");
  body.op("BatchNormalization", {"f.c", "fscale", "fbias", "fmean", "fvar"}, {num("epsilon", 1e-3F)}, "f.y");
  if (!attributes.empty()) {
    Attribute& epsilon = body.last().attributes[0];
    epsilon.value = {};
    epsilon.ref_attr_name = attributes[0];
  }
  define(g, "Pair", kParameters, body, attributes);
}
void call_pair(Sketch& g, S d, const std::string& x, std::int64_t channels, const std::string& out,
               const std::string& weight = {}, const Attributes& attributes = {}) {
  const std::string w = weight.empty() ? g.weight({d.out, channels, 3, 3}) : weight;
  Names inputs = {x, w};
  for (const double low : {0.5, -1.0, -1.0, 0.25}) inputs.push_back(g.weight({d.out}, low, 2));
  g.op_of("local", "Pair", inputs, attributes, out);
}

void add_functions(RowCases& cases) {
  cases.row("F120");
  cases
      .add("constants_inside",
           [](Sketch& g, S d) {
             image(g, d);
             Sketch body("f.", 41);
             body.conv("fx", {d.out, d.in, 3, 3}, {same()}, "f.c");
             body.bn("f.c", d.out, "f.y");
             define(g, "Whole", {"fx"}, body);
             g.op_of("local", "Whole", {"x"}, {}, "y");
           })
      .folds("y");
  cases
      .add("constants_given",
           [](Sketch& g, S d) {
             image(g, d);
             define_pair(g);
             call_pair(g, d, "x", d.in, "y");
           })
      .folds("y");
  cases
      .add("called_twice",
           [](Sketch& g, S d) {
             image(g, d);
             define_pair(g);
             call_pair(g, d, "x", d.in, "n");
             call_pair(g, d, "n", d.out, "y");
           })
      .folds("n")
      .folds("y");
  cases
      .add("epsilon_given",
           [](Sketch& g, S d) {
             image(g, d);
             define_pair(g, {"eps"});
             call_pair(g, d, "x", d.in, "y", {}, {num("eps", 0.25F)});
           })
      .folds("y");
  cases
      .add("weight_is_an_input",
           [](Sketch& g, S d) {
             image(g, d);
             g.input("given", {d.out, d.in, 3, 3});
             define_pair(g);
             call_pair(g, d, "x", d.in, "y", "given");
           })
      .keeps("y", {"F120", "F50", "F17"});
}

void add_whole_models(RowCases& cases) {
  cases.row("F121")
      .add("training_information",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.builder().model().unmodelled = wire_field(20, wire_field(2, wire_field(2, "step")));
           })
      .either("y")
      .check([](const Model& before, const FoldResult& r) {
        return std::string(before.unmodelled == r.folded.unmodelled ? "" : "the training information changed");
      });
  cases.row("F122")
      .add("equal_pairs",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.input("x2", {-1, d.in, d.w, d.h});
             Names inputs = g.last().inputs;
             inputs[0] = "x2";
             g.op("Conv", inputs, {same()}, "e");
             g.bn("c", d.out, "y");
             inputs = g.last().inputs;
             inputs[0] = "e";
             const Attributes attributes = g.last().attributes;
             g.op("BatchNormalization", inputs, attributes, "z");
             g.output("y").output("z");
           })
      .folds("y")
      .folds("z")
      .check([](const Model&, const FoldResult& r) {
        const std::size_t count = r.folded.graph.initializers.size();
        return count == 2 ? std::string() : std::to_string(count) + " constants where 2 are enough";
      });
  cases.row("F123");
  cases
      .add("opset_stays",
           [](Sketch& g, S d) {
             g.opset(9);
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
           })
      .folds("y")
      .check([](const Model&, const FoldResult& r) {
        return std::string(r.folded.opset() == 9 ? "" : "the opset changed");
      });
  cases
      .add("training_stays_visible",
           [](Sketch& g, S d) {
             g.opset(13);
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
             g.output("y");
             more_outputs(g, {"m", "v", "sm", "sv"});
           })
      .keeps("y", {"F04"});
  cases.row("F124")
      .add("constants_only",
           [](Sketch& g, S d) {
             conv_of_image(g, d);
             g.bn("c", d.out, "y");
           })
      .folds("y")
      .check([](const Model&, const FoldResult& r) {
        const Graph& graph = r.folded.graph;
        const bool bare = graph.nodes.size() == 1 && graph.nodes[0].is("Conv") && graph.initializers.size() == 2;
        return std::string(bare ? "" : "more than a Conv and its two constants is left");
      });
}

}  // namespace

void add_container_cases(RowCases& cases) {
  add_branches(cases);
  add_loops(cases);
  add_functions(cases);
  add_whole_models(cases);
}

}  // namespace pleat
