#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "runtime/base/function_ref.h"

namespace pleat {

/// A fixed team of threads, the caller being the first. Each is dealt the same share of the work, and who is done first
/// takes of what the others have left: two CPUs of a shared machine seldom run at one speed. So which thread computes
/// an element is left to chance, and results must not depend on it.
/// One caller at a time. No thread outlives the pool. Nothing allocates after construction.
///
/// Between two regions the other threads look for work without sleeping, which hands it over in a fraction of a
/// microsecond, and go to sleep `linger` after the last one. Where the caller may use fewer CPUs than the team has
/// threads they sleep at once, since looking would take the time from those who work. The caller never waits for one
/// that has not begun.
class ThreadPool {
 public:
  static constexpr std::chrono::microseconds kLinger{1000};

  /// Where the system grants fewer threads than asked, the team is smaller: threads() tells.
  explicit ThreadPool(int threads = 1, std::chrono::microseconds linger = kLinger);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls body(begin, end) on disjoint ranges that cover [0, count); ranges start at multiples of `grain`, the least
  /// work worth handing over. All threads compute in the float mode of the caller (float_mode.h).
  /// `body` must not throw and must not call the pool: that ends the process.
  void parallel_for(std::int64_t count, std::int64_t grain,
                    FunctionRef<void(std::int64_t begin, std::int64_t end)> body);

  /// The same, told which thread of the team it runs on, from 0 to threads() - 1: what belongs to that thread, say a
  /// slot of scratch, is used by one call at a time.
  void parallel_slots(std::int64_t count, std::int64_t grain,
                      FunctionRef<void(std::int64_t thread, std::int64_t begin, std::int64_t end)> body);

  /// While one lives the team is awake and stays so: made where a run starts, the threads wake during the work before
  /// its first region. May be nested. Belongs to the caller's thread.
  class Running {
   public:
    explicit Running(ThreadPool& pool);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    ThreadPool& pool_;
  };

 private:
  struct Team;
  int threads_;
  bool busy_ = false;
  std::unique_ptr<Team> team_;
};

}  // namespace pleat
