#include <fmt/format.h>

#include <algorithm>

#include "converter/report/figures.h"
#include "converter/report/html_parts.h"
#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

std::string output_cell(const std::string& output, const std::string& samples) {
  return fmt::format("{}<br><span class=\"muted\">{}</span>", code(output), escape_markup(samples));
}

/// Both matrices in one: the share of a cell in its row as tint, differing cells marked.
std::string matrix(const Confusion& table, const std::vector<std::int64_t>& counts,
                   const std::vector<std::int64_t>& others, const char* title) {
  const std::size_t classes = table.names.size();
  std::string head = "<td></td>";
  for (std::size_t c = 0; c < classes; ++c)
    head += fmt::format("<th scope=\"col\" title=\"{}\">{}</th>", escape_markup(table.names[c]), c);
  std::string rows;
  for (std::size_t r = 0; r < classes; ++r) {
    const auto row = counts.begin() + static_cast<std::ptrdiff_t>(r * classes);
    std::int64_t sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += row[static_cast<std::ptrdiff_t>(c)];
    const std::string number = std::to_string(r);
    rows += fmt::format("<tr><th scope=\"row\">{}{}</th>", number,
                        table.names[r] == number ? "" : " " + escape_markup(shortened(table.names[r], 16)));
    for (std::size_t c = 0; c < classes; ++c) {
      const std::int64_t count = counts[r * classes + c];
      const bool moved = count != others[r * classes + c];
      rows += fmt::format("<td{} style=\"--a:{:.2f}\">{}</td>",
                          moved        ? " class=\"moved\""
                          : count == 0 ? " class=\"zero\""
                                       : "",
                          sum > 0 ? 0.45 * static_cast<double>(count) / static_cast<double>(sum) : 0.0, grouped(count));
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      "<div class=\"wide\"><table class=\"matrix\"><caption>{}: rows are labels, columns what it says</caption>\n"
      "<thead><tr>{}</tr></thead>\n<tbody>{}</tbody></table></div>\n",
      title, head, rows);
}

/// How many rows are right, and how many there are.
std::pair<std::int64_t, std::int64_t> right_of(const std::vector<std::int64_t>& counts, std::size_t classes) {
  std::int64_t right = 0;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    all += counts[i];
    if (i / classes == i % classes) right += counts[i];
  }
  return {right, all};
}

std::string confusion(const Confusion& table) {
  constexpr std::size_t kMostShown = 32;
  const std::size_t classes = table.names.size();
  const bool whole = table.unfolded.size() == classes * classes && table.folded.size() == classes * classes;
  if (classes == 0 || !whole) return {};
  const auto [before, rows] = right_of(table.unfolded, classes);
  const auto [after, same_rows] = right_of(table.folded, classes);
  std::int64_t moved = 0;
  for (std::size_t i = 0; i < table.folded.size(); ++i) moved += table.folded[i] != table.unfolded[i] ? 1 : 0;
  const auto share = [](std::int64_t right, std::int64_t of) {
    return fmt::format("{} of {} ({})", grouped(right), grouped(of),
                       percent(of > 0 ? static_cast<double>(right) / static_cast<double>(of) : 0));
  };
  std::string out = paragraph(fmt::format(
      "{} on {}: right in {} unfolded and {} folded. {}", table.output, table.samples, share(before, rows),
      share(after, same_rows),
      moved == 0 ? "The two matrices are the same."
                 : fmt::format("{} differ{}, marked below.", counted(moved, "cell"), moved == 1 ? "s" : "")));
  if (classes > kMostShown) return out;
  return out + "<div class=\"pair\">\n" + matrix(table, table.unfolded, table.folded, "Unfolded") +
         matrix(table, table.folded, table.unfolded, "Folded") + "</div>\n";
}

}  // namespace

std::string end_to_end(const HtmlSubject& subject) {
  if (subject.verdict == nullptr) return {};
  Table table("How far the outputs differ, and how far each is from the true function: the unfolded network in double.",
              {{"Output"},
               {"Differ by", true},
               {"Mean", true},
               {"ulp", true},
               {"e_U", true},
               {"e_F", true},
               {"T", true},
               {"σ", true},
               {"Allowed", true},
               {"Used", true},
               {"Same argmax", true}});
  for (const OutputFigures& f : subject.verdict->outputs)
    table.row({output_cell(f.output, f.samples), figure(f.max_abs_difference), figure(f.mean_abs_difference),
               figure(f.max_ulp_difference), figure(f.unfolded_error), figure(f.folded_error), figure(f.last_bound),
               figure(f.noise), figure(f.allowed), f.allowed > 0 ? percent(f.folded_error / f.allowed) : std::string(),
               fmt::format("{} of {}", grouped(f.argmax_agree), grouped(f.rows))});
  if (table.empty()) return {};
  return section("end-to-end", "End to end",
                 table.markup("tight") +
                     "<p class=\"note\">e<sub>U</sub>, e<sub>F</sub>: the largest error of the unfolded and the folded "
                     "network. T: the bound of the last linear layer alone. σ: how far the output moves when every "
                     "constant is perturbed by its own rounding, over eight runs. Allowed is the larger of 4·e<sub>U"
                     "</sub> + T and 8·σ. Between near ties the argmax may differ.</p>\n");
}

std::string confusions(const HtmlSubject& subject) {
  if (subject.verdict == nullptr) return {};
  std::string out;
  for (const Confusion& table : subject.verdict->confusions) out += confusion(table);
  return section("confusion", "Confusion", out);
}

std::string decisions(const HtmlSubject& subject) {
  if (subject.verdict == nullptr) return {};
  Table table("Nodes whose output jumps, judged by how far their input is from the jump.", {{"Node"},
                                                                                            {"Decisions", true},
                                                                                            {"Differ", true},
                                                                                            {"Too close to call", true},
                                                                                            {"Unexplained", true},
                                                                                            {"Smallest margin", true},
                                                                                            {"Tolerance", true}});
  for (const DecisionMargin& margin : subject.verdict->margins)
    table.row(
        {output_cell(margin.node, margin.output), grouped(margin.decisions), grouped(margin.flipped),
         grouped(margin.close),
         margin.unexplained > 0 ? fmt::format("<span class=\"chip no\">{}</span>", grouped(margin.unexplained)) : "0",
         figure(margin.smallest_margin), figure(margin.tolerance)});
  return section("decisions", "Decisions", table.markup());
}

}  // namespace pleat::html
