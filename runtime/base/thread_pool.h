#pragma once

#include <cstdint>
#include <memory>

#include "runtime/base/function_ref.h"

namespace pleat {

/// A fixed team of threads, the caller being the first. Work is split statically, so which element is computed
/// where depends on the count alone; results must not depend on the split.
/// One caller at a time. No thread outlives the pool. Nothing allocates after construction.
class ThreadPool {
 public:
  /// Where the system grants fewer threads than asked, the team is smaller: threads() tells.
  explicit ThreadPool(int threads = 1);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls body(begin, end) on disjoint ranges that cover [0, count); ranges start at multiples of `grain`.
  void parallel_for(std::int64_t count, std::int64_t grain,
                    FunctionRef<void(std::int64_t begin, std::int64_t end)> body);

 private:
  struct Team;
  int threads_;
  std::unique_ptr<Team> team_;
};

}  // namespace pleat
