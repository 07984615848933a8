#include <fmt/format.h>

#include <algorithm>

#include "converter/report/html_diagram.h"
#include "converter/report/html_parts.h"
#include "converter/verify/regions.h"
#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

std::string side_by_side(const Diagram& drawn) {
  return "<div class=\"pair\">\n<figure><figcaption>Before</figcaption>" + drawn.before +
         "</figure>\n<figure><figcaption>After</figcaption>" + drawn.after + "</figure>\n</div>\n";
}

}  // namespace

std::string graphs(const HtmlSubject& subject) {
  constexpr std::size_t kMostNodes = 32;
  constexpr int kMostColumns = 2;
  CompareOptions options;
  options.names_are_functions = true;
  const std::vector<Region> regions = difference(subject.unfolded, subject.folded, options).regions;
  if (regions.empty()) return {};
  const Graph& before = subject.unfolded.graph;
  const Graph& after = subject.folded.graph;
  const bool inner = std::any_of(regions.begin(), regions.end(), [](const Region& r) { return !r.graph.empty(); });
  if (before.nodes.size() <= kMostNodes && !inner) {
    const Diagram whole = diagram(before, after);
    if (whole.columns <= kMostColumns)
      return section("graph", "The graph, before and after",
                     paragraph("Each node keeps its place. Layers that took over a normalization are tinted; what is "
                               "gone leaves a dashed frame.") +
                         side_by_side(whole));
  }
  std::string out = paragraph(many(static_cast<std::int64_t>(regions.size()), "region") +
                              " of the graph changed; everything else is as it was.");
  for (const Region& region : regions)
    out += fmt::format("<details{}><summary>{}{}</summary>\n{}</details>\n", &region == regions.data() ? " open" : "",
                       region.graph.empty() ? "" : escape_markup(region.graph) + ": ", escape_markup(region.label()),
                       side_by_side(diagram(region.unfolded.graph, region.folded.graph)));
  return section("graph", "The graph, before and after", out);
}

}  // namespace pleat::html
