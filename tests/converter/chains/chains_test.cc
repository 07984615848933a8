#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "runtime/graph/text.h"
#include "tests/converter/chains/random_chain.h"
#include "tests/support/verified.h"

namespace pleat {
namespace {

constexpr std::uint64_t kFirstSeed = 20261121;

/// PLEAT_CHAINS=N judges N chains instead of 500; PLEAT_CHAIN=SEED one alone.
std::uint64_t number(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

struct Counts {
  std::int64_t chains = 0, folded = 0, kept = 0, wrong = 0, alarms = 0;
};

void judge_chain(std::uint64_t seed, Counts& counts) {
  const RandomChain chain = random_chain(seed);
  ++counts.chains;
  std::vector<std::string> found;
  const auto result = fold(chain.model, chain.critic.fold);
  if (result) {
    counts.folded += result->map.folded();
    counts.kept += result->map.kept();
    found = objections(chain.model, *result, chain.critic);
  } else {
    found.push_back(result.error().text());
  }
  counts.wrong += found.empty() ? 0 : 1;
  const std::string alarm = result && result->map.folded() > 0 ? false_alarm(chain.model, chain.critic.fold) : "";
  counts.alarms += alarm.empty() ? 0 : 1;
  if (!alarm.empty()) found.push_back("false alarm: " + alarm);
  if (found.empty()) return;
  std::string all;
  for (const std::string& objection : found) all += "\n  " + objection;
  ADD_FAILURE() << "seed " << seed << " (again: PLEAT_CHAIN=" << seed << " converter_chains_test):" << all << "\n"
                << to_text(chain.model) << (result ? to_text(result->folded) : "");
}

TEST(Chains, AreFoldedRight) {
  const std::uint64_t one = number("PLEAT_CHAIN", 0);
  const std::uint64_t first = one != 0 ? one : kFirstSeed;
  const std::uint64_t count = one != 0 ? 1 : number("PLEAT_CHAINS", 500);
  Counts counts;
  for (std::uint64_t seed = first; seed < first + count; ++seed) judge_chain(seed, counts);
  fmt::print(
      "{} chains from seed {}: {} BatchNormalizations folded, {} kept; {} chains folded wrongly, {} false alarms\n",
      counts.chains, first, counts.folded, counts.kept, counts.wrong, counts.alarms);
  EXPECT_EQ(counts.wrong, 0);
  EXPECT_EQ(counts.alarms, 0);
}

}  // namespace
}  // namespace pleat
