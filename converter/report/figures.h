#pragma once

#include <string>

#include "converter/fold/fold_map.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// The region of a rung that came nearest to its bound; null where there is none.
const LayerFigures* worst_region(const RungReport& rung);

/// Over all outputs and sample sets.
struct Totals {
  std::int64_t rows = 0;
  std::int64_t argmax_agree = 0;
  std::int64_t class_mismatches = 0;
  double max_abs_difference = 0;  ///< NaN where one of the figures is
  RatioHistogram ratios;
};
Totals totals(const Verdict& verdict);

/// "ok", "FAILED", "excused" or "not run".
const char* outcome(const RungReport& rung);

/// "conv1", "conv1 and conv2", "conv1, conv2 and conv3".
std::string joined(const std::vector<std::string>& names);

/// "if1.then_branch/bn1", "bn1".
std::string full_name(const FoldEntry& entry);

/// Into what an entry was folded, in a phrase: "conv1", "conv1, together with bn2".
std::string destination(const FoldMap& map, const FoldEntry& entry);

/// What the channels of an entry look like where that is worth a word: "2 dead channels (3, 7)"; may be empty.
std::string channel_remarks(const ChannelFacts& facts);

/// A figure with three significant digits.
std::string short_number(double value);
/// "1 sample", "3 samples".
std::string counted(std::int64_t count, const std::string& noun);

/// What the whole verdict comes to, in one sentence without a full stop.
std::string summary(const Verdict& verdict);

}  // namespace pleat
