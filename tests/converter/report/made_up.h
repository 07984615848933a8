#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "converter/report/certificate.h"
#include "tests/support/small_models.h"

namespace pleat {

/// Convolutions in a row, each with a BatchNormalization and a Relu, and what folding makes of them: a fold, its map
/// and its verdict written down by hand, so that reports are tested without folder and verifier.
struct MadeUpFold {
  Model unfolded;
  Model folded;
  FoldMap map;
  Verdict verdict;
};

struct MadeUp {
  int layers = 3;
  int kept = 0;         ///< the last of them keep their normalization
  bool fails = false;   ///< rung 4 of the second layer
  bool labels = false;  ///< with confusion matrices
};

inline void add_layer(MadeUpFold& fold, ModelBuilder& before, ModelBuilder& after, int i, bool kept) {
  const std::string n = std::to_string(i);
  const std::string x = i == 0 ? "x" : "relu" + std::to_string(i - 1);
  before.constant("w" + n, random_tensor({3, 3, 1, 1}, static_cast<unsigned>(i)));
  before.node("Conv", {x, "w" + n}, {"conv" + n});
  add_batch_norm(before, "conv" + n, "bn" + n, 3, static_cast<unsigned>(10 * i));
  before.node("Relu", {"bn" + n}, {"relu" + n});
  FoldEntry entry;
  entry.batch_norm = entry.output = "bn" + n;
  entry.facts = {3, 0.5, 1.5, {}, {}, {}, 0};
  if (kept) {
    after.constant("w" + n, random_tensor({3, 3, 1, 1}, static_cast<unsigned>(i)))
        .node("Conv", {x, "w" + n}, {"conv" + n});
    add_batch_norm(after, "conv" + n, "bn" + n, 3, static_cast<unsigned>(10 * i));
    entry.code = "F39";
    entry.reason = "the output of node 'conv" + n + "' (Conv) has another reader";
    entry.remedy = "remove the other reader";
  } else {
    after.constant("conv" + n + ".w", random_tensor({3, 3, 1, 1}, static_cast<unsigned>(i + 100)));
    after.constant("conv" + n + ".b", random_tensor({3}, static_cast<unsigned>(i + 200)));
    after.node("Conv", {x, "conv" + n + ".w", "conv" + n + ".b"}, {"bn" + n});
    after.model().graph.nodes.back().name = "conv" + n;
    entry.folded = true;
    entry.code = "F31";
    entry.targets = {"conv" + n};
    entry.new_constants = {"conv" + n + ".w", "conv" + n + ".b"};
    if (i == 0) entry.facts.dead = {1};
  }
  after.node("Relu", {"bn" + n}, {"relu" + n});
  fold.map.entries.push_back(entry);
}

inline LayerFigures made_up_region(int i, double ratio, std::size_t bin) {
  LayerFigures region;
  region.batch_norm = "bn" + std::to_string(i);
  region.node = "conv" + std::to_string(i);
  region.compared = 12000;
  region.roundings = 19;
  for (std::size_t b = 0; b <= bin; ++b)
    region.ratios.counts[b] = std::int64_t{12000} >> std::min<std::size_t>(bin - b, 62);
  region.worst.what = "region output";
  region.worst.batch_norm = region.batch_norm;
  region.worst.node = region.node;
  region.worst.tensor = region.batch_norm;
  region.worst.samples = "normal";
  region.worst.batch = 0;
  region.worst.element = 1234;
  region.worst.channel = 2;
  region.worst.unfolded = region.worst.reference = 0.125;
  region.worst.bound = 1.5e-6;
  region.worst.ratio = ratio;
  region.worst.folded = 0.125 + ratio * 1.5e-6;
  return region;
}

inline Verdict made_up_verdict(const MadeUp& wanted) {
  Verdict verdict;
  verdict.passed = !wanted.fails;
  verdict.layers_checked = true;
  verdict.folds = wanted.layers - wanted.kept;
  verdict.isa = "avx2";
  const char* texts[] = {"the same nodes outside the folds",
                         "each value is the exact one rounded once",
                         "equal in double",
                         "within the derived bound",
                         "as near to the true function",
                         "the same classes everywhere"};
  for (int rung = 1; rung <= kRungs; ++rung) {
    RungReport report{static_cast<Rung>(rung), true, true, false, texts[rung - 1], {}, {}};
    for (int i = 0; rung >= 2 && rung <= 4 && i < verdict.folds; ++i) {
      const double ratios[] = {0.99 - 0.003 * i, 0.011 * (1 + i % 7), 0.21 + 0.05 * (i % 5)};
      report.layers.push_back(made_up_region(i, ratios[rung - 2], rung == 2 ? 32 : rung == 3 ? 26 : 31));
    }
    if (rung == 4 && wanted.fails) {
      report.passed = false;
      report.text = "1 of " + std::to_string(verdict.folds) + " regions leaves its bound";
      report.layers[1].worst.ratio = 52000;
      report.layers[1].worst.folded = 0.203;
      report.layers[1].failed = 4000;
      report.first_failure = report.layers[1].worst;
    }
    verdict.rungs.push_back(std::move(report));
  }
  for (const char* name : {"normal", "/data/pictures"}) {
    OutputFigures figures{"y",    name,   500,    5000,    3.58e-7, 4.1e-8, 3, 2.2e-7,
                          2.6e-7, 1.1e-6, 1.9e-7, 1.98e-6, 500,     0,      {}};
    figures.ratios.counts[30] = 4000;
    figures.ratios.counts[0] = 1000;
    verdict.outputs.push_back(figures);
  }
  verdict.samples = {{"normal", 20240229, 500}, {"/data/pictures", 0, 500}};
  verdict.coverage = {{"bn0", 3, {1}}};
  verdict.margins = {{"top", "indices", 500, 1, 1, 0, 2.5e-8, 1.9e-6}};
  if (wanted.labels) {
    Confusion table{"y", "/data/pictures", {}, {}, {}};
    for (int row = 0; row < 10; ++row) {
      table.names.push_back("class " + std::to_string(row));
      for (int column = 0; column < 10; ++column)
        table.unfolded.push_back(row == column ? 912 : (row * 7 + column * 3) % 11);
    }
    table.folded = table.unfolded;
    table.folded[12] += 1;
    table.folded[11] -= 1;
    verdict.confusions.push_back(std::move(table));
  }
  return verdict;
}

inline MadeUpFold made_up_fold(const MadeUp& wanted = {}) {
  MadeUpFold fold;
  ModelBuilder before;
  ModelBuilder after;
  for (ModelBuilder* builder : {&before, &after})
    builder->input("x", {-1, 3, 8, 8}).output("relu" + std::to_string(wanted.layers - 1));
  for (int i = 0; i < wanted.layers; ++i) add_layer(fold, before, after, i, i >= wanted.layers - wanted.kept);
  fold.unfolded = before.model();
  fold.folded = after.model();
  fold.verdict = made_up_verdict(wanted);
  return fold;
}

}  // namespace pleat
