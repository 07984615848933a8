#include "runtime/ops/axis_gather_shared.h"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/ops/move_shared.h"

namespace pleat {
namespace {

/// Elements worth another thread.
constexpr std::int64_t kGrain = 16384;

/// Whether the table counts up from its first entry by `step`.
bool counts_by(const AxisGather::Table& table, std::int64_t step) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[0] < 0 || table[i] != table[0] + static_cast<std::int64_t>(i) * step) return false;
  return true;
}

template <class Block>
void copy_row(const Block* from, std::int64_t count, Block* to) {
  if (count == 1)
    *to = *from;
  else
    std::copy_n(from, count, to);
}

}  // namespace

Status AxisGather::check_length(std::int64_t count) {
  constexpr std::int64_t kMost = std::int64_t{1} << 28;
  if (count <= kMost) return {};
  return fail(Error::resource("an axis is too long to be moved element by element")
                  .expect("at most " + std::to_string(kMost) + " elements")
                  .saw(std::to_string(count)));
}

AxisGather::Table AxisGather::table(std::int64_t count, std::int64_t first, std::int64_t step) {
  Table table(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = first + static_cast<std::int64_t>(i) * step;
  return table;
}

AxisGather::AxisGather(std::vector<Table> tables) : tables_(std::move(tables)) {
  empty_ = std::any_of(tables_.begin(), tables_.end(), [](const Table& table) { return table.empty(); });
  if (empty_) return;
  while (!tables_.empty() && counts_by(tables_.back(), row_)) {
    base_ += tables_.back()[0];
    row_ *= static_cast<std::int64_t>(tables_.back().size());
    tables_.pop_back();
  }
  const auto alone = [&](const Table& table) {
    if (table.size() > 1 || table[0] < 0) return false;
    base_ += table[0];
    return true;
  };
  tables_.erase(std::remove_if(tables_.begin(), tables_.end(), alone), tables_.end());
  inside_.resize(tables_.size());
  std::int64_t inside = row_;
  for (std::size_t axis = tables_.size(); axis-- > 0;) {
    inside_[axis] = inside;
    inside *= static_cast<std::int64_t>(tables_[axis].size());
  }
  if (!tables_.empty()) find_runs();
}

void AxisGather::find_runs() {
  constexpr std::size_t kLong = 4;
  const Table& table = tables_.back();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto to = static_cast<std::int64_t>(i);
    if (!runs_.empty()) {
      Run& last = runs_.back();
      const std::int64_t next = last.from < 0 ? kFill : last.from + last.count * row_;
      if (table[i] == next) {
        ++last.count;
        continue;
      }
    }
    runs_.push_back({to, table[i], 1});
  }
  if (runs_.size() * kLong > table.size()) runs_.clear();
}

template <class Block>
void AxisGather::gather_last(Interval part, const Block* x, const Block* fill, Block* y) const {
  if (runs_.empty()) {
    const Table& table = tables_.back();
    for (std::int64_t i = part.begin; i < part.end; ++i) {
      const std::int64_t from = table[static_cast<std::size_t>(i)];
      if (from < 0)
        std::fill_n(y + i * row_, row_, *fill);
      else
        copy_row(x + from, row_, y + i * row_);
    }
    return;
  }
  for (const Run& run : runs_) {
    const std::int64_t begin = std::max(part.begin, run.to), end = std::min(part.end, run.to + run.count);
    if (begin >= end) continue;
    if (run.from < 0)
      std::fill_n(y + begin * row_, (end - begin) * row_, *fill);
    else
      std::copy_n(x + run.from + (begin - run.to) * row_, (end - begin) * row_, y + begin * row_);
  }
}

/// The steps `part` along `axis`, with all axes inside.
template <class Block>
void AxisGather::walk(std::size_t axis, Interval part, const Block* x, const Block* fill, Block* y) const {
  if (axis + 1 == tables_.size()) return gather_last(part, x, fill, y);
  for (std::int64_t i = part.begin; i < part.end; ++i) {
    const std::int64_t from = tables_[axis][static_cast<std::size_t>(i)];
    Block* to = y + i * inside_[axis];
    if (from < 0)
      std::fill_n(to, inside_[axis], *fill);
    else
      walk(axis + 1, {0, static_cast<std::int64_t>(tables_[axis + 1].size())}, x + from, fill, to);
  }
}

void AxisGather::run(const void* x, const void* fill, void* y, std::size_t element_size,
                     ThreadPool& pool) const noexcept {
  if (empty_) return;
  with_block(element_size, [&](auto block) {
    using Block = decltype(block);
    const Block* from = static_cast<const Block*>(x) + base_;
    const Block* value = static_cast<const Block*>(fill);
    Block* to = static_cast<Block*>(y);
    if (tables_.empty()) {
      copy_row(from, row_, to);
      return;
    }
    pool.parallel_for(static_cast<std::int64_t>(tables_[0].size()), kGrain / inside_[0] + 1,
                      [&](std::int64_t begin, std::int64_t end) {
                        walk(0, {begin, end}, from, value, to);
                      });
  });
}

}  // namespace pleat
