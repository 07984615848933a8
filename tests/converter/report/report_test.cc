#include "converter/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "converter/report/figures.h"
#include "converter/report/json_parts.h"
#include "tests/converter/report/made_up.h"

namespace pleat {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(FoldMapText, HasOneLinePerNormalization) {
  MadeUpFold fold = made_up_fold({.layers = 3, .kept = 1});
  EXPECT_EQ(to_text(fold.map),
            "  bn0: folded into conv0 [F31]; 1 dead channel (1)\n"
            "  bn1: folded into conv1 [F31]\n"
            "  bn2: kept [F39] the output of node 'conv2' (Conv) has another reader; remedy: remove the other reader\n"
            "  2 folded, 1 kept\n");
}

TEST(FoldMapText, PutsWhatConcernsTheWholeModelFirst) {
  FoldMap map;
  map.warnings = {"12 initializers may be overridden"};
  map.inlined = {"Norm", "Block"};
  EXPECT_EQ(to_text(map),
            "  WARNING: 12 initializers may be overridden\n"
            "  functions replaced by their bodies: Norm and Block\n"
            "  0 folded, 0 kept\n");
}

TEST(FoldMapText, TellsChainsInnerGraphsAndForms) {
  FoldMap map;
  map.entries.resize(3);
  map.entries[0].batch_norm = "a";
  map.entries[0].folded = true;
  map.entries[0].into = "y";
  map.entries[1].batch_norm = "b";
  map.entries[1].output = "y";
  map.entries[1].folded = map.entries[1].written_out = true;
  map.entries[1].targets = {"l1", "l2", "l3"};
  map.entries[2].graph = "if1.then_branch";
  map.entries[2].batch_norm = "c";
  map.entries[2].decomposed = true;
  map.entries[2].facts.amplifying = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(to_text(map),
            "  a: folded into l1, l2 and l3, together with b []\n"
            "  b (written out): folded into l1, l2 and l3 []\n"
            "  if1.then_branch/c: kept as Mul and Add [] ; 9 amplifying channels (0, 1, 2, 3, 4, 5, 6, 7, …)\n"
            "  2 folded, 1 kept\n");
}

TEST(FoldMapText, SurvivesAMapThatGoesInCircles) {
  FoldMap map;
  map.entries.resize(2);
  for (FoldEntry& entry : map.entries) entry.folded = true;
  map.entries[0].output = map.entries[1].into = "x";
  map.entries[1].output = map.entries[0].into = "y";
  EXPECT_THAT(to_text(map), EndsWith("2 folded, 0 kept\n"));
}

TEST(VerdictText, EndsWithTheLineToRemember) {
  const std::string text = to_text(made_up_fold().verdict);
  EXPECT_THAT(text, EndsWith("verified: the same function; rounding uses at most 31 % of its bound; outputs differ by "
                             "at most 3.58e-07, argmax agrees on 1000 of 1000 rows\n"));
  EXPECT_THAT(text, HasSubstr("  4 rounding   ok      within the derived bound (worst: 0.31 of its bound, conv2)\n"));
  EXPECT_THAT(text, HasSubstr("  6 classes    ok "));
  EXPECT_THAT(text, HasSubstr("σ 1.9e-07"));
}

TEST(VerdictText, NamesWhereItFailed) {
  const std::string text = to_text(made_up_fold({.fails = true}).verdict);
  EXPECT_THAT(text, HasSubstr("  4 rounding   FAILED"));
  EXPECT_THAT(text, HasSubstr("fold of bn1 into conv1"));
  EXPECT_THAT(text, HasSubstr("element 1234 (channel 2) on samples 'normal', batch 0"));
  EXPECT_THAT(text, EndsWith("NOT verified: rung 4 (rounding) does not hold\n"));
}

TEST(VerdictText, SaysWhenARungWasExcused) {
  Verdict verdict = made_up_fold().verdict;
  RungReport& rung = verdict.rungs[4];
  rung.ran = rung.passed = false;
  rung.excused = true;
  rung.text = "the runtime has no operator LSTM";
  EXPECT_THAT(to_text(verdict), HasSubstr("  5 end to end excused the runtime has no operator LSTM\n"));
  EXPECT_THAT(to_text(verdict), EndsWith("end to end was not run: the runtime has no operator LSTM\n"));
}

TEST(WorstRegion, HoldsNaNForTheWorst) {
  RungReport rung = made_up_fold().verdict.rungs[3];
  EXPECT_EQ(worst_region(rung)->node, "conv2");
  rung.layers[1].worst.ratio = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(worst_region(rung)->node, "conv1");
}

TEST(ReportJson, HoldsEveryFigure) {
  const MadeUpFold fold = made_up_fold({.labels = true});
  const Json verdict = Json::parse(to_json(fold.verdict));
  EXPECT_EQ(verdict["schema"], "pleat.verify/1");
  EXPECT_EQ(verdict["rungs"].size(), 6U);
  EXPECT_EQ(verdict["rungs"][3]["layers"][0]["roundings"], 19);
  EXPECT_EQ(verdict["rungs"][3]["layers"][0]["ratios"].back()[0], 31);
  EXPECT_EQ(verdict["rungs"][3]["layers"][0]["ratios"].back()[1], 12000);
  EXPECT_EQ(verdict["outputs"][0]["noise"], 1.9e-7);
  EXPECT_EQ(verdict["coverage"][0]["never_alive"][0], 1);
  EXPECT_EQ(verdict["margins"][0]["flipped"], 1);
  EXPECT_EQ(verdict["confusions"][0]["folded"].size(), 100U);
  EXPECT_EQ(verdict["isa"], "avx2");
  const Json map = Json::parse(to_json(fold.map));
  EXPECT_EQ(map["schema"], "pleat.fold/1");
  EXPECT_EQ(map["batch_norms"][0]["targets"][0], "conv0");
  EXPECT_EQ(map["batch_norms"][0]["channels"]["dead"][0], 1);
}

TEST(ReportJson, HoldsWhatJsonHasNoNumberFor) {
  Verdict verdict = made_up_fold().verdict;
  verdict.outputs[0].max_abs_difference = std::numeric_limits<double>::infinity();
  verdict.outputs[0].noise = std::numeric_limits<double>::quiet_NaN();
  verdict.outputs[0].output = "broken \xFF name";
  const Json json = Json::parse(to_json(verdict));
  EXPECT_EQ(json["outputs"][0]["max_abs_difference"], "inf");
  EXPECT_EQ(json["outputs"][0]["noise"], "nan");
}

}  // namespace
}  // namespace pleat
