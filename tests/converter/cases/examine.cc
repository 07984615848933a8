#include "tests/converter/cases/examine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tests/support/fold_critic.h"

namespace pleat {
namespace {

const FoldEntry* entry_of(const FoldMap& map, const std::string& output) {
  for (const FoldEntry& entry : map.entries)
    if (entry.output == output) return &entry;
  return nullptr;
}

std::string told(const FoldEntry& entry) {
  return fmt::format("{} {} {}", entry.output, entry.folded ? "folded" : "kept", entry.code);
}

/// What is wrong with the fate of one BatchNormalization; empty: nothing.
std::string unmet(const Expected& expected, const FoldEntry* entry) {
  const bool folded = entry != nullptr && entry->folded;
  if (expected.fate == Fate::kFolded) {
    if (folded) return {};
    return fmt::format("'{}' should be folded: {}", expected.output,
                       entry == nullptr ? "it is not told of" : entry->code + " " + entry->reason);
  }
  if (expected.fate == Fate::kEither || entry == nullptr) return {};
  if (folded) return fmt::format("'{}' should be kept, but is folded ({})", expected.output, entry->code);
  if (entry->reason.empty()) return fmt::format("'{}' is kept without a reason", expected.output);
  const auto& codes = expected.codes;
  if (codes.empty() || std::count(codes.begin(), codes.end(), entry->code) > 0) return {};
  return fmt::format("'{}' should be kept for {}, not {} ({})", expected.output, fmt::join(codes, " or "), entry->code,
                     entry->reason);
}

bool is_expected(const RowCase& row_case, const FoldEntry& entry) {
  return entry.written_out || std::any_of(row_case.expected.begin(), row_case.expected.end(),
                                          [&](const Expected& e) { return e.output == entry.output; });
}

}  // namespace

Examination examine(const RowCase& row_case, const Model& model) {
  Examination examination;
  auto& problems = examination.problems;
  const auto result = fold(model, row_case.options);
  if (!result) {
    // A model that is broken altogether may be refused as a whole instead of BatchNormalization by BatchNormalization.
    examination.got = "refused: " + result.error().what;
    if (row_case.computed || row_case.positive()) problems.push_back("it cannot be folded: " + result.error().text());
    return examination;
  }
  for (const FoldEntry& entry : result->map.entries) {
    examination.got += (examination.got.empty() ? "" : ", ") + told(entry);
    if (entry_of(result->map, entry.output) != &entry) problems.push_back("two entries tell of " + entry.output);
    if (!is_expected(row_case, entry)) problems.push_back("nobody expects the entry " + told(entry));
  }
  for (const Expected& expected : row_case.expected) {
    const std::string wrong = unmet(expected, entry_of(result->map, expected.output));
    if (!wrong.empty()) problems.push_back(wrong);
  }
  if (row_case.also != nullptr)
    if (const std::string wrong = row_case.also(model, *result); !wrong.empty()) problems.push_back(wrong);
  for (std::string& objection : objections(model, *result, row_case.critic())) problems.push_back(std::move(objection));
  return examination;
}

}  // namespace pleat
