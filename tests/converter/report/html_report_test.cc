#include "converter/report/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <regex>
#include <set>

#include "converter/report/html_parts.h"
#include "tests/converter/report/made_up.h"

namespace pleat {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string page(const MadeUpFold& fold, bool proved = true) {
  HtmlSubject subject{"net.onnx", fold.unfolded, fold.folded, fold.map};
  if (proved) subject.verdict = &fold.verdict;
  const Certificate certificate = make_certificate({{sha256("a"), 1}, {}, fold.map, fold.verdict}, {sha256("b"), 2},
                                                   false, hash_constants(fold.folded));
  subject.certificate = &certificate;
  subject.commands = {"pleat fold net.onnx -o 'a b.onnx'"};
  return to_html(subject);
}

/// The first tag that is not closed in its turn, else nothing.
std::string unbalanced_tag(const std::string& html) {
  const std::regex tag("<(/?)([a-z0-9]+)((?:[^>\"]|\"[^\"]*\")*?)(/?)>");
  const std::set<std::string> empty = {"meta", "br"};
  std::vector<std::string> open;
  for (auto it = std::sregex_iterator(html.begin(), html.end(), tag); it != std::sregex_iterator(); ++it) {
    const std::string name = (*it)[2];
    if ((*it)[4].length() > 0 || empty.contains(name)) continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return name;
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(HtmlReport, NeedsNothingBesidesAndIsTheSameForTheSameFold) {
  for (const MadeUp& wanted : {MadeUp{}, MadeUp{.layers = 40, .kept = 2, .labels = true}, MadeUp{.fails = true},
                               MadeUp{.layers = 2, .kept = 2}}) {
    const std::string html = page(made_up_fold(wanted));
    EXPECT_EQ(html, page(made_up_fold(wanted)));
    EXPECT_EQ(unbalanced_tag(html), "");
    for (const char* foreign : {"<script", "<link", "src=", "href=", "url(", "@import", "http:", "https:"})
      EXPECT_THAT(html, Not(HasSubstr(foreign)));
  }
}

TEST(HtmlReport, BeginsWithTheVerdict) {
  EXPECT_THAT(page(made_up_fold()), HasSubstr("<h1>The folded model is proved to be the same function.</h1>"));
  const std::string failed = page(made_up_fold({.fails = true}));
  EXPECT_THAT(failed, HasSubstr("<h1>The folded model is not proved equal.</h1>"));
  EXPECT_THAT(failed, HasSubstr("Rung 4 (rounding) does not hold: bn1 into conv1, channel 2."));
  EXPECT_THAT(failed, HasSubstr("52,000 times the bound"));
  EXPECT_THAT(page(made_up_fold({.layers = 2, .kept = 2})), HasSubstr("Nothing could be folded"));
  const std::string unproved = page(made_up_fold(), false);
  EXPECT_THAT(unproved, HasSubstr("<h1>The model was folded without proof.</h1>"));
  EXPECT_THAT(unproved, Not(HasSubstr("id=\"ladder\"")));
}

TEST(HtmlReport, ClaimsNoMoreThanWasRun) {
  MadeUpFold fold = made_up_fold();
  for (const Rung rung : {Rung::kEndToEnd, Rung::kClasses}) {
    RungReport& report = fold.verdict.rungs[static_cast<std::size_t>(rung) - 1];
    report.ran = report.passed = false;
    report.excused = true;
    report.text = "the runtime has no operator LSTM";
  }
  fold.verdict.outputs.clear();
  const std::string html = page(fold);
  EXPECT_THAT(html, HasSubstr("<h1>Region by region, the folded model is proved to be the same function.</h1>"));
  EXPECT_THAT(html, HasSubstr("<li>End to end was not run: the runtime has no operator LSTM.</li>"));
  EXPECT_THAT(html, Not(HasSubstr("id=\"end-to-end\"")));
}

TEST(HtmlReport, ShowsEveryPart) {
  const std::string html = page(made_up_fold({.labels = true}));
  for (const char* id : {"proof", "ladder", "batch-normalizations", "graph", "bounds", "errors", "end-to-end",
                         "confusion", "decisions", "coverage", "samples", "reproduce"})
    EXPECT_EQ(count(html, "<h2 id=\"" + std::string(id) + "\">"), 1U) << id;
  EXPECT_THAT(html, HasSubstr("pleat fold net.onnx -o &#39;a b.onnx&#39;"));
  EXPECT_THAT(html, HasSubstr(sha256("a")));
  EXPECT_THAT(html, HasSubstr(sha256("b")));
  EXPECT_EQ(count(html, "class=\"moved\""), 4U) << "two cells differ, in both matrices";
}

TEST(HtmlReport, DrawsSmallGraphsWholeAndLargeOnesByRegion) {
  const std::string small = page(made_up_fold());
  EXPECT_EQ(count(small, "aria-label=\"Graph before folding\""), 1U);
  EXPECT_EQ(count(small, ">BatchNormalization<"), 3U);
  const std::string large = page(made_up_fold({.layers = 40, .kept = 2}));
  EXPECT_EQ(count(large, "aria-label=\"Graph after folding\""), 38U);
  EXPECT_THAT(large, HasSubstr("<summary>bn7 into conv7</summary>"));
}

TEST(HtmlReport, ShowsNamesAsTextWhateverTheyHold) {
  const std::string evil = "</code><script>alert(1)</script><img src=x onerror=\"a\">&'";
  MadeUpFold fold = made_up_fold({.fails = true, .labels = true});
  for (Model* model : {&fold.unfolded, &fold.folded}) {
    for (Node& node : model->graph.nodes) {
      node.name += evil;
      for (std::string& output : node.outputs) output += evil;
      for (std::string& input : node.inputs)
        if (model->graph.initializer(input) == nullptr && input != "x") input += evil;
    }
    model->graph.outputs[0].name += evil;
  }
  for (FoldEntry& entry : fold.map.entries) {
    for (std::string* text :
         {&entry.batch_norm, &entry.output, &entry.reason, &entry.remedy, &entry.code, &entry.graph})
      *text = evil;
    entry.targets = {evil};
  }
  fold.map.warnings = fold.map.inlined = {evil};
  fold.map.entries[0].folded = false;
  Verdict& verdict = fold.verdict;
  for (RungReport& rung : verdict.rungs) {
    rung.text = evil;
    for (LayerFigures& layer : rung.layers) layer.batch_norm = layer.node = evil;
  }
  Finding& finding = *verdict.rungs[3].first_failure;
  finding.what = finding.batch_norm = finding.node = finding.tensor = finding.samples = evil;
  verdict.outputs[0].output = verdict.outputs[0].samples = evil;
  verdict.samples[0].name = verdict.coverage[0].batch_norm = verdict.margins[0].node = verdict.isa = evil;
  verdict.confusions[0].output = verdict.confusions[0].samples = verdict.confusions[0].names[3] = evil;
  const std::string html = page(fold);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr("onerror=\"")));
  EXPECT_EQ(unbalanced_tag(html), "");
}

TEST(HtmlReport, SurvivesFiguresThatAreNoNumbers) {
  MadeUpFold fold = made_up_fold();
  fold.verdict.rungs[3].layers[0].worst.ratio = std::numeric_limits<double>::quiet_NaN();
  fold.verdict.rungs[2].layers[0].worst.ratio = std::numeric_limits<double>::infinity();
  fold.verdict.outputs[0].noise = std::numeric_limits<double>::infinity();
  const std::string html = page(fold);
  EXPECT_EQ(unbalanced_tag(html), "");
  EXPECT_THAT(html, Not(HasSubstr("nan%")));
  EXPECT_THAT(html, HasSubstr("NaN"));
  EXPECT_THAT(html, HasSubstr("∞"));
}

TEST(HtmlFigure, IsWrittenAsPeopleDo) {
  EXPECT_EQ(html::figure(0), "0");
  EXPECT_EQ(html::figure(0.25), "0.25");
  EXPECT_EQ(html::figure(52000), "52,000");
  EXPECT_EQ(html::figure(3.584e-7), "3.58×10<sup>−7</sup>");
  EXPECT_EQ(html::figure(-1.5e12), "−1.50×10<sup>12</sup>");
  EXPECT_EQ(html::grouped(1234567), "1,234,567");
  EXPECT_EQ(html::grouped(-123), "-123");
  EXPECT_EQ(html::percent(0.256), "25.6\u00A0%");
}

}  // namespace
}  // namespace pleat
