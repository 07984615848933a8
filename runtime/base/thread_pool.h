#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "runtime/base/function_ref.h"

namespace pleat {

/// A fixed team of threads, the caller being the first. Work is split statically, so which element is computed
/// where depends on the count alone; results must not depend on the split.
/// One caller at a time. No thread outlives the pool. Nothing allocates after construction.
///
/// Between two regions the other threads look for work without sleeping, which hands it over in a fraction of a
/// microsecond, and go to sleep `linger` after the last one. Where the caller may use fewer CPUs than the team has
/// threads they sleep at once, since looking would take the time from those who work.
class ThreadPool {
 public:
  static constexpr std::chrono::microseconds kLinger{1000};

  /// Where the system grants fewer threads than asked, the team is smaller: threads() tells.
  explicit ThreadPool(int threads = 1, std::chrono::microseconds linger = kLinger);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls body(begin, end) on disjoint ranges that cover [0, count); ranges start at multiples of `grain`.
  /// All of them compute in the float mode of the caller (float_mode.h).
  /// `body` must not throw and must not call the pool: that ends the process.
  void parallel_for(std::int64_t count, std::int64_t grain,
                    FunctionRef<void(std::int64_t begin, std::int64_t end)> body);

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
