#pragma once

#include "tests/converter/cases/case.h"

namespace pleat {

/// Images of CaseSizes, the batch left open: x is [?, in, h, w].
inline void image(Sketch& g, const CaseSizes& d) { g.input("x", {-1, d.in, d.h, d.w}); }
/// Rows: x is [?, in].
inline void rows(Sketch& g, const CaseSizes& d) { g.input("x", {-1, d.in}); }
/// Pads that keep the size of an image under a kernel of 3.
inline Attribute same() { return ints("pads", {1, 1, 1, 1}); }
/// The image convolved 3×3, its size kept: c is [?, out, h, w].
inline std::string conv_of_image(Sketch& g, const CaseSizes& d, const std::string& out = "c") {
  image(g, d);
  return g.conv_bias("x", {d.out, d.in, 3, 3}, {same()}, out);
}
inline std::string gemm(Sketch& g, const std::string& x, Shape weight, Attributes attributes = {},
                        const std::string& out = {}) {
  const std::string w = g.weight(std::move(weight));
  return g.op("Gemm", {x, w}, std::move(attributes), out);
}
/// Conv of the image, one node with further constant inputs, BatchNormalization.
inline void between_layers(Sketch& g, const CaseSizes& d, const std::string& type, const Names& more,
                           const Attributes& attributes, const Stats& stats = {}) {
  conv_of_image(g, d);
  Names inputs = {"c"};
  inputs.insert(inputs.end(), more.begin(), more.end());
  g.bn(g.op(type, inputs, attributes), d.out, "y", stats);
}
/// Adds outputs to the last node.
inline void more_outputs(Sketch& g, const Names& names) {
  for (const std::string& name : names) g.last().outputs.push_back(name);
}
inline void set_attribute(Sketch& g, Attribute attribute) { g.last().attributes.push_back(std::move(attribute)); }
inline void drop_attribute(Sketch& g, const std::string& name) {
  std::erase_if(g.last().attributes, [&](const Attribute& attribute) { return attribute.name == name; });
}
/// Repeats `values` to `count` elements.
inline std::vector<double> repeated(std::vector<double> values, std::int64_t count) {
  std::vector<double> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(values[static_cast<std::size_t>(i) % values.size()]);
  return all;
}
/// Shift-free: y = s·x.
inline const Stats kScaleOnly = {.bias_low = 0, .bias_high = 0, .mean_low = 0, .mean_high = 0};
inline const Stats kNegative = {.scale_low = -2, .scale_high = -0.5};

}  // namespace pleat
