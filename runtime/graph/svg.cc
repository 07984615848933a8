#include "runtime/graph/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/markup.h"

namespace pleat {
namespace {

constexpr int kBoxWidth = 190;
constexpr int kBoxHeight = 40;
constexpr int kGapX = 24;
constexpr int kGapY = 30;
constexpr int kMargin = 20;

struct Box {
  std::string title;
  std::string subtitle;
  const char* fill;
  int layer = 0;
  int column = 0;
  std::vector<std::size_t> sources = {};
};

const char* fill_of(const Node& node) {
  if (node.op_type == "BatchNormalization") return "#f8d7a8";
  for (const char* linear : {"Conv", "ConvTranspose", "Gemm", "MatMul"})
    if (node.op_type == linear) return "#bcd7f2";
  return "#dfe8dc";
}

std::string weights_of(const Graph& graph, const Node& node) {
  for (const std::string& input : node.inputs)
    if (const Initializer* weight = graph.initializer(input); weight != nullptr && weight->tensor.shape().rank() > 1)
      return " " + weight->tensor.shape().text();
  return {};
}

/// Inputs, nodes and outputs as boxes; a box lies one layer below the lowest of its sources.
std::vector<Box> boxes_of(const Graph& graph) {
  std::vector<Box> boxes;
  std::map<std::string, std::size_t> makers;
  for (const ValueInfo& input : graph.inputs) {
    if (graph.initializer(input.name) != nullptr) continue;
    makers[input.name] = boxes.size();
    boxes.push_back({input.name, "input", "#eeeeee"});
  }
  const auto connect = [&](Box box, const std::vector<std::string>& reads) {
    for (const std::string& name : reads) {
      const auto maker = makers.find(name);
      if (maker == makers.end()) continue;
      box.sources.push_back(maker->second);
      box.layer = std::max(box.layer, boxes[maker->second].layer + 1);
    }
    boxes.push_back(std::move(box));
  };
  for (const Node& node : graph.nodes) {
    connect({node.op_type + weights_of(graph, node), node.name, fill_of(node)}, node.inputs);
    for (const std::string& output : node.outputs)
      if (!output.empty()) makers[output] = boxes.size() - 1;
  }
  for (const ValueInfo& output : graph.outputs) connect({output.name, "output", "#eeeeee"}, {output.name});
  return boxes;
}

int left_of(const Box& box) { return kMargin + box.column * (kBoxWidth + kGapX); }
int top_of(const Box& box) { return kMargin + box.layer * (kBoxHeight + kGapY); }

std::string drawn(const Box& box) {
  const int x = left_of(box);
  const int y = top_of(box);
  const auto line = [&](const std::string& text, int size, int baseline, const char* color) {
    return fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       x + kBoxWidth / 2, y + baseline, size, color, escape_markup(shortened(text, 30)));
  };
  return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"{}\" stroke=\"#667\"/>\n", x,
                     y, kBoxWidth, kBoxHeight, box.fill) +
         line(box.title, 12, 17, "#111") + line(box.subtitle, 10, 32, "#555");
}

std::string arrow(const Box& from, const Box& to) {
  const int x1 = left_of(from) + kBoxWidth / 2;
  const int y1 = top_of(from) + kBoxHeight;
  const int x2 = left_of(to) + kBoxWidth / 2;
  const int y2 = top_of(to);
  return fmt::format("<path d=\"M{},{} C{},{} {},{} {},{}\"/>\n", x1, y1, x1, y1 + kGapY, x2, y2 - kGapY, x2, y2 - 2);
}

}  // namespace

std::string to_svg(const Graph& graph) {
  std::vector<Box> boxes = boxes_of(graph);
  std::map<int, int> used;
  int columns = 1;
  int layers = 1;
  for (Box& box : boxes) {
    box.column = used[box.layer]++;
    columns = std::max(columns, box.column + 1);
    layers = std::max(layers, box.layer + 1);
  }
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\">\n"
      "<defs><marker id=\"tip\" markerWidth=\"8\" markerHeight=\"8\" refX=\"6\" refY=\"4\" orient=\"auto\">"
      "<path d=\"M0,0 L8,4 L0,8 z\" fill=\"#667\"/></marker></defs>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<g fill=\"none\" stroke=\"#667\" marker-end=\"url(#tip)\">\n",
      2 * kMargin + columns * (kBoxWidth + kGapX) - kGapX, 2 * kMargin + layers * (kBoxHeight + kGapY) - kGapY);
  for (const Box& box : boxes)
    for (std::size_t source : box.sources) out += arrow(boxes[source], box);
  out += "</g>\n";
  for (const Box& box : boxes) out += drawn(box);
  return out + "</svg>\n";
}

}  // namespace pleat
