#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pleat {

/// The ladder, weakest claim first. Rungs 2 to 4 have no free parameter.
enum class Rung {
  kStructure = 1,   ///< the same graph but for the folds
  kParameters = 2,  ///< every folded value within half a unit in the last place of the exact one; no data needed
  kAlgebra = 3,     ///< layer by layer on the same input, in double
  kRounding = 4,    ///< layer by layer on the same input, in the network's own arithmetic
  kEndToEnd = 5,    ///< the folded network as close to the true function as the unfolded one
};
inline constexpr int kRungs = 5;

/// "structure", "parameters", "algebra", "rounding", "end to end".
const char* rung_name(Rung rung);

/// One place where two values were compared: the first that failed, or the worst one seen.
struct Finding {
  std::string what;        ///< "stored weight", "layer output" …; for structure the whole sentence
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
  double bound = 0;      ///< what |unfolded − folded| may be
  double ratio = 0;      ///< |unfolded − folded| / bound
};

/// One layer on one rung.
struct LayerFigures {
  std::string batch_norm;
  std::string node;
  std::int64_t compared = 0;
  std::int64_t failed = 0;
  std::int64_t overflow_order = 0;  ///< not finite on one side only because sums overflow in another order: no failure
  Finding worst;
};

struct RungReport {
  Rung rung = Rung::kStructure;
  bool ran = false;
  bool passed = false;
  std::string text;  ///< one sentence
  std::vector<LayerFigures> layers;
  std::optional<Finding> first_failure;
};

/// Rung 5 for one graph output over one sample set.
struct OutputFigures {
  std::string output;
  std::string samples;
  std::int64_t rows = 0;
  std::int64_t compared = 0;
  double max_abs_difference = 0;  ///< |folded − unfolded|
  double unfolded_error = 0;      ///< e_U: largest |unfolded − double|
  double folded_error = 0;        ///< e_F: largest |folded − double|
  double last_bound = 0;          ///< T of the last linear layer
  double allowed = 0;             ///< 4·e_U + T
  std::int64_t argmax_agree = 0;  ///< rows whose largest element is the same; near ties may differ
  std::int64_t class_mismatches = 0;
};

struct SampleRecord {
  std::string name;
  std::uint64_t seed = 0;  ///< 0 for given samples
  std::int64_t samples = 0;
};

struct Verdict {
  bool passed = false;
  bool layers_checked = false;  ///< false where the two models do not map layer by layer and only rung 5 was run
  std::int64_t folds = 0;
  std::vector<RungReport> rungs;  ///< all five, in order
  std::vector<OutputFigures> outputs;
  std::vector<SampleRecord> samples;

  const RungReport& rung(Rung which) const { return rungs[static_cast<std::size_t>(which) - 1]; }
  /// The lowest rung that did not hold, if there is one.
  const RungReport* failure() const;
};

}  // namespace pleat
