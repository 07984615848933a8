#include "runtime/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/float_mode.h"
#include "runtime/base/usable_cpus.h"

namespace pleat {
namespace {

using Body = FunctionRef<void(std::int64_t, std::int64_t)>;
using Clock = std::chrono::steady_clock;

/// Looks between two glances at the clock: about a microsecond.
constexpr int kLooks = 32;
/// How long the caller looks for the end of a region before it sleeps.
constexpr std::chrono::microseconds kPatience{200};
/// Who looked for work and was away for so long had to leave the CPU to others. Then all sleep instead of looking, for
/// a while: the scheduler lets a thread that wakes go first, not one that looks.
constexpr std::chrono::milliseconds kAway{1};
constexpr std::chrono::milliseconds kTruce{20};
constexpr std::size_t kLine = 64;

constexpr struct {
  void operator()(std::int64_t, std::int64_t) const {}
} kNothing;

/// The blocks of one region, dealt out evenly among as many members as there are blocks for.
struct Deal {
  std::int64_t count = 0;
  std::int64_t grain = 1;
  std::int64_t blocks = 0;
  std::int64_t members = 1;
  std::uint32_t mode = 0;  ///< of the caller's arithmetic

  void run(const Body& body, std::int64_t member) const noexcept {
    const std::int64_t first = blocks * member / members;
    const std::int64_t last = blocks * (member + 1) / members;
    body(first * grain, std::min(count, last * grain));
  }
};

/// A flag someone sleeps on. Who sets it must look once more for what he waits for before he sleeps; who brings that
/// must write it before he rings. Both in sequential consistency, so that one of them sees the other.
class Bed {
 public:
  template <class Needed>
  void sleep_while(Needed needed) {
    asleep_.store(1, std::memory_order_seq_cst);
    if (needed()) asleep_.wait(1, std::memory_order_acquire);
    asleep_.store(0, std::memory_order_relaxed);
  }
  bool ring() {
    if (asleep_.load(std::memory_order_seq_cst) == 0) return false;
    asleep_.store(0, std::memory_order_seq_cst);
    asleep_.notify_one();
    return true;
  }

 private:
  std::atomic<std::uint32_t> asleep_{0};
};

/// One thread but the caller. The first line is written by the caller, the second by the thread.
struct Worker {
  alignas(kLine) std::atomic<std::uint32_t> epoch{0};  ///< counts the regions this thread was given
  bool stop = false;
  Body body = kNothing;
  Deal deal;
  alignas(kLine) std::atomic<std::uint32_t> done{0};  ///< the last epoch it finished
  Bed bed;

  void give(const Body& next_body, const Deal& next_deal) {
    body = next_body;
    deal = next_deal;
    start();
  }
  void start() {
    epoch.store(epoch.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
    bed.ring();
  }
};

}  // namespace

struct ThreadPool::Team {
  explicit Team(int wanted, std::chrono::microseconds how_long)
      : workers(static_cast<std::size_t>(wanted - 1)), linger(how_long), quota(quota_cpus()) {}

  std::vector<Worker> workers;
  std::vector<std::thread> threads;
  const std::chrono::microseconds linger;
  const int quota;
  int depth = 0;  ///< of living Running objects
  alignas(kLine) std::atomic<bool> running{false};
  std::atomic<bool> crowded{false};        ///< fewer CPUs than threads
  std::atomic<Clock::rep> truce_until{0};  ///< see kAway
  alignas(kLine) Bed caller;

  int members() const { return static_cast<int>(threads.size()) + 1; }

  void count_cpus() {
    crowded.store(std::min(affine_cpus(), quota) < static_cast<int>(workers.size()) + 1, std::memory_order_relaxed);
  }

  /// Stops early where the system gives no more threads.
  void hire() {
    count_cpus();
    threads.reserve(workers.size());
    try {
      for (std::size_t i = 0; i < workers.size(); ++i) threads.emplace_back([this, i] { work(i); });
    } catch (const std::exception&) {
    }
  }

  void dismiss() {
    for (std::size_t i = 0; i < threads.size(); ++i) {
      workers[i].stop = true;
      workers[i].start();
    }
    for (std::thread& thread : threads) thread.join();
  }

