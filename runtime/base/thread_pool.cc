#include "runtime/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace pleat {
namespace {

using Body = FunctionRef<void(std::int64_t, std::int64_t)>;

/// How often a waiter looks before it sleeps: about 50 µs, below the cost of waking a sleeper.
constexpr int kSpins = 2000;

struct Range {
  std::int64_t begin;
  std::int64_t end;
};

Range share(std::int64_t count, std::int64_t grain, int index, int threads) {
  const std::int64_t blocks = (count + grain - 1) / grain;
  const std::int64_t first = blocks * index / threads;
  const std::int64_t last = blocks * (index + 1) / threads;
  return {std::min(count, first * grain), std::min(count, last * grain)};
}

void wait_while_equal(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    __builtin_ia32_pause();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

struct ThreadPool::Team {
  alignas(64) std::atomic<std::uint32_t> epoch{0};
  alignas(64) std::atomic<std::uint32_t> working{0};
  const Body* body = nullptr;
  std::int64_t count = 0;
  std::int64_t grain = 1;
  bool stop = false;
  int threads = 1;  ///< the caller included; settled before the first start
  std::vector<std::thread> workers;

  /// Stops early where the system gives no more threads.
  void hire(int wanted) {
    try {
      for (int i = 1; i < wanted; ++i) workers.emplace_back([this, i] { work(i); });
    } catch (const std::exception&) {
    }
    threads = static_cast<int>(workers.size()) + 1;
  }

  void start() {
    epoch.fetch_add(1, std::memory_order_release);
    epoch.notify_all();
  }

  void work(int index) {
    std::uint32_t seen = 0;
    while (true) {
      wait_while_equal(epoch, seen);
      seen = epoch.load(std::memory_order_acquire);
      if (stop) return;
      const Range range = share(count, grain, index, threads);
      if (range.begin < range.end) (*body)(range.begin, range.end);
      if (working.fetch_sub(1, std::memory_order_acq_rel) == 1) working.notify_one();
    }
  }
};

ThreadPool::ThreadPool(int threads) : threads_(std::max(1, threads)) {
  if (threads_ == 1) return;
  team_ = std::make_unique<Team>();
  team_->hire(threads_);
  threads_ = team_->threads;
}

ThreadPool::~ThreadPool() {
  if (!team_) return;
  team_->stop = true;
  team_->start();
  for (std::thread& worker : team_->workers) worker.join();
}

void ThreadPool::parallel_for(std::int64_t count, std::int64_t grain, Body body) {
  if (count <= 0) return;
  grain = std::max<std::int64_t>(1, grain);
  if (!team_ || count <= grain) return body(0, count);
  team_->body = &body;
  team_->count = count;
  team_->grain = grain;
  team_->working.store(static_cast<std::uint32_t>(threads_ - 1), std::memory_order_relaxed);
  team_->start();
  const Range mine = share(count, grain, 0, threads_);
  if (mine.begin < mine.end) body(mine.begin, mine.end);
  for (std::uint32_t left; (left = team_->working.load(std::memory_order_acquire)) != 0;)
    wait_while_equal(team_->working, left);
}

}  // namespace pleat
