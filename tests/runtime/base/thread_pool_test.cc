#include "runtime/base/thread_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "runtime/base/result.h"
#include "tests/support/cpus.h"
#include "tests/support/sanitized.h"

namespace pleat {
namespace {

/// Far more than anything here takes on a machine of others.
constexpr std::chrono::seconds kLong{20};

class ThreadPoolTest : public ::testing::TestWithParam<int> {};

TEST_P(ThreadPoolTest, CoversEveryIndexOnceInRangesThatStartAtTheGrain) {
  ThreadPool pool(GetParam());
  for (std::int64_t count : {1, 2, 3, 7, 16, 17, 63, 64, 1000}) {
    for (std::int64_t grain : {1, 2, 3, 5, 16, 999, 1000, 5000}) {
      std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
      std::atomic<int> bad_ranges{0};
      pool.parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
        if (begin >= end || begin < 0 || end > count || begin % grain != 0) ++bad_ranges;
        for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
      });
      EXPECT_EQ(bad_ranges, 0) << count << " by " << grain;
      EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const auto& n) { return n == 1; }))
          << count << " by " << grain;
    }
  }
}

TEST_P(ThreadPoolTest, OfNothingCallsNothing) {
  ThreadPool pool(GetParam());
  for (std::int64_t count : {0, -1})
    pool.parallel_for(count, 4, [](std::int64_t, std::int64_t) { ADD_FAILURE() << "called"; });
}

TEST_P(ThreadPoolTest, AGrainThatIsNotPositiveCountsAsOne) {
  ThreadPool pool(GetParam());
  for (std::int64_t grain : {0, -3}) {
    std::atomic<std::int64_t> covered{0};
    pool.parallel_for(10, grain, [&](std::int64_t begin, std::int64_t end) { covered += end - begin; });
    EXPECT_EQ(covered, 10);
  }
}

TEST_P(ThreadPoolTest, WritesOfTheTeamAreSeenByTheCallerEachTime) {
  ThreadPool pool(GetParam());
  std::vector<int> values(64, 0);
  for (int round = 1; round <= 5000; ++round) {
    pool.parallel_for(64, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) ++values[static_cast<std::size_t>(i)];
    });
    ASSERT_EQ(std::count(values.begin(), values.end(), round), 64) << "round " << round;
  }
}

TEST_P(ThreadPoolTest, WakesFromSleep) {
  ThreadPool pool(GetParam());
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::atomic<std::int64_t> covered{0};
    pool.parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) { covered += end - begin; });
    EXPECT_EQ(covered, 100);
  }
}

TEST_P(ThreadPoolTest, WaitsForAMemberThatIsSlowerThanTheCaller) {
  ThreadPool pool(GetParam());
  std::atomic<std::int64_t> covered{0};
  pool.parallel_for(8, 1, [&](std::int64_t begin, std::int64_t end) {
    if (begin > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    covered += end - begin;
  });
  EXPECT_EQ(covered, 8);
}

TEST_P(ThreadPoolTest, UsesAsManyThreadsAsAskedFor) {
  ThreadPool pool(GetParam());
  ASSERT_EQ(pool.threads(), GetParam());
  std::mutex mutex;
  std::condition_variable more;
  std::set<std::thread::id> who;
  pool.parallel_for(GetParam(), 1, [&](std::int64_t, std::int64_t) {
    std::unique_lock lock(mutex);
    who.insert(std::this_thread::get_id());
    more.notify_all();
    more.wait_for(lock, kLong, [&] { return who.size() == static_cast<std::size_t>(GetParam()); });
  });
  EXPECT_EQ(who.size(), static_cast<std::size_t>(GetParam()));
  EXPECT_TRUE(who.contains(std::this_thread::get_id()));
}

TEST_P(ThreadPoolTest, ASlotIsUsedByOneCallAtATime) {
  ThreadPool pool(GetParam());
  std::vector<std::atomic<bool>> used(static_cast<std::size_t>(pool.threads()));
  std::atomic<int> clashes{0};
  std::atomic<std::int64_t> covered{0};
  for (int round = 0; round < 1000; ++round)
    pool.parallel_slots(100, 3, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
      if (used.at(static_cast<std::size_t>(thread)).exchange(true)) ++clashes;
      covered += end - begin;
      used[static_cast<std::size_t>(thread)] = false;
    });
  EXPECT_EQ(clashes, 0);
  EXPECT_EQ(covered, 100 * 1000);
}

TEST_P(ThreadPoolTest, ManyRegionsInARowEachSeeTheOneBefore) {
  ThreadPool pool(GetParam());
  const ThreadPool::Running running(pool);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);  // on a machine of others
  std::vector<std::int64_t> values(16, 0), next(16, 0);
  int regions = 0;
  for (; regions < 100000 && (regions < 100 || std::chrono::steady_clock::now() < deadline); ++regions) {
    pool.parallel_for(16, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        next[static_cast<std::size_t>(i)] = values[static_cast<std::size_t>((i + 5) % 16)] + 1;
    });
    std::swap(values, next);
  }
  EXPECT_EQ(std::count(values.begin(), values.end(), regions), 16);
}