  void wake() {
    running.store(true, std::memory_order_seq_cst);
    bool any = false;
    for (Worker& worker : workers) any = worker.bed.ring() || any;
    if (any) count_cpus();  // a run after a rest: the caller may have been moved to other CPUs
  }

  bool looking_pays(Clock::time_point now) const {
    return !crowded.load(std::memory_order_relaxed) &&
           now.time_since_epoch().count() >= truce_until.load(std::memory_order_relaxed);
  }

  /// Told each time a thread that looks glances at the clock.
  void notice(Clock::time_point last, Clock::time_point now) {
    if (last != Clock::time_point{} && now - last > kAway)
      truce_until.store((now + kTruce).time_since_epoch().count(), std::memory_order_relaxed);
  }

  void await_region(Worker& worker, std::uint32_t seen) {
    Clock::time_point idle_since{}, last{};
    while (true) {
      for (int i = 0; i < kLooks; ++i) {
        if (worker.epoch.load(std::memory_order_acquire) != seen) return;
        __builtin_ia32_pause();
      }
      const auto now = Clock::now();
      notice(last, now);
      last = now;
      const bool pays = looking_pays(now);
      if (idle_since == Clock::time_point{} || running.load(std::memory_order_relaxed)) idle_since = now;
      if (pays && now - idle_since <= linger) continue;
      worker.bed.sleep_while([&] {
        return worker.epoch.load(std::memory_order_seq_cst) == seen &&
               !(pays && running.load(std::memory_order_seq_cst));
      });
      idle_since = last = {};
    }
  }

  void work(std::size_t index) {
    Worker& self = workers[index];
    for (std::uint32_t seen = 0;;) {
      await_region(self, seen);
      seen = self.epoch.load(std::memory_order_acquire);
      if (self.stop) return;
      if (float_mode() != self.deal.mode) set_float_mode(self.deal.mode);
      self.deal.run(self.body, static_cast<std::int64_t>(index) + 1);
      self.done.store(seen, std::memory_order_seq_cst);
      caller.ring();
    }
  }

  void await_end(Worker& worker) {
    const std::uint32_t target = worker.epoch.load(std::memory_order_relaxed);
    Clock::time_point since{}, last{};
    while (true) {
      for (int i = 0; i < kLooks; ++i) {
        if (worker.done.load(std::memory_order_acquire) == target) return;
        __builtin_ia32_pause();
      }
      const auto now = Clock::now();
      notice(last, now);
      last = now;
      if (since == Clock::time_point{}) since = now;
      if (looking_pays(now) && now - since < kPatience) continue;
      caller.sleep_while([&] { return worker.done.load(std::memory_order_seq_cst) != target; });
      since = last = {};
    }
  }
};

ThreadPool::ThreadPool(int threads, std::chrono::microseconds linger) : threads_(std::max(1, threads)) {
  if (threads_ == 1) return;
  team_ = std::make_unique<Team>(threads_, linger);
  team_->hire();
  threads_ = team_->members();
}

ThreadPool::~ThreadPool() {
  if (team_) team_->dismiss();
}

void ThreadPool::parallel_for(std::int64_t count, std::int64_t grain, Body body) {
  if (count <= 0) return;
  PLEAT_CHECK(!busy_);
  busy_ = true;
  grain = std::max<std::int64_t>(1, grain);
  const std::int64_t blocks = count / grain + (count % grain != 0 ? 1 : 0);
  const Deal deal{count, grain, blocks, std::min<std::int64_t>(threads_, blocks), float_mode()};
  const auto others = static_cast<std::size_t>(deal.members - 1);
  for (std::size_t i = 0; i < others; ++i) team_->workers[i].give(body, deal);
  deal.run(body, 0);
  for (std::size_t i = 0; i < others; ++i) team_->await_end(team_->workers[i]);
  busy_ = false;
}

ThreadPool::Running::Running(ThreadPool& pool) : pool_(pool) {
  if (pool_.team_ && pool_.team_->depth++ == 0) pool_.team_->wake();
}

ThreadPool::Running::~Running() {
  if (pool_.team_ && --pool_.team_->depth == 0) pool_.team_->running.store(false, std::memory_order_relaxed);
}

}  // namespace pleat
