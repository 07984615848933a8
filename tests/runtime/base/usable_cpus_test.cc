#include "runtime/base/usable_cpus.h"

#include <gtest/gtest.h>

#include <climits>
#include <filesystem>
#include <fstream>

#include "tests/support/cpus.h"

namespace pleat {
namespace {

namespace fs = std::filesystem;

class QuotaCpus : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(root_); }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text << "\n";
  }
  int of(const std::string& memberships) { return quota_cpus(memberships, root_.string()); }

  fs::path root_ = fs::path(::testing::TempDir()) / "usable_cpus_test";
};

TEST(AffineCpus, CountsTheMaskOfTheCaller) {
  EXPECT_GE(affine_cpus(), 1);
  const OnlyCpus one(1);
  EXPECT_EQ(affine_cpus(), 1);
}

TEST_F(QuotaCpus, NoGroupOrNoFileIsNoLimit) {
  EXPECT_EQ(of(""), INT_MAX);
  EXPECT_EQ(of("0::/\n"), INT_MAX);
  EXPECT_EQ(of("0::/a/b\n4:cpu,cpuacct:/c\n"), INT_MAX);
  EXPECT_EQ(of("nonsense\n0:\n::\n"), INT_MAX);
  EXPECT_GE(quota_cpus(), 1);
}

TEST_F(QuotaCpus, TheTightestGroupOnTheWayCounts) {
  write("cpu.max", "max 100000");
  write("a/cpu.max", "350000 100000");
  write("a/b/cpu.max", "800000 100000");
  EXPECT_EQ(of("0::/a/b\n"), 3);
  EXPECT_EQ(of("0::/\n"), INT_MAX);
}

TEST_F(QuotaCpus, PartOfACpuCountsAsOne) {
  write("cpu.max", "20000 100000");
  EXPECT_EQ(of("0::/\n"), 1);
}

TEST_F(QuotaCpus, ReadsTheFirstHierarchyToo) {
  write("cpu/g/cpu.cfs_quota_us", "200000");
  write("cpu/g/cpu.cfs_period_us", "100000");
  write("cpu/h/cpu.cfs_quota_us", "-1");
  write("cpu/h/cpu.cfs_period_us", "100000");
  EXPECT_EQ(of("3:cpuacct,cpu:/g\n"), 2);
  EXPECT_EQ(of("3:cpu:/h\n"), INT_MAX);
  EXPECT_EQ(of("3:cpuset:/g\n"), INT_MAX);
}

}  // namespace
}  // namespace pleat
