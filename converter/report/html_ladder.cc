#include <fmt/format.h>

#include "converter/report/figures.h"
#include "converter/report/html_parts.h"
#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

const char* css_class(const RungReport& rung) {
  if (!rung.ran) return "open";
  return rung.passed ? "yes" : "no";
}

std::string fact(const char* name, const std::string& value_markup) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value_markup);
}

std::string place(const Finding& finding) {
  std::string out = code(finding.tensor);
  if (finding.element >= 0) out += fmt::format(", element {}", grouped(finding.element));
  if (finding.channel >= 0) out += fmt::format(", channel {}", finding.channel);
  return out;
}

std::string failure(const RungReport& rung) {
  const Finding& finding = *rung.first_failure;
  std::string facts;
  if (!finding.batch_norm.empty()) facts += fact("Fold", code(finding.batch_norm) + " into " + code(finding.node));
  if (finding.batch_norm.empty() && !finding.node.empty()) facts += fact("Node", code(finding.node));
  if (!finding.what.empty()) facts += fact("What", escape_markup(finding.what));
  if (!finding.tensor.empty()) facts += fact("Where", place(finding));
  if (!finding.samples.empty())
    facts += fact("Samples", fmt::format("{}, batch {}", escape_markup(finding.samples), finding.batch));
  if (finding.element >= 0) {
    const char* unfolded = rung.rung == Rung::kParameters ? "Exact" : "Unfolded";
    facts += fact(unfolded, code(fmt::format("{:.9g}", finding.unfolded)));
    facts += fact("Folded", code(fmt::format("{:.9g}", finding.folded)));
    if (rung.rung != Rung::kParameters) facts += fact("In double", code(fmt::format("{:.17g}", finding.reference)));
    facts += fact("Bound", figure(finding.bound));
    facts += fact("Difference", fmt::format("<strong>{} times the bound</strong>", figure(finding.ratio)));
  }
  return fmt::format(
      "<div class=\"notice bad\"><h3>First failure on rung {}, {}</h3>\n<dl class=\"facts\">\n{}</dl></div>\n",
      static_cast<int>(rung.rung), rung_name(rung.rung), facts);
}

std::string step(const RungReport& rung) {
  std::string text = rung.text;
  if (const LayerFigures* worst = worst_region(rung); worst != nullptr && rung.ran)
    text += fmt::format(" · worst {} of its bound, {}", short_number(worst->worst.ratio),
                        worst->node.empty() ? worst->batch_norm : worst->node);
  return fmt::format(
      "<li class=\"{0}\"><span class=\"step\" aria-hidden=\"true\">{1}</span><h3>{2}</h3><span class=\"chip {0}\">{3}"
      "</span><p>{4}</p></li>\n",
      css_class(rung), static_cast<int>(rung.rung), title_of(rung.rung), outcome(rung), escape_markup(text));
}

}  // namespace

std::string ladder(const HtmlSubject& subject) {
  if (subject.verdict == nullptr) return {};
  std::string failures;
  std::string steps;
  for (const RungReport& rung : subject.verdict->rungs) {
    steps += step(rung);
    if (rung.first_failure) failures += failure(rung);
  }
  return section("ladder", "The ladder",
                 paragraph("Six checks, each of which must hold. Bounds are derived from the arithmetic; none was "
                           "chosen.") +
                     failures + "<ol class=\"ladder\">\n" + steps + "</ol>\n");
}

}  // namespace pleat::html
