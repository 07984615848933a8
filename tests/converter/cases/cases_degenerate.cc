#include <limits>

#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

using S = const CaseSizes&;

/// Conv and BatchNormalization, one parameter of the latter replaced by `values`, repeated.
void with(Sketch& g, S d, const std::string& parameter, const std::vector<double>& values, const Stats& stats = {}) {
  conv_of_image(g, d);
  g.bn("c", d.out, "y", stats);
  g.set("y." + parameter, repeated(values, d.out));
}

/// A float16 Conv whose weights are `weight`, and a scale of `scale`.
void half(Sketch& g, S d, double weight, double scale) {
  g.type(DType::kFloat16);
  conv_of_image(g, d);
  g.bn("c", d.out, "y", {.scale_low = scale, .scale_high = scale, .variance_low = 1, .variance_high = 1});
  const std::string w = g.graph().nodes[0].inputs[1];
  g.set(w, repeated({weight, -weight}, d.out * d.in * 9));
}

void add_variances(RowCases& cases) {
  cases.row("F21");
  cases.add("slightly_negative", [](Sketch& g, S d) { with(g, d, "var", {-9.9999e-6, 0.5}); }).folds("y");
  cases.add("negative", [](Sketch& g, S d) { with(g, d, "var", {0.5, -1}); }).not_computed().keeps("y", {"F21"});
  cases.row("F22")
      .add("zero_variance",
           [](Sketch& g, S d) {
             with(g, d, "var", {0, 0.5});
           })
      .folds("y")
      .check([](const Model&, const FoldResult& r) {
        return std::string(r.map.entries[0].facts.amplifying.empty() ? "no amplifying channel is told" : "");
      });
  cases.row("F23");
  cases.add("zero_epsilon_and_variance",
            [](Sketch& g, S d) {
              with(g, d, "var", {0.5, 0}, {.epsilon = 0});
            })
      .not_computed()
      .keeps("y", {"F23"});
  cases.add("zero_epsilon", [](Sketch& g, S d) { with(g, d, "var", {0.5}, {.epsilon = 0}); }).folds("y");
  cases.row("F24");
  cases.add("mean_nan",
            [](Sketch& g, S d) {
              with(g, d, "mean", {0.5, std::nan("")});
            })
      .not_computed()
      .keeps("y", {"F24"});
  cases
      .add("variance_infinite",
           [](Sketch& g, S d) {
             with(g, d, "var", {0.5, std::numeric_limits<double>::infinity()});
           })
      .not_computed()
      .keeps("y", {"F24"});
  cases
      .add("weight_infinite",
           [](Sketch& g, S d) {
             with(g, d, "mean", {0.5});
             g.set(g.graph().nodes[0].inputs[1], repeated({1, HUGE_VAL, 3}, d.out * d.in * 9));
           })
      .not_computed()
      .keeps("y", {"F24"});
  cases.add("large_but_finite", [](Sketch& g, S d) { with(g, d, "mean", {1e30, -1e20}); }).folds("y");
}

void add_scales(RowCases& cases) {
  cases.row("F25");
  cases.add("a_dead_channel",
            [](Sketch& g, S d) {
              with(g, d, "scale", {0, 1.5});
            })
      .folds("y")
      .check([](const Model&, const FoldResult& r) {
        return std::string(r.map.entries[0].facts.dead.empty() ? "no dead channel is told" : "");
      });
  cases.add("all_dead", [](Sketch& g, S d) { with(g, d, "scale", {0}); }).folds("y");
  cases.row("F26");
  cases.add("negative", [](Sketch& g, S d) { with(g, d, "scale", {-1.5}); }).folds("y");
  cases.add("either_sign", [](Sketch& g, S d) { with(g, d, "scale", {-1.5, 0.5, 0}); }).folds("y");
  cases.row("F27");
  const auto tiny = [](Sketch& g, S d) { with(g, d, "scale", {1e-39, 1.5}); };
  cases.add("subnormal_weights", tiny).folds("y").check([](const Model&, const FoldResult& r) {
    return std::string(r.map.entries[0].facts.flushed == 0 ? "nothing is told to be flushed" : "");
  });
  cases.add("subnormal_weights_wanted", tiny)
      .with({.flush_subnormals = false})
      .folds("y")
      .check([](const Model&, const FoldResult& r) {
        return std::string(r.map.entries[0].facts.flushed != 0 ? "values are told to be flushed" : "");
      });
  cases.add("half_keeps_its_subnormals", [](Sketch& g, S d) { half(g, d, 0x1p-10, 0x1p-10); }).folds("y");
  cases.row("F28");
  cases.add("half_overflows", [](Sketch& g, S d) { half(g, d, 60000, 10); }).keeps("y", {"F28"});
  cases.add("half_fits", [](Sketch& g, S d) { half(g, d, 60000, 0.5); }).folds("y");
  cases
      .add("float_overflows",
           [](Sketch& g, S d) { with(g, d, "scale", {3e38}, {.variance_low = 0.01, .variance_high = 0.01}); })
      .keeps("y", {"F28"});
  cases.row("F29")
      .add("sums_overflow_in_another_order",
           [](Sketch& g, S d) {
             with(g, d, "scale", {1e-18});
             g.set(g.graph().nodes[0].inputs[1], repeated({1e38, -1e38, 2e38}, d.out * d.in * 9));
           })
      .folds("y");
  cases.row("F30")
      .add("dead_channel_of_infinite_input",
           [](Sketch& g, S d) {
             with(g, d, "scale", {0, 1.5});
           })
      .with_infinities()
      .folds("y")
      .check([](const Model&, const FoldResult& r) {
        return std::string(r.folded.graph.nodes.size() == 1 ? "" : "the Conv did not stay");
      });
}

}  // namespace

void add_degenerate_cases(RowCases& cases) {
  add_variances(cases);
  add_scales(cases);
}

}  // namespace pleat
