#include "runtime/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/float_mode.h"
#include "runtime/base/usable_cpus.h"

namespace pleat {
namespace {

using Body = FunctionRef<void(std::int64_t, std::int64_t, std::int64_t)>;
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
  void operator()(std::int64_t, std::int64_t, std::int64_t) const {}
} kNothing;

struct Blocks {
  std::uint32_t first, last;

  std::uint32_t size() const { return last - first; }
};

/// The blocks a member has yet to run, and whether it is at work. Both lie in one word, so that the member may take
/// from the front while others take from the back. It begins by taking of its own share: of whom others have taken all
/// before it woke has no part in the region. At first half of them are taken, later the fewer the fewer are left, so
/// that all end at about the same time.
class Share {
 public:
  static constexpr std::uint32_t kMostBlocks = (1U << 31) - 1;

  bool any_left() const { return unpack(word_.load(std::memory_order_seq_cst)).size() > 0; }
  bool at_work() const { return (word_.load(std::memory_order_seq_cst) & kAtWork) != 0; }

  void deal(Blocks blocks) { word_.store(pack(blocks), std::memory_order_seq_cst); }

  /// Nothing if none are left.
  std::optional<Blocks> take_front() {
    return take(
        [](Word word, Blocks& left) {
          const std::uint32_t some = (word & kAtWork) != 0 ? (left.size() + 3) / 4 : (left.size() + 1) / 2;
          return Blocks{left.first, left.first += some};
        },
        kAtWork);
  }
  std::optional<Blocks> take_back() {
    return take(
        [](Word, Blocks& left) {
          const std::uint32_t some = (left.size() + 3) / 4;
          return Blocks{left.last -= some, left.last + some};
        },
        0);
  }

  /// When nothing is left anywhere.
  void rest() { word_.store(0, std::memory_order_seq_cst); }

 private:
  using Word = std::uint64_t;
  static constexpr Word kAtWork = Word{1} << 63;

  static Word pack(Blocks b) { return Word{b.last} << 32 | b.first; }
  static Blocks unpack(Word word) {
    return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>((word & ~kAtWork) >> 32)};
  }

  /// What `cut` takes off the blocks that are left.
  template <class Cut>
  std::optional<Blocks> take(Cut cut, Word mark) {
    Word word = word_.load(std::memory_order_relaxed);
    while (true) {
      Blocks left = unpack(word);
      if (left.size() == 0) return {};
      const Blocks taken = cut(word, left);
      const Word next = (word & kAtWork) | mark | pack(left);
      if (word_.compare_exchange_weak(word, next, std::memory_order_acq_rel, std::memory_order_relaxed)) return taken;
    }
  }

  std::atomic<Word> word_{0};
};

/// The work of one region.
struct Region {
  Body body = kNothing;
  std::int64_t count = 0;
  std::int64_t grain = 1;     ///< the size of a block
  std::uint32_t members = 1;  ///< who have a share
  std::uint32_t mode = 0;     ///< of the caller's arithmetic

  void run(std::uint32_t member, Blocks blocks) const noexcept {
    body(member, blocks.first * grain, std::min(count, blocks.last * grain));
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

/// One of the team, the first being the caller.
struct alignas(kLine) Member {
  Share share;
  Bed bed;
  Region region;  ///< written before the share is dealt
};

}  // namespace

struct ThreadPool::Team {
  explicit Team(int wanted, std::chrono::microseconds how_long)
      : members(static_cast<std::size_t>(wanted)), linger(how_long), quota(quota_cpus()) {}

  std::vector<Member> members;
  std::vector<std::thread> threads;
  const std::chrono::microseconds linger;
  const int quota;
  int depth = 0;  ///< of living Running objects
  alignas(kLine) std::atomic<bool> running{false};
  std::atomic<bool> stopping{false};
  std::atomic<bool> crowded{false};        ///< fewer CPUs than threads
  std::atomic<Clock::rep> truce_until{0};  ///< see kAway

  int size() const { return static_cast<int>(threads.size()) + 1; }

  void count_cpus() {
    crowded.store(std::min(affine_cpus(), quota) < static_cast<int>(members.size()), std::memory_order_relaxed);
  }

  /// Stops early where the system gives no more threads.
  void hire() {
    count_cpus();
    threads.reserve(members.size() - 1);
    try {
      for (std::uint32_t i = 1; i < members.size(); ++i) threads.emplace_back([this, i] { work(i); });
    } catch (const std::exception&) {
    }
  }

  void dismiss() {
    stopping.store(true, std::memory_order_seq_cst);
    for (Member& member : members) member.bed.ring();
    for (std::thread& thread : threads) thread.join();
  }

