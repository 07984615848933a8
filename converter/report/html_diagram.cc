#include "converter/report/html_diagram.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "converter/verify/regions.h"
#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

constexpr int kWidth = 214;
constexpr int kHeight = 42;
constexpr int kGapX = 22;
constexpr int kGapY = 26;
constexpr int kMargin = 4;

/// A node, or a value that enters or leaves. Constants are not drawn, those made by nodes included.
struct Place {
  NodePair nodes = {};
  std::string value = {};  ///< where it is no node
  bool leaves = false;
  int row = 0;
  int column = 0;

  bool is_value() const { return !value.empty(); }
  int left() const { return kMargin + column * (kWidth + kGapX); }
  int top() const { return kMargin + row * (kHeight + kGapY); }
};

using Arrows = std::set<std::pair<std::size_t, std::size_t>>;

/// One side of the drawing: the graph and the member of NodePair that shows it.
struct Side {
  const Graph& graph;
  const Node* NodePair::*node;
};

bool is_constant(const Graph& graph, const std::string& name) { return graph.initializer(name) != nullptr; }

class Layout {
 public:
  Layout(const Graph& before, const Graph& after)
      : before_{before, &NodePair::before}, after_{after, &NodePair::after} {
    std::vector<NodePair> nodes = paired(before, after);
    add_entering(nodes);
    std::erase_if(nodes, [](const NodePair& pair) { return (pair.before ? pair.before : pair.after)->is("Constant"); });
    for (const NodePair& pair : nodes) places_.push_back({.nodes = pair});
    for (const ValueInfo& output : before.outputs) places_.push_back({.value = output.name, .leaves = true});
    before_arrows_ = arrows(before_);
    after_arrows_ = arrows(after_);
    set_rows();
    set_columns();
  }

  std::string drawn_before() const { return drawn(before_, before_arrows_); }
  std::string drawn_after() const { return drawn(after_, after_arrows_); }
  int columns() const { return columns_; }

 private:
  void add_entering(const std::vector<NodePair>& nodes) {
    std::set<std::string> known;
    for (const NodePair& pair : nodes)
      for (const Node* node : {pair.before, pair.after})
        if (node != nullptr) known.insert(node->outputs.begin(), node->outputs.end());
    for (const NodePair& pair : nodes)
      for (const Side& side : {before_, after_}) {
        if (pair.*side.node == nullptr) continue;
        for (const std::string& name : (pair.*side.node)->inputs)
          if (!name.empty() && !is_constant(side.graph, name) && known.insert(name).second)
            places_.push_back({.value = name});
      }
  }

  Arrows arrows(const Side& side) const {
    std::map<std::string, std::size_t> makers;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const Place& place = places_[i];
      if (place.is_value() && !place.leaves) makers[place.value] = i;
      if (const Node* node = place.nodes.*side.node)
        for (const std::string& name : node->outputs) makers[name] = i;
    }
    Arrows out;
    const auto connect = [&](const std::string& name, std::size_t to) {
      const auto maker = makers.find(name);
      if (maker != makers.end() && maker->second != to) out.emplace(maker->second, to);
    };
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].leaves) connect(places_[i].value, i);
      if (const Node* node = places_[i].nodes.*side.node)
        for (const std::string& name : node->inputs)
          if (!name.empty()) connect(name, i);
    }
    return out;
  }

  /// Below whatever a place reads, on either side. The two sides may contradict each other: rounds are limited.
  void set_rows() {
    Arrows all = before_arrows_;
    all.insert(after_arrows_.begin(), after_arrows_.end());
    const auto most = static_cast<int>(places_.size());
    bool changed = true;
    for (int round = 0; changed && round < most; ++round) {
      changed = false;
      for (const auto& [from, to] : all) {
        const int row = std::min(most, places_[from].row + 1);
        if (places_[to].row >= row) continue;
        places_[to].row = row;
        changed = true;
      }
    }
  }

  void set_columns() {
    std::map<int, int> used;
    std::map<int, int> dense;
    for (Place& place : places_) {
      place.column = used[place.row]++;
      columns_ = std::max(columns_, place.column + 1);
    }
    for (const auto& [row, count] : used) dense.emplace(row, static_cast<int>(dense.size()));
    for (Place& place : places_) place.row = dense[place.row];
    rows_ = static_cast<int>(dense.size());
  }

  std::string box(const Place& place, const char* css, const std::string& title, const std::string& subtitle,
                  const char* name_css) const {
    const int x = place.left() + kWidth / 2;
    const bool two = !subtitle.empty();
    std::string out = fmt::format("<rect class=\"box {}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>", css,
                                  place.left(), place.top(), kWidth, kHeight);
    out += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", name_css, x,
                       place.top() + (two ? 18 : 25), escape_markup(shortened(title, 30)));
    if (two)
      out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", x, place.top() + 34,
                         escape_markup(shortened(subtitle, 30)));
    return out;
  }

  static std::string weight_shape(const Graph& graph, const Node& node) {
    for (const std::string& input : node.inputs)
      if (const Initializer* weight = graph.initializer(input); weight != nullptr && weight->tensor.shape().rank() > 1)
        return " " + weight->tensor.shape().text();
    return {};
  }

  std::string drawn(const Side& side, const Place& place) const {
    if (place.is_value()) return box(place, "value", place.value, {}, "ghost-name");
    const Node* node = place.nodes.*side.node;
    if (node == nullptr) {
      const bool gone = place.nodes.before != nullptr;
      return gone && side.node == &NodePair::after
                 ? box(place, "ghost", name_of(*place.nodes.before), "folded", "ghost-name")
                 : "";
    }
    const bool norm = node->is("BatchNormalization");
    const char* css = norm ? "norm" : place.nodes.same() ? "" : "layer";
    return box(place, css, node->op_type + weight_shape(side.graph, *node), name_of(*node), "name");
  }

  std::string arrow(const Place& from, const Place& to) const {
    const int x1 = from.left() + kWidth / 2;
    const int x2 = to.left() + kWidth / 2;
    const int y1 = from.is_value() ? from.top() + kHeight / 2 + 12 : from.top() + kHeight;
    const int y2 = to.is_value() ? to.top() + kHeight / 2 - 14 : to.top();
    const int bend = std::min(40, (y2 - y1) / 2);
    return fmt::format(
        "<path class=\"arrow\" d=\"M{0} {1}C{0} {2} {3} {4} {3} {5}\"/><path class=\"tip\" "
        "d=\"M{3} {6}l-4-7h8z\"/>",
        x1, y1, y1 + bend, x2, y2 - bend, y2 - 6, y2);
  }

  std::string drawn(const Side& side, const Arrows& arrows) const {
    const int width = 2 * kMargin + columns_ * (kWidth + kGapX) - kGapX;
    const int height = 2 * kMargin + rows_ * (kHeight + kGapY) - kGapY;
    const char* name = side.node == &NodePair::before ? "before" : "after";
    std::string out = fmt::format(
        "<svg width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"Graph {2} folding\">",
        width, height, name);
    for (const auto& [from, to] : arrows) out += arrow(places_[from], places_[to]);
    for (const Place& place : places_) out += drawn(side, place);
    return out + "</svg>\n";
  }

  Side before_;
  Side after_;
  std::vector<Place> places_;
  Arrows before_arrows_;
  Arrows after_arrows_;
  int rows_ = 0;
  int columns_ = 0;
};

}  // namespace

Diagram diagram(const Graph& before, const Graph& after) {
  const Layout layout(before, after);
  return {layout.drawn_before(), layout.drawn_after(), layout.columns()};
}

}  // namespace pleat::html
