#include <fmt/format.h>

#include "converter/fold/reasons.h"
#include "converter/report/figures.h"
#include "converter/report/html_parts.h"
#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

constexpr const char* kCaption =
    "What became of each, in the order of the graph. The scale is |γ|/√(σ²+ε), smallest and largest.";

std::string name_cell(const FoldEntry& entry) {
  return code(full_name(entry)) + (entry.written_out ? "<br><span class=\"muted\">written out</span>" : "");
}

std::string outcome_cell(const FoldEntry& entry) {
  if (entry.folded) return "<span class=\"chip yes\">folded</span>";
  return entry.decomposed ? "<span class=\"chip\">kept as Mul and Add</span>" : "<span class=\"chip\">kept</span>";
}

std::string why_cell(const FoldMap& map, const FoldEntry& entry) {
  std::string out;
  if (entry.folded) {
    out = "into " + code(destination(map, entry));
  } else {
    out = escape_markup(entry.reason);
    if (!entry.remedy.empty()) out += "<br><strong>Remedy:</strong> " + escape_markup(entry.remedy);
  }
  const Reason* reason = find_reason(entry.code);
  const std::string why = reason == nullptr ? std::string() : escape_markup(std::string(reason->summary));
  return fmt::format("{}<br><span class=\"muted\">{}{}{}</span>", out, escape_markup(entry.code),
                     why.empty() ? "" : ": ", why);
}

std::string scale_cell(const ChannelFacts& facts) {
  if (facts.channels == 0) return {};
  return fmt::format("{} to {}", figure(facts.min_scale), figure(facts.max_scale));
}

/// Those folded, or those kept, or all.
Table table_of(const FoldMap& map, const char* caption, bool folded, bool kept) {
  Table table(
      caption,
      {{"Batch normalization"}, {"Outcome"}, {"Where, or why not"}, {"Channels", true}, {"Scale", true}, {"Remarks"}});
  for (const FoldEntry& entry : map.entries)
    if (entry.folded ? folded : kept)
      table.row({name_cell(entry), outcome_cell(entry), why_cell(map, entry),
                 entry.facts.channels > 0 ? grouped(entry.facts.channels) : std::string(), scale_cell(entry.facts),
                 escape_markup(channel_remarks(entry.facts))});
  return table;
}

}  // namespace

std::string batch_norms(const HtmlSubject& subject) {
  constexpr std::size_t kMostInOne = 16;
  const FoldMap& map = subject.map;
  std::string out;
  if (map.entries.size() <= kMostInOne) {
    out = table_of(map, kCaption, true, true).markup();
  } else {
    out = table_of(map, "Kept, and why.", false, true).markup();
    if (map.folded() > 0)
      out += fmt::format("<details><summary>{} folded, one line each</summary>\n{}</details>\n", grouped(map.folded()),
                         table_of(map, kCaption, true, false).markup());
  }
  if (!map.inlined.empty()) out += paragraph("Functions replaced by their bodies: " + joined(map.inlined) + ".");
  return section("batch-normalizations", "Batch normalizations", out);
}

}  // namespace pleat::html
