#include <fmt/format.h>

#include <algorithm>

#include "converter/report/figures.h"
#include "converter/report/html_parts.h"
#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

struct Headline {
  const char* seal;
  bool good;
  std::string sentence;
};

Headline headline(const HtmlSubject& subject) {
  const FoldMap& map = subject.map;
  if (subject.verdict == nullptr) return {"Not verified", false, "The model was folded without proof."};
  if (!subject.verdict->passed) return {"Not proved", false, "The folded model is not proved equal."};
  if (map.entries.empty() && subject.verdict->folds == 0)
    return {"Verified", true, "There was nothing to fold; the model is the same."};
  if (map.folded() == 0 && subject.verdict->folds == 0)
    return {"Verified", true, "Nothing could be folded; the model is the same."};
  if (!subject.verdict->layers_checked) return {"Verified", true, "The two models agree end to end."};
  if (!subject.verdict->rung(Rung::kEndToEnd).ran)
    return {"Verified", true, "Region by region, the folded model is proved to be the same function."};
  return {"Verified", true, "The folded model is proved to be the same function."};
}

/// ": bn1 into conv1, channel 2".
std::string failed_place(const RungReport& rung) {
  if (!rung.first_failure || rung.first_failure->node.empty()) return {};
  const Finding& finding = *rung.first_failure;
  std::string out = ": " + (finding.batch_norm.empty() ? "" : finding.batch_norm + " into ") + finding.node;
  return finding.channel < 0 ? out : out + fmt::format(", channel {}", finding.channel);
}

std::string seal_mark(const Headline& headline) {
  const char* mark = headline.good ? "M5.5 9.5l2.5 2.5 5-6" : "M6 6l6 6M12 6l-6 6";
  return fmt::format(
      "<p class=\"seal{}\"><svg viewBox=\"0 0 18 18\" aria-hidden=\"true\"><circle cx=\"9\" cy=\"9\" r=\"8\" "
      "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/><path d=\"{}\" fill=\"none\" "
      "stroke=\"currentColor\" stroke-width=\"1.8\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>{}</p>\n",
      headline.good ? "" : " bad", mark, headline.seal);
}

std::string lead(const HtmlSubject& subject) {
  const FoldMap& map = subject.map;
  if (const RungReport* failure = subject.verdict == nullptr ? nullptr : subject.verdict->failure())
    return fmt::format("Rung {} ({}) does not hold{}. The folded model was withheld.", static_cast<int>(failure->rung),
                       rung_name(failure->rung), failed_place(*failure));
  const auto all = static_cast<std::int64_t>(map.entries.size());
  if (all == 0) return "The model holds no batch normalization.";
  const std::string what = all == 1 ? "the only batch normalization" : fmt::format("{} batch normalizations", all);
  if (map.kept() == 0)
    return all == 1 ? "Its only batch normalization now lives in the weights of the layer beside it."
                    : fmt::format("All {} now live in the weights of the layers beside them.", what);
  if (map.folded() == 0)
    return fmt::format("{} stay{}, {} below.", all == 1 ? "The only batch normalization" : fmt::format("All {}", what),
                       all == 1 ? "s" : "", all == 1 ? "for the reason" : "each for the reason told");
  return fmt::format(
      "{} of {} now live{} in the weights of the layers beside them; {} stay{}, each for the reason told "
      "below.",
      map.folded(), what, map.folded() == 1 ? "s" : "", map.kept(), map.kept() == 1 ? "s" : "");
}

std::string notice(std::string_view text, bool bad) {
  return fmt::format("<div class=\"notice{}\" role=\"note\"><p>{}</p></div>\n", bad ? " bad" : "", escape_markup(text));
}

std::string tile(std::string_view name_text, const std::string& value_markup, std::string_view small_text = {}) {
  return fmt::format("<div><dt>{}</dt><dd>{}{}</dd></div>\n", escape_markup(name_text), value_markup,
                     small_text.empty() ? "" : fmt::format("<small>{}</small>", escape_markup(small_text)));
}