  void wake() {
    running.store(true, std::memory_order_seq_cst);
    bool any = false;
    for (Member& member : members) any = member.bed.ring() || any;
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

  /// For a share, or the end of the team.
  void await_work(Member& self) {
    const auto idle = [&] { return !self.share.any_left() && !stopping.load(std::memory_order_seq_cst); };
    Clock::time_point idle_since{}, last{};
    while (true) {
      for (int i = 0; i < kLooks; ++i) {
        if (!idle()) return;
        __builtin_ia32_pause();
      }
      const auto now = Clock::now();
      notice(last, now);
      last = now;
      const bool pays = looking_pays(now);
      if (idle_since == Clock::time_point{} || running.load(std::memory_order_relaxed)) idle_since = now;
      if (pays && now - idle_since <= linger) continue;
      self.bed.sleep_while([&] { return idle() && !(pays && running.load(std::memory_order_seq_cst)); });
      idle_since = last = {};
    }
  }

  void work(std::uint32_t index) {
    Member& self = members[index];
    while (true) {
      await_work(self);
      if (stopping.load(std::memory_order_relaxed)) return;
      const std::optional<Blocks> first = self.share.take_front();
      if (!first) continue;
      if (float_mode() != self.region.mode) set_float_mode(self.region.mode);
      self.region.run(index, *first);
      finish(index);
      self.share.rest();
      members[0].bed.ring();
    }
  }

  /// First the member's own blocks, then what the others have left.
  void finish(std::uint32_t index) {
    const Region& region = members[index].region;
    while (const auto some = members[index].share.take_front()) region.run(index, *some);
    for (std::uint32_t i = 1; i < region.members; ++i)
      while (const auto some = members[(index + i) % region.members].share.take_back()) region.run(index, *some);
  }

  void run(const Region& region, std::int64_t blocks) {
    const auto cut = [&](std::int64_t member) { return static_cast<std::uint32_t>(blocks * member / region.members); };
    for (std::uint32_t i = 0; i < region.members; ++i) {
      members[i].region = region;
      members[i].share.deal({cut(i), cut(i + 1)});
      members[i].bed.ring();
    }
    finish(0);
    members[0].share.rest();
    for (std::uint32_t i = 1; i < region.members; ++i) await_rest(members[i].share);
  }

  /// When all shares are empty.
  void await_rest(const Share& share) {
    Clock::time_point since{}, last{};
    while (true) {
      for (int i = 0; i < kLooks; ++i) {
        if (!share.at_work()) return;
        __builtin_ia32_pause();
      }
      const auto now = Clock::now();
      notice(last, now);
      last = now;
      if (since == Clock::time_point{}) since = now;
      if (looking_pays(now) && now - since < kPatience) continue;
      members[0].bed.sleep_while([&] { return share.at_work(); });
      since = last = {};
    }
  }
};

ThreadPool::ThreadPool(int threads, std::chrono::microseconds linger) : threads_(std::max(1, threads)) {
  if (threads_ == 1) return;
  team_ = std::make_unique<Team>(threads_, linger);
  team_->hire();
  threads_ = team_->size();
}

ThreadPool::~ThreadPool() {
  if (team_) team_->dismiss();
}

void ThreadPool::parallel_for(std::int64_t count, std::int64_t grain,
                              FunctionRef<void(std::int64_t, std::int64_t)> body) {
  parallel_slots(count, grain, [&](std::int64_t, std::int64_t begin, std::int64_t end) { body(begin, end); });
}

void ThreadPool::parallel_slots(std::int64_t count, std::int64_t grain, Body body) {
  if (count <= 0) return;
  PLEAT_CHECK(!busy_);
  busy_ = true;
  grain = std::max<std::int64_t>(1, grain);
  const auto blocks = [&] { return count / grain + (count % grain != 0 ? 1 : 0); };
  if (blocks() > Share::kMostBlocks) grain *= blocks() / Share::kMostBlocks + 1;
  const auto members = static_cast<std::uint32_t>(std::min<std::int64_t>(threads_, blocks()));
  if (members == 1)
    [&]() noexcept { body(0, 0, count); }();
  else
    team_->run({body, count, grain, members, float_mode()}, blocks());
  busy_ = false;
}

ThreadPool::Running::Running(ThreadPool& pool) : pool_(pool) {
  if (pool_.team_ && pool_.team_->depth++ == 0) pool_.team_->wake();
}

ThreadPool::Running::~Running() {
  if (pool_.team_ && --pool_.team_->depth == 0) pool_.team_->running.store(false, std::memory_order_relaxed);
}

}  // namespace pleat
