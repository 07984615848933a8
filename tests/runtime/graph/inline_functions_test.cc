#include "runtime/graph/inline_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/graph/text.h"
#include "tests/runtime/graph/graph_fixture.h"

namespace pleat {
namespace {

using test::inner_graph;
using test::node;
using test::value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Node named(Node made, std::string name) {
  made.name = std::move(name);
  return made;
}

Node call(std::string function, std::vector<std::string> inputs, std::vector<std::string> outputs,
          std::vector<Attribute> attributes = {}) {
  Node made = node(std::move(function), std::move(inputs), std::move(outputs));
  made.domain = "local";
  made.attributes = std::move(attributes);
  return made;
}

Attribute reference(std::string name, std::string outer) {
  Attribute made;
  made.name = std::move(name);
  made.type = Attribute::Type::kFloat;
  made.ref_attr_name = std::move(outer);
  return made;
}

Function function(std::string name, std::vector<std::string> inputs, std::vector<std::string> outputs,
                  std::vector<Node> nodes) {
  Function made;
  made.name = std::move(name);
  made.domain = "local";
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  made.nodes = std::move(nodes);
  made.opset_imports = {{"", 17}, {"local", 1}};
  return made;
}

/// Twice(a, bias) -> b: t = Add(a, a); b = Sum(t, bias)
Function twice() {
  return function("Twice", {"a", "bias"}, {"b"},
                  {named(node("Add", {"a", "a"}, {"t"}), "first"), node("Sum", {"t", "bias"}, {"b"})});
}

Model model_with(std::vector<Node> nodes, std::vector<Function> functions) {
  Model model;
  model.opset_imports = {{"", 17}, {"local", 1}};
  model.graph.inputs = {value("x"), value("t")};
  model.graph.outputs = {value("y")};
  model.graph.nodes = std::move(nodes);
  model.functions = std::move(functions);
  return model;
}

Model inlined(const Model& model) {
  EXPECT_TRUE(check(model)) << check(model).error().text();
  auto result = inline_functions(model);
  EXPECT_TRUE(result) << result.error().text();
  if (!result) return {};
  const Status sound = check(*result);
  EXPECT_TRUE(sound) << sound.error().text() << "\n" << to_text(*result);
  return std::move(*result);
}

/// The nodes, one a line.
std::string body(const Model& model) {
  std::string lines;
  std::string text = to_text(model.graph);
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    if (text.substr(at, end - at).find(" = ") != std::string::npos) lines += text.substr(at, end - at + 1);
  return lines;
}

Error refused(const Model& model) {
  auto result = inline_functions(model);
  EXPECT_FALSE(result);
  return result ? Error::internal("inlined") : std::move(result).error();
}

TEST(InlineFunctions, PutsTheBodyInPlaceOfTheCall) {
  const Model model =
      model_with({node("Relu", {"x"}, {"r"}), named(call("Twice", {"r", "t"}, {"z"}), "c"), node("Relu", {"z"}, {"y"})},
                 {twice()});
  const Model result = inlined(model);
  EXPECT_EQ(body(result),
            "  %r = Relu(%x)\n"
            "  %c.t = Add(%r, %r)  # c.first\n"
            "  %z = Sum(%c.t, %t)\n"
            "  %y = Relu(%z)\n");
  EXPECT_TRUE(result.functions.empty());
  EXPECT_EQ(model.graph.nodes.size(), 3U) << "the source is as before";
}

TEST(InlineFunctions, LeavesAModelWithoutCallsAlone) {
  Model model = model_with({node("Relu", {"x"}, {"y"})}, {});
  EXPECT_EQ(to_text(inlined(model)), to_text(model));
  model.functions = {twice()};
  EXPECT_EQ(body(inlined(model)), body(model));
}

TEST(InlineFunctions, OmittedInputsAndOutputsStayOmitted) {
  Function two = twice();
  two.outputs = {"t", "b"};
  const Model result = inlined(model_with({named(call("Twice", {"x"}, {"", "y"}), "c")}, {two}));
  EXPECT_EQ(body(result),
            "  %c.t = Add(%x, %x)  # c.first\n"
            "  %y = Sum(%c.t, _)\n");
}

TEST(InlineFunctions, NewNamesAvoidAllOthers) {
  const Model result =
      inlined(model_with({named(node("Relu", {"x"}, {"c.t"}), "c.first"),
                          named(call("Twice", {"c.t", "t"}, {"z"}), "c"), named(call("Twice", {"z", "t"}, {"y"}), "c")},
                         {twice()}));
  EXPECT_EQ(body(result),
            "  %c.t = Relu(%x)  # c.first\n"
            "  %c.t_1 = Add(%c.t, %c.t)  # c.first_1\n"
            "  %z = Sum(%c.t_1, %t)\n"
            "  %c.t_2 = Add(%z, %z)  # c.first_2\n"
            "  %y = Sum(%c.t_2, %t)\n");
}

TEST(InlineFunctions, ReachesNestedCallsAndInnerGraphs) {
  Graph branch;
  branch.nodes = {named(call("Outer", {"x"}, {"o"}), "inside")};
  branch.outputs = {value("o")};
  Node choice = node("If", {"t"}, {"y"});
  choice.attributes = {inner_graph("then_branch", branch)};
  const Model model = model_with(
      {choice}, {function("Outer", {"a"}, {"b"}, {named(call("Twice", {"a", ""}, {"b"}), "deep")}), twice()});
  const Model result = inlined(model);
  EXPECT_EQ(body(result),
            "  %y = If(%t) {then_branch=graph}\n"
            "    then_branch = graph {\n"
            "      %inside.deep.t = Add(%x, %x)  # inside.deep.first\n"
            "      %o = Sum(%inside.deep.t, _)\n");
  EXPECT_EQ(model.graph.nodes[0].attributes[0].graph()->nodes.size(), 1U) << "the source's inner graph is as before";
}

TEST(InlineFunctions, RenamesInsideTheInnerGraphsOfABody) {
  Graph then_branch;
  then_branch.initializers = {test::constant("k")};
  then_branch.nodes = {node("Add", {"a", "k"}, {"s"})};
  then_branch.outputs = {value("s")};
  Graph else_branch;
  else_branch.inputs = {value("a")};
  else_branch.nodes = {node("Neg", {"a"}, {"s"})};
  else_branch.outputs = {value("s")};
  Node choice = node("If", {"a"}, {"b"});
  choice.attributes = {inner_graph("then_branch", then_branch), inner_graph("else_branch", else_branch)};
  const Model result =
      inlined(model_with({named(call("F", {"x"}, {"y"}), "c")}, {function("F", {"a"}, {"b"}, {choice})}));
  const std::string text = to_text(result.graph);
  EXPECT_THAT(text, HasSubstr("initializer %c.k"));
  EXPECT_THAT(text, HasSubstr("%c.s = Add(%x, %c.k)"));
  EXPECT_THAT(text, HasSubstr("%c.s_1 = Neg(%c.a)")) << "its own input hides the function's";
  EXPECT_THAT(text, HasSubstr("output %c.s_1"));
}

TEST(InlineFunctions, ResolvesAttributeReferences) {
  Node leaky = node("LeakyRelu", {"a"}, {"h"});
  leaky.attributes = {reference("alpha", "slope")};
  Node clip = node("Elu", {"h"}, {"i"});
  clip.attributes = {reference("alpha", "height")};
  Node inner = call("Inner", {"i"}, {"b"}, {reference("gain", "nothing")});
  Function outer = function("Outer", {"a"}, {"b"}, {leaky, clip, inner});
  outer.attributes = {"slope", "nothing"};
  outer.attribute_defaults = {Attribute::number("height", 2)};
  Node scale = node("Scale", {"p"}, {"q"});
  scale.attributes = {reference("gain", "gain"), reference("shift", "shift")};
  Graph deep;
  deep.nodes = {scale};
  deep.outputs = {value("q")};
  Node loop = node("Loop", {"p"}, {"r"});
  loop.attributes = {inner_graph("body", deep)};
  Function inner_function = function("Inner", {"p"}, {"r"}, {loop});
  inner_function.attribute_defaults = {Attribute::number("gain", 3), Attribute::number("shift", 4)};
  const Model model =
      model_with({call("Outer", {"x"}, {"y"}, {Attribute::number("slope", 0.5F)})}, {outer, inner_function});
  const std::string text = to_text(inlined(model).graph);
  EXPECT_THAT(text, HasSubstr("LeakyRelu(%x) {alpha=0.5}"));
  EXPECT_THAT(text, HasSubstr("{alpha=2}"));
  EXPECT_THAT(text, HasSubstr("{gain=3, shift=4}")) << "an absent attribute handed on is absent";
  Model bare = model;
  bare.graph.nodes[0].attributes.clear();
  EXPECT_THAT(to_text(inlined(bare).graph), HasSubstr("LeakyRelu(%x)\n"));
}

TEST(InlineFunctions, SubstitutesGraphsToo) {
  Graph given;
  given.nodes = {node("Neg", {"x"}, {"n"})};
  given.outputs = {value("n")};
  Graph otherwise;
  otherwise.initializers = {test::constant("n")};
  otherwise.nodes = {call("Twice", {"n"}, {"m"})};
  otherwise.outputs = {value("m")};
  Node choice = node("If", {"a"}, {"b"});
  choice.attributes = {reference("then_branch", "chosen"), reference("else_branch", "other")};
  Function chooser = function("Choose", {"a"}, {"b"}, {choice});
  chooser.attribute_defaults = {inner_graph("chosen", otherwise), inner_graph("other", otherwise)};
  Node user = named(call("Choose", {"x"}, {"y"}), "c");
  user.attributes = {inner_graph("chosen", given)};
  const std::string text = to_text(inlined(model_with({user}, {chooser, twice()})).graph);
  EXPECT_THAT(text, HasSubstr("%n = Neg(%x)")) << "the caller's graph reads the caller's values";
  EXPECT_THAT(text, HasSubstr("initializer %c.n"));
  EXPECT_THAT(text, HasSubstr("%c.m = Sum(%c.m.t, _)"));
}

TEST(InlineFunctions, CopiesWhatAFunctionOnlyHandsOn) {
  const Function pass = function("Pass", {"a"}, {"a", "n", "n"}, {node("Neg", {"a"}, {"n"})});
  EXPECT_EQ(body(inlined(model_with({call("Pass", {"x"}, {"y", "p", "q"})}, {pass}))),
            "  %p = Neg(%x)\n"
            "  %y = Identity(%x)\n"
            "  %q = Identity(%p)\n");
  EXPECT_THAT(refused(model_with({call("Pass", {}, {"y"})}, {pass})).text(), HasSubstr("which the call omits"));
}

TEST(InlineFunctions, TakesTheOverloadThatIsCalled) {
  Function first = function("F", {"a"}, {"b"}, {node("Relu", {"a"}, {"b"})});
  Function second = function("F", {"a"}, {"b"}, {node("Neg", {"a"}, {"b"})});
  second.overload = "two";
  Model model = model_with({call("F", {"x"}, {"y"})}, {first, second});
  model.graph.nodes[0].overload = "two";
  EXPECT_EQ(body(inlined(model)), "  %y = Neg(%x)\n");
}

TEST(InlineFunctions, CarriesWhatIsKnownOfInnerValues) {
  Function known = twice();
  known.value_info = {value("a"), value("t"), value("b"), value("bias")};
  const Model result = inlined(model_with({named(call("Twice", {"x"}, {"y"}), "c")}, {known}));
  ASSERT_EQ(result.graph.value_info.size(), 1U);
  EXPECT_EQ(result.graph.value_info[0].name, "c.t");
}

TEST(InlineFunctions, LeavesWhatIsNotWanted) {
  const std::vector<Function> functions = {function("Outer", {"a"}, {"b"}, {call("Twice", {"a"}, {"b"})}), twice(),
                                           function("Lone", {"a"}, {"b"}, {node("Neg", {"a"}, {"b"})})};
  const Model model = model_with({named(call("Twice", {"x"}, {"h"}), "c"), call("Outer", {"h"}, {"y"})}, functions);
  const auto result = inline_functions(model, [](const Function& f) { return f.name != "Outer"; });
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(body(*result),
            "  %c.t = Add(%x, %x)  # c.first\n"
            "  %h = Sum(%c.t, _)\n"
            "  %y = local::Outer(%h)\n");
  std::vector<std::string> left;
  for (const Function& f : result->functions) left.push_back(f.name);
  EXPECT_THAT(left, ElementsAre("Outer", "Twice")) << "Outer still calls Twice";
}

TEST(InlineFunctions, RefusesOtherVersionsOfTheOperatorsUsed) {
  Function old = twice();
  old.opset_imports = {{"", 13}, {"local", 1}};
  const Error error = refused(model_with({call("Twice", {"x"}, {"y"})}, {old}));
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.text(), HasSubstr("function 'Twice' of domain 'local'"));
  EXPECT_THAT(error.got, HasSubstr("version 13"));
  Function unconcerned = function("F", {"a"}, {"b"}, {call("Twice", {"a"}, {"b"})});
  unconcerned.opset_imports = {{"", 13}, {"local", 2}};
  inlined(model_with({call("F", {"x"}, {"y"})}, {unconcerned, twice()}));
}

TEST(InlineFunctions, ImportsTheDomainsOfABody) {
  Function other = function("F", {"a"}, {"b"}, {node("Relu", {"a"}, {"b"})});
  other.nodes[0].domain = "vendor";
  other.opset_imports = {{"vendor", 3}};
  const Model result = inlined(model_with({call("F", {"x"}, {"y"})}, {other}));
  EXPECT_EQ(result.opset("vendor"), 3);
  Model versionless = model_with({call("F", {"x"}, {"y"})}, {other});
  versionless.opset_imports.push_back({"vendor", 0});
  EXPECT_EQ(inlined(versionless).opset("vendor"), 3);
}

TEST(InlineFunctions, RefusesRecursionAndCallsThatDoNotFit) {
  const Function a = function("A", {"a"}, {"b"}, {call("B", {"a"}, {"b"})});
  const Function b = function("B", {"a"}, {"b"}, {call("A", {"a"}, {"b"})});
  EXPECT_THAT(refused(model_with({call("A", {"x"}, {"y"})}, {a, b})).text(), HasSubstr("calls itself"));
  EXPECT_THAT(refused(model_with({call("Twice", {"x", "x", "x"}, {"y"})}, {twice()})).text(), HasSubstr("more inputs"));
  EXPECT_THAT(refused(model_with({call("Twice", {"x"}, {"y", "z"})}, {twice()})).text(), HasSubstr("more outputs"));
  EXPECT_THAT(refused(model_with({call("Twice", {"x"}, {"y"}, {Attribute::number("k", 1)})}, {twice()})).text(),
              HasSubstr("no attribute 'k'"));
}

TEST(InlineFunctions, RefusesAFunctionBomb) {
  std::vector<Function> functions = {function("F0", {"a"}, {"b"}, {node("Neg", {"a"}, {"b"})})};
  for (int i = 1; i < 30; ++i) {
    const std::string below = "F" + std::to_string(i - 1);
    functions.push_back(
        function("F" + std::to_string(i), {"a"}, {"b"}, {call(below, {"a"}, {"t"}), call(below, {"t"}, {"b"})}));
  }
  EXPECT_EQ(refused(model_with({call("F29", {"x"}, {"y"})}, functions)).code, ErrorCode::kResource);
  functions.resize(1);
  for (int i = 1; i < 200; ++i)
    functions.push_back(
        function("F" + std::to_string(i), {"a"}, {"b"}, {call("F" + std::to_string(i - 1), {"a"}, {"b"})}));
  EXPECT_THAT(refused(model_with({call("F199", {"x"}, {"y"})}, functions)).text(), HasSubstr("too deep"));
}

TEST(Model, CheckCoversFunctions) {
  Model model = model_with({call("Twice", {"x"}, {"y"})}, {twice()});
  EXPECT_TRUE(check(model));
  const auto error = [&](const auto& spoil) {
    Model bad = model;
    spoil(bad.functions[0]);
    const Status status = check(bad);
    EXPECT_FALSE(status);
    return status ? std::string() : status.error().text();
  };
  EXPECT_THAT(error([](Function& f) { f.name.clear(); }), HasSubstr("no name"));
  EXPECT_THAT(error([](Function& f) { f.inputs[1] = "a"; }), HasSubstr("two inputs"));
  EXPECT_THAT(error([](Function& f) { f.nodes[1].inputs[0] = "x"; }), HasSubstr("function 'Twice' of domain 'local'"));
  EXPECT_THAT(error([](Function& f) { f.nodes[0].outputs[0] = "a"; }), HasSubstr("already defined"));
  EXPECT_THAT(error([](Function& f) { f.outputs = {"nothing"}; }), HasSubstr("nothing makes the output"));
  EXPECT_THAT(error([](Function& f) { f.attributes = {"k", "k"}; }), HasSubstr("declared twice"));
  EXPECT_THAT(error([](Function& f) { f.opset_imports = {{"", 1}, {"", 2}}; }), HasSubstr("two versions"));
  model.functions.push_back(twice());
  EXPECT_THAT(check(model).error().text(), HasSubstr("defines it twice"));
}

TEST(Text, ShowsFunctions) {
  Function shown = twice();
  shown.attributes = {"slope"};
  shown.attribute_defaults = {Attribute::number("height", 2)};
  shown.nodes[0].attributes = {reference("alpha", "slope")};
  EXPECT_THAT(to_text(model_with({call("Twice", {"x"}, {"y"})}, {shown})),
              HasSubstr("}\nfunction local::Twice(%a, %bias) {slope, height=2}, opset 17, opset local 1 {\n"
                        "  %t = Add(%a, %a) {alpha=@slope}  # first\n"
                        "  %b = Sum(%t, %bias)\n"
                        "  output %b\n"
                        "}\n"));
}

}  // namespace
}  // namespace pleat