std::string tiles(const HtmlSubject& subject) {
  std::string out =
      tile("Folded", fmt::format("{} of {}", subject.map.folded(), subject.map.entries.size()),
           "batch normalizations") +
      tile("Nodes", fmt::format("{} → {}", grouped(static_cast<std::int64_t>(subject.unfolded.graph.nodes.size())),
                                grouped(static_cast<std::int64_t>(subject.folded.graph.nodes.size()))));
  if (subject.verdict != nullptr) {
    if (const LayerFigures* worst = worst_region(subject.verdict->rung(Rung::kRounding)))
      out += worst->worst.ratio <= 1
                 ? tile("Rounding", percent(worst->worst.ratio), "of its bound, at most")
                 : tile("Rounding", "<span class=\"over\">" + figure(worst->worst.ratio) + "×</span>", "its bound");
    const Totals sum = totals(*subject.verdict);
    if (sum.rows > 0) {
      out += tile("Largest difference", figure(sum.max_abs_difference), "between the outputs");
      out += tile("Same argmax", sum.argmax_agree == sum.rows ? "all" : grouped(sum.argmax_agree),
                  "of " + many(sum.rows, "row"));
    }
  }
  return "<dl class=\"tiles\">\n" + out + "</dl>\n";
}

std::int64_t compared(const RungReport& rung) {
  std::int64_t sum = 0;
  for (const LayerFigures& region : rung.layers) sum += region.compared;
  return sum;
}

/// What a rung that holds has shown.
std::string shown(const Verdict& verdict, const RungReport& rung) {
  const std::string folds = many(static_cast<std::int64_t>(rung.layers.size()), "region");
  switch (rung.rung) {
    case Rung::kStructure:
      return verdict.folds == 0 ? "The graphs are the same."
                                : "The graphs are the same but for the nodes that the folds rewrote.";
    case Rung::kParameters:
      return fmt::format("Each of the {} folded values is the exact one, rounded once.", grouped(compared(rung)));
    case Rung::kAlgebra:
      return fmt::format("Computed in double on the same input, the result of {} is the same ({} values).", folds,
                         grouped(compared(rung)));
    case Rung::kRounding:
      return fmt::format(
          "In the network's own arithmetic no region leaves the bound derived from its roundings ({} values).",
          grouped(compared(rung)));
    case Rung::kEndToEnd:
      return fmt::format("On {} the folded network is as near to the true function as the unfolded one.",
                         many(totals(verdict).rows, "row"));
    case Rung::kClasses: return "NaN and infinity stand in the same places.";
  }
  return {};
}

std::string list(const char* title, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string out = fmt::format("<div><h3>{}</h3><ul>\n", title);
  for (const std::string& item : items) out += "<li>" + escape_markup(item) + "</li>\n";
  return out + "</ul></div>\n";
}

std::vector<std::string> proved(const Verdict& verdict) {
  std::vector<std::string> items;
  for (const RungReport& rung : verdict.rungs)
    if (rung.ran && rung.passed &&
        (rung.rung < Rung::kParameters || rung.rung > Rung::kRounding || !rung.layers.empty()))
      items.push_back(shown(verdict, rung));
  return items;
}

std::vector<std::string> not_proved(const Verdict& verdict) {
  std::vector<std::string> items;
  for (const RungReport& rung : verdict.rungs) {
    if (rung.ran && rung.passed) continue;
    items.push_back(
        fmt::format("{} {}: {}.", title_of(rung.rung), rung.ran ? "does not hold" : "was not run", rung.text));
  }
  std::int64_t untested = 0;
  for (const Coverage& covered : verdict.coverage) untested += static_cast<std::int64_t>(covered.never_alive.size());
  if (untested > 0)
    items.push_back(
        fmt::format("{} of folded regions never changed over these samples; only inputs generated for the "
                    "region tried them.",
                    counted(untested, "output channel")));
  if (verdict.rung(Rung::kEndToEnd).ran)
    items.emplace_back(
        "End to end speaks of the samples that were run. Structure and parameters hold for every input.");
  return items;
}

}  // namespace

std::string head(const HtmlSubject& subject) {
  const Headline line = headline(subject);
  std::string out = fmt::format("<p class=\"eyebrow\">Fold report · {}</p>\n", escape_markup(subject.name)) +
                    seal_mark(line) +
                    fmt::format("<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", escape_markup(line.sentence),
                                escape_markup(lead(subject)));
  for (const std::string& warning : subject.map.warnings) out += notice(warning, false);
  if (subject.verdict == nullptr)
    out += notice("The proof was skipped with --unverified. The file says so, and nothing here speaks for it.", true);
  return out + tiles(subject);
}

std::string verdict(const HtmlSubject& subject) {
  if (subject.verdict == nullptr) return {};
  const std::string lists = list("Proved", proved(*subject.verdict)) + list("Not proved", not_proved(*subject.verdict));
  return section("proof", "What was proved, and what was not", "<div class=\"two\">\n" + lists + "</div>\n");
}

}  // namespace pleat::html
