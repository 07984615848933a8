#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "converter/verify/evaluator.h"
#include "runtime/graph/text.h"
#include "tests/converter/cases/examine.h"
#include "tests/support/fold_critic.h"
#include "tests/support/verified.h"

namespace pleat {
namespace {

constexpr int kRows = 124;

struct Subject {
  const RowCase* row_case;
  CaseSizes sizes;
};

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for (const RowCase& row_case : all_cases())
    for (const CaseSizes& sizes : {CaseSizes::distinct(), CaseSizes::alike()}) all.push_back({&row_case, sizes});
  return all;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

struct Verdicted {
  std::string row, label, got;
  std::vector<std::string> problems;
};
std::vector<Verdicted>& verdicts() {
  static std::vector<Verdicted> all;
  return all;
}

PlantedMistakes& planted_mistakes() {
  static PlantedMistakes all;
  return all;
}

class EveryCase : public testing::TestWithParam<Subject> {
 protected:
  const RowCase& row_case() const { return *GetParam().row_case; }
  Model model() const { return row_case().model(GetParam().sizes); }
};

TEST_P(EveryCase, IsAModelToBeginWith) {
  const Model drawn = model();
  const auto sound = check(drawn);
  ASSERT_TRUE(sound.has_value()) << sound.error().text();
  if (!row_case().computed) return;
  EXPECT_EQ(rejection(drawn), "") << to_text(drawn);
}

TEST_P(EveryCase, MeetsItsVerdict) {
  const Model drawn = model();
  const Examination examination = examine(row_case(), drawn);
  verdicts().push_back({row_case().row, row_case().label(GetParam().sizes), examination.got, examination.problems});
  EXPECT_TRUE(examination.problems.empty()) << examination.got << joined(examination.problems) << "\n"
                                            << to_text(drawn);
}

/// The oracle judged by an arithmetic that is not its own. What narrows inside is left out: in double it does not.
TEST_P(EveryCase, IsComputedAlikeByTheRuntime) {
  if (!row_case().computed || row_case().options.assume_inference) return;
  const Model drawn = model();
  for (const Node& node : drawn.graph.nodes)
    if (node.is("Cast") || node.is("QuantizeLinear")) return;
  const OracleValues inputs = feed(drawn, 1, row_case().critic());
  NamedTensors given;
  for (const auto& [name, value] : inputs) {
    std::vector<double> elements;
    for (const Tracked& element : value.data) elements.push_back(element.value);
    const auto tensor = from_doubles(DType::kDouble, Shape(value.dims), elements);
    if (value.dtype != DType::kFloat && value.dtype != DType::kDouble) return;
    given[name] = *tensor;
  }
  std::set<std::string> wanted;
  for (const ValueInfo& output : drawn.graph.outputs) wanted.insert(output.name);
  const auto computed = Evaluator(drawn, Arithmetic::kDouble, 1).run(given, wanted);
  if (!computed && computed.error().code == ErrorCode::kUnsupported) return;
  ASSERT_TRUE(computed.has_value()) << computed.error().text();
  const OracleValues expected = oracle_run(drawn, inputs);
  for (const auto& [name, tensor] : *computed) {
    const OracleValue got = oracle_value(tensor);
    const OracleValue& value = expected.at(name);
    ASSERT_EQ(got.dims, value.dims) << name;
    for (std::size_t i = 0; i < got.data.size(); ++i) {
      const Tracked doubled(got.data[i].value, 8 * value.data[i].error + 64 * kHalfUlp * std::fabs(got.data[i].value));
      EXPECT_TRUE(agree(doubled, value.data[i])) << name << "[" << i << "]: " << got.data[i].value << " and "
                                                 << value.data[i].value << " ± " << value.data[i].error;
    }
  }
}

TEST_P(EveryCase, RaisesNoFalseAlarm) {
  if (!row_case().computed || !row_case().positive()) return;
  const Model drawn = model();
  EXPECT_EQ(false_alarm(drawn, row_case().options), "") << to_text(drawn);
}

TEST_P(EveryCase, LetsNoMistakePass) {
  if (!row_case().computed || !row_case().positive()) return;
  const Model drawn = model();
  EXPECT_EQ(missed_mistakes(drawn, row_case().options, &planted_mistakes()), "") << to_text(drawn);
}

INSTANTIATE_TEST_SUITE_P(Fold, EveryCase, testing::ValuesIn(subjects()),
                         [](const auto& subject) { return subject.param.row_case->label(subject.param.sizes); });

TEST(Cases, AreNamedOnce) {
  std::set<std::string> labels;
  for (const RowCase& row_case : all_cases())
    EXPECT_TRUE(labels.insert(row_case.label(CaseSizes::distinct())).second) << row_case.label(CaseSizes::distinct());
}

TEST(Cases, CoverEveryRow) {
  std::set<std::string> rows;
  for (const RowCase& row_case : all_cases()) rows.insert(row_case.row);
  for (int row = 1; row <= kRows; ++row) EXPECT_EQ(rows.count(fmt::format("F{:02}", row)), 1U) << "row " << row;
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(kRows));
  fmt::print("{} of {} rows have a case; {} cases, each with a twin\n", rows.size(), kRows, all_cases().size());
}

/// Once all cases have run: a table of them in the build folder.
class Table : public testing::Environment {
 public:
  void TearDown() override {
    if (const PlantedMistakes& planted = planted_mistakes(); planted.applicable > 0)
      fmt::print("{} mistakes planted that change a value, {} caught\n", planted.applicable, planted.caught);
    if (verdicts().empty()) return;
    std::map<std::string, std::pair<int, int>> rows;
    std::ofstream table(PLEAT_BINARY_DIR "/fold_cases.tsv");
    for (const Verdicted& one : verdicts()) {
      table << one.row << '\t' << one.label << '\t' << one.got << '\t' << (one.problems.empty() ? "met" : "not met");
      for (const std::string& problem : one.problems) table << '\t' << problem;
      table << '\n';
      ++rows[one.row].second;
      if (one.problems.empty()) ++rows[one.row].first;
    }
    const auto met =
        std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.second.first == row.second.second; });
    fmt::print("{} of {} rows run meet the expected verdict in all their cases ({}/fold_cases.tsv)\n", met, rows.size(),
               PLEAT_BINARY_DIR);
  }
};
const auto* const kTable = testing::AddGlobalTestEnvironment(new Table);

}  // namespace
}  // namespace pleat
