#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "converter/fold/fold.h"
#include "tests/support/fold_critic.h"
#include "tests/support/sketch.h"

namespace pleat {

/// CaseSizes to draw a case with: all different, or all alike so that no size betrays a wrong axis.
struct CaseSizes {
  bool colliding = false;
  std::int64_t n = 3, in = 4, out = 6, h = 7, w = 5, len = 9;

  static CaseSizes distinct() { return {}; }
  static CaseSizes alike() { return {true, 4, 4, 4, 4, 4, 4}; }
};

enum class Fate { kFolded, kKept, kEither };

/// What shall become of the BatchNormalization (or written-out one) that makes `output`.
struct Expected {
  std::string output;
  Fate fate = Fate::kFolded;
  std::vector<std::string> codes;  ///< one of these; empty: any
};

/// One model and what folding shall do to it.
struct RowCase {
  using Draw = void (*)(Sketch&, const CaseSizes&);
  using Check = std::string (*)(const Model& unfolded, const FoldResult&);

  std::string row;   ///< of the table of cases: "F31"
  std::string name;  ///< "conv_without_bias", unique within its row
  Draw draw = nullptr;
  FoldOptions options;
  std::vector<Expected> expected;
  Check also = nullptr;        ///< what is wrong with the result beyond the general checks; empty: nothing
  bool computed = true;        ///< the model is valid ONNX, and the oracle knows how to compute it
  bool infinite = false;       ///< run on inputs that hold infinities too
  std::int64_t open_from = 1;  ///< sizes that the model leaves open start here

  RowCase& folds(std::string output);
  RowCase& keeps(std::string output, std::vector<std::string> codes);
  RowCase& either(std::string output);
  RowCase& with(const FoldOptions& chosen);
  RowCase& check(Check checked);
  RowCase& not_computed();
  RowCase& with_infinities();
  RowCase& open_sizes_from(std::int64_t size);

  bool positive() const;  ///< something shall be folded
  std::string label(const CaseSizes& sizes) const;
  Model model(const CaseSizes& sizes) const;
  CriticOptions critic() const;  ///< how to judge its fold
};

/// The cases in the order of the rows.
class RowCases {
 public:
  RowCases& row(std::string code);
  RowCase& add(std::string name, RowCase::Draw draw);
  const std::deque<RowCase>& all() const { return cases_; }

 private:
  std::string row_;
  std::deque<RowCase> cases_;
};

void add_batch_norm_cases(RowCases& cases);  ///< F01–F20
void add_degenerate_cases(RowCases& cases);  ///< F21–F30
void add_conv_cases(RowCases& cases);        ///< F31–F47
void add_constant_cases(RowCases& cases);    ///< F48–F54
void add_model_cases(RowCases& cases);       ///< F55–F62
void add_gemm_cases(RowCases& cases);        ///< F63–F77
void add_chain_cases(RowCases& cases);       ///< F78–F89
void add_between_cases(RowCases& cases);     ///< F90–F98
void add_axis_cases(RowCases& cases);        ///< F99–F104
void add_forward_cases(RowCases& cases);     ///< F105–F117
void add_container_cases(RowCases& cases);   ///< F118–F124
const std::deque<RowCase>& all_cases();

}  // namespace pleat
