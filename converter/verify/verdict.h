#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pleat {

/// The ladder. Rungs 2 to 4 have no free parameter.
enum class Rung {
  kStructure = 1,   ///< the same graph but for the rewritten regions
  kParameters = 2,  ///< every folded value within half a unit in the last place of the exact one; no data needed
  kAlgebra = 3,     ///< region by region on the same input, in double
  kRounding = 4,    ///< region by region on the same input, in the network's own arithmetic
  kEndToEnd = 5,    ///< the folded network as close to the true function as the unfolded one
  kClasses = 6,     ///< NaN and infinity stand in the same places
};
inline constexpr int kRungs = 6;

/// "structure", "parameters", "algebra", "rounding", "end to end", "classes".
const char* rung_name(Rung rung);

/// Counts of |difference| / bound: bin 0 holds exact zeros, bin b > 0 ratios in (2^(b−kBins), 2^(b−kBins+1)], the first
/// of them all smaller ones too, the last everything above ½: whatever lies above 1 is a failure and listed as such.
struct RatioHistogram {
  static constexpr std::size_t kBins = 33;
  std::array<std::int64_t, kBins> counts{};

  void add(double ratio);
};

/// One place where two values were compared: the first that failed, or the worst one seen.
struct Finding {
  std::string what;        ///< "folded weight", "region output" …; for structure the whole sentence
  std::string batch_norm;  ///< whose fold it is, where it is one's
  std::string node;        ///< the layer it was folded into, or the node concerned
  std::string tensor;      ///< the value or constant compared
  std::string samples;     ///< name of the sample set, where data was used
  std::int64_t batch = -1;
  std::int64_t element = -1;  ///< flat index in `tensor`
  std::int64_t channel = -1;
  double unfolded = 0;  ///< for parameters: the exact value
  double folded = 0;
  double reference = 0;  ///< the unfolded value in double
  double bound = 0;      ///< T: what |unfolded − folded| may be
  double ratio = 0;      ///< |unfolded − folded| / bound
};

/// One region on one rung: the nodes that folding rewrote together.
struct LayerFigures {
  std::string batch_norm;  ///< names of its BatchNormalizations, joined by ", "
  std::string node;        ///< names of the layers they were folded into
  std::int64_t compared = 0;
  std::int64_t failed = 0;
  std::int64_t overflow_order = 0;  ///< not finite on one side only because sums overflow in another order: no failure
  std::int64_t roundings = 0;       ///< longest chain of roundings that the bound was derived from, both sides together
  RatioHistogram ratios;
  Finding worst;
};

struct RungReport {
  Rung rung = Rung::kStructure;
  bool ran = false;
  bool passed = false;
  bool excused = false;  ///< could not be run for a reason in `text` that does not speak against the fold
  std::string text;      ///< one sentence
  std::vector<LayerFigures> layers;
  std::optional<Finding> first_failure;

  bool holds() const { return excused || (ran && passed); }
};

/// Rung 5 for one graph output over one sample set.
struct OutputFigures {
  std::string output;
  std::string samples;
  std::int64_t rows = 0;
  std::int64_t compared = 0;
  double max_abs_difference = 0;  ///< |folded − unfolded|
  double mean_abs_difference = 0;
  double max_ulp_difference = 0;  ///< in units of the last place of the unfolded value
  double unfolded_error = 0;      ///< e_U: largest |unfolded − double|
  double folded_error = 0;        ///< e_F: largest |folded − double|
  double last_bound = 0;          ///< T of the last linear layer
  double noise = 0;    ///< σ: rms spread of 8 runs in double whose constants carry the arithmetic's rounding;
                       ///< 0: not measured, since 4·e_U + T does
  double allowed = 0;  ///< max(4·e_U + T, 8·σ)
  std::int64_t argmax_agree = 0;  ///< rows whose largest element is the same; near ties may differ
  std::int64_t class_mismatches = 0;
  RatioHistogram ratios;  ///< of |folded − double| / allowed
};

/// Which channels of a folded region's output were ever different from their value on the first sample: the others are
/// tested by the generated inputs of the region alone.
struct Coverage {
  std::string batch_norm;
  std::int64_t channels = 0;
  std::vector<std::int64_t> never_alive;
};

/// A node whose output jumps (ArgMax, TopK, Round, comparisons …), judged by how far its input is from the jump.
struct DecisionMargin {
  std::string node;
  std::string output;
  std::int64_t decisions = 0;
  std::int64_t flipped = 0;      ///< decided differently by the folded network
  std::int64_t close = 0;        ///< margin below the tolerance: either decision is right
  std::int64_t unexplained = 0;  ///< flipped although the margin is above the tolerance: a failure
  double smallest_margin = 0;
  double tolerance = 0;
};

/// Rows of a labelled sample set counted by label and by what each network says.
struct Confusion {
  std::string output;
  std::string samples;
  std::vector<std::string> names;      ///< of the classes; their numbers where the model does not tell
  std::vector<std::int64_t> unfolded;  ///< [label][predicted], row-major
  std::vector<std::int64_t> folded;
};

/// Outputs stored beside the inputs of an ONNX test folder, and how far each network is from them. Shown, not judged:
/// they were computed by somebody else's arithmetic.
struct StoredOutput {
  std::string output;
  std::string samples;
  double rtol = 0;  ///< the test's own tolerance
  double atol = 0;
  double unfolded_difference = 0;  ///< largest |unfolded − stored|
  double folded_difference = 0;
  bool unfolded_within = false;
  bool folded_within = false;
};

struct SampleRecord {
  std::string name;
  std::uint64_t seed = 0;  ///< 0 for given samples
  std::int64_t samples = 0;
};

struct Verdict {
  bool passed = false;
  bool layers_checked = false;  ///< false where the two models do not map region by region and only 5 and 6 were run
  std::int64_t folds = 0;
  std::int64_t threads = 1;
  std::string isa;
  std::vector<RungReport> rungs;  ///< all six, in order
  std::vector<OutputFigures> outputs;
  std::vector<SampleRecord> samples;
  std::vector<Coverage> coverage;
  std::vector<DecisionMargin> margins;
  std::vector<Confusion> confusions;
  std::vector<StoredOutput> stored;

  const RungReport& rung(Rung which) const { return rungs[static_cast<std::size_t>(which) - 1]; }
  /// The lowest rung that did not hold, if there is one.
  const RungReport* failure() const;
};

}  // namespace pleat