TEST_P(ThreadPoolTest, WorksWhetherItsThreadsLingerOrSleepAtOnce) {
  for (const auto linger : {std::chrono::microseconds(0), std::chrono::microseconds(50)}) {
    ThreadPool pool(GetParam(), linger);
    for (int run = 0; run < 60; ++run) {
      if (run % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
      const ThreadPool::Running running(pool);
      for (int region = 0; region < 5; ++region) {
        std::atomic<std::int64_t> covered{0};
        pool.parallel_for(7, 1, [&](std::int64_t begin, std::int64_t end) { covered += end - begin; });
        ASSERT_EQ(covered, 7);
      }
    }
  }
}

TEST_P(ThreadPoolTest, RunningMayBeNestedAndNeedNoRegion) {
  ThreadPool pool(GetParam());
  for (int i = 0; i < 100; ++i) {
    const ThreadPool::Running outer(pool);
    { const ThreadPool::Running inner(pool); }
    std::atomic<int> covered{0};
    pool.parallel_for(4, 1, [&](std::int64_t begin, std::int64_t end) { covered += static_cast<int>(end - begin); });
    ASSERT_EQ(covered, 4);
  }
}

TEST_P(ThreadPoolTest, RefusesARegionInsideARegion) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto nest = [&] {
    ThreadPool pool(GetParam());
    pool.parallel_for(1, 1,
                      [&](std::int64_t, std::int64_t) { pool.parallel_for(1, 1, [](std::int64_t, std::int64_t) {}); });
  };
  EXPECT_EXIT(nest(), ::testing::ExitedWithCode(static_cast<int>(ErrorCode::kInternal)), "busy_");
}

TEST_P(ThreadPoolTest, LeavesNoThreadBehind) {
  if (kThreadSanitized) GTEST_SKIP() << "the sanitizer begins a thread of its own";
  const int before = threads_of_this_process();
  {
    ThreadPool pool(GetParam());
    pool.parallel_for(8, 1, [](std::int64_t, std::int64_t) {});
    EXPECT_EQ(threads_of_this_process(), before + GetParam() - 1);
  }
  EXPECT_EQ(threads_of_this_process(), before);
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolTest, ::testing::Values(1, 2, 3, 4));

class HeldUp : public ::testing::TestWithParam<int> {};

TEST_P(HeldUp, IsHelpedByWhoIsDone) {
  constexpr std::int64_t kCount = 64;
  ThreadPool pool(GetParam());
  for (const bool caller_is_held : {false, true}) {
    std::atomic<std::int64_t> done{0}, held{0};  // blocks
    const auto caller = std::this_thread::get_id();
    const auto await = [deadline = std::chrono::steady_clock::now() + kLong](auto reached) {
      while (!reached() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
      return reached();
    };
    std::atomic<bool> helped{false};
    pool.parallel_for(kCount, 1, [&](std::int64_t begin, std::int64_t end) {
      std::int64_t none = 0;
      if ((std::this_thread::get_id() == caller) == caller_is_held && held.compare_exchange_strong(none, end - begin))
        helped = await([&] { return done == kCount - held; });
      else
        await([&] { return held > 0; });
      done += end - begin;
    });
    EXPECT_TRUE(helped) << "the others left the work of the one held up";
    EXPECT_EQ(done, kCount);
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, HeldUp, ::testing::Values(2, 3, 4));

TEST(ThreadPool, FewerThanOneThreadMeansOne) {
  EXPECT_EQ(ThreadPool(0).threads(), 1);
  EXPECT_EQ(ThreadPool(-2).threads(), 1);
}

TEST(ThreadPool, ManyPoolsComeAndGo) {
  for (int i = 0; i < 200; ++i) {
    const auto pool = std::make_unique<ThreadPool>(3);
    if (i % 2 == 0) pool->parallel_for(3, 1, [](std::int64_t, std::int64_t) {});
  }
}

TEST(ThreadPool, MoreThreadsThanCpusHandOverWithoutFightingForThem) {
  const OnlyCpus two(2);
  ThreadPool pool(8);
  const auto before = cpu_time_of_this_process();
  for (int run = 0; run < 20; ++run) {
    const ThreadPool::Running running(pool);
    for (int region = 0; region < 20; ++region) {
      std::atomic<std::int64_t> covered{0};
      pool.parallel_for(64, 1, [&](std::int64_t begin, std::int64_t end) { covered += end - begin; });
      ASSERT_EQ(covered, 64);
    }
  }
  // Threads that kept their CPUs until the scheduler takes them away would spend milliseconds on each region.
  EXPECT_LT(cpu_time_of_this_process() - before, std::chrono::seconds(1));
}

TEST(ThreadPool, SleepsAfterLingeringAndBurnsNothing) {
  ThreadPool pool(2, std::chrono::microseconds(200));
  pool.parallel_for(2, 1, [](std::int64_t, std::int64_t) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto before = cpu_time_of_this_process();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(cpu_time_of_this_process() - before, std::chrono::milliseconds(50));
}

}  // namespace
}  // namespace pleat
