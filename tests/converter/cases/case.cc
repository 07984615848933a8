#include "tests/converter/cases/case.h"

#include <algorithm>

namespace pleat {

RowCase& RowCase::folds(std::string output) {
  expected.push_back({std::move(output), Fate::kFolded, {}});
  return *this;
}
RowCase& RowCase::keeps(std::string output, std::vector<std::string> codes) {
  expected.push_back({std::move(output), Fate::kKept, std::move(codes)});
  return *this;
}
RowCase& RowCase::either(std::string output) {
  expected.push_back({std::move(output), Fate::kEither, {}});
  return *this;
}
RowCase& RowCase::with(const FoldOptions& chosen) {
  options = chosen;
  return *this;
}
RowCase& RowCase::check(Check checked) {
  also = checked;
  return *this;
}
RowCase& RowCase::not_computed() {
  computed = false;
  return *this;
}
RowCase& RowCase::with_infinities() {
  infinite = true;
  return *this;
}
RowCase& RowCase::open_sizes_from(std::int64_t size) {
  open_from = size;
  return *this;
}

bool RowCase::positive() const {
  return std::any_of(expected.begin(), expected.end(), [](const Expected& e) { return e.fate == Fate::kFolded; });
}
std::string RowCase::label(const CaseSizes& sizes) const {
  return row + "_" + name + (sizes.colliding ? "_alike" : "");
}

Model RowCase::model(const CaseSizes& sizes) const {
  Sketch sketch;
  draw(sketch, sizes);
  Model made = sketch.model();
  if (computed) declare_outputs(made, critic());
  return made;
}

CriticOptions RowCase::critic() const {
  CriticOptions critic;
  critic.fold = options;
  critic.computable = computed;
  critic.infinite = infinite;
  critic.open_from = open_from;
  return critic;
}

RowCases& RowCases::row(std::string code) {
  row_ = std::move(code);
  return *this;
}
RowCase& RowCases::add(std::string name, RowCase::Draw draw) {
  cases_.emplace_back();
  cases_.back().row = row_;
  cases_.back().name = std::move(name);
  cases_.back().draw = draw;
  return cases_.back();
}

const std::deque<RowCase>& all_cases() {
  static const RowCases cases = [] {
    RowCases made;
    add_batch_norm_cases(made);
    add_degenerate_cases(made);
    add_conv_cases(made);
    add_constant_cases(made);
    add_model_cases(made);
    add_gemm_cases(made);
    add_chain_cases(made);
    add_between_cases(made);
    add_axis_cases(made);
    add_forward_cases(made);
    add_container_cases(made);
    return made;
  }();
  return cases.all();
}

}  // namespace pleat
