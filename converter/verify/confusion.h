#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "converter/verify/samples.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// Counts what both networks say of labelled samples. The batches of a set must come whole and in order.
class ConfusionCounter {
 public:
  /// Nothing happens for a set without labels, or an output that does not name one class per row: scores [N,C…] with
  /// C > 1, or whole numbers, N of them. The first output of a set that does is counted, later ones are left out.
  void see(const std::string& output, const SampleSet& samples, std::int64_t batch, const Tensor& unfolded,
           const Tensor& folded);

  std::vector<Confusion> confusions() const;

 private:
  struct Counts {
    std::string output;
    std::vector<std::string> names;
    std::int64_t classes = 0;
    std::size_t next = 0;                                                            ///< number of the next sample
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> unfolded, folded;  ///< by label and prediction
  };
  std::map<std::string, Counts> sets_;
  std::vector<std::string> order_;
};

}  // namespace pleat
