#include "runtime/kernels/blocked/conv_bands.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/check.h"
#include "runtime/kernels/blocked/conv_split.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/parallel.h"
#include "runtime/kernels/rectangles.h"

namespace pleat {
namespace {

constexpr int kHeight = 1;

const Window& window_of(const ConvBands& p) {
  return std::visit([](const auto& reader) -> const Window& { return reader.window; }, p.reader);
}

const Planes& y_planes_of(const ConvBands& p) {
  return std::visit([](const auto& reader) -> const Planes& { return reader.y_planes; }, p.reader);
}

void start_at_image(DepthwiseProblem& p, std::int64_t n) {
  p.y += n * p.y_planes.image();
  if (p.epilogue.addend != nullptr) p.epilogue.addend += n * p.epilogue.addend_planes.image();
}

void start_at_image(BlockedPooling& p, std::int64_t n) { p.y += n * p.y_planes.image(); }

void read_rows(const DepthwiseProblem& p, std::int64_t b, Interval rows) { depthwise_rows(p, 0, b, rows); }
void read_rows(const BlockedPooling& p, std::int64_t b, Interval rows) { max_pool_rows(p, 0, b, rows); }

/// How the work is cut: sets of blocks go through the rows one after the other. No bit depends on it.
struct Cut {
  static constexpr std::int64_t kUsualSet = 2;
  static constexpr std::int64_t kKeptBytes = 128 << 10;  ///< in the second-level cache with x and weights

  std::int64_t sets;
  std::int64_t reach;  ///< rows between the two that one row of outputs reads
  std::int64_t band;   ///< rows of outputs made at a time
  Planes between;      ///< as kept
  std::int64_t front;  ///< elements before what is kept: a piece zeroes the pixels that end the row before its first
  std::int64_t room;   ///< elements of a thread

  Cut(const ConvBands& p, std::int64_t threads) : between(p.conv.out) {
    const Window& window = window_of(p);
    const std::int64_t blocks = between.blocks();
    const Halo halo = padding_halo(window);
    sets = std::max<std::int64_t>(1, blocks / kUsualSet);
    if (sets > threads) sets -= sets % threads;  // as many for each thread
    reach = (window.kernel[kHeight] - 1) * window.dilation[kHeight] + 1;
    between.batch = 1;
    between.halo = {0, halo.left, 0, halo.right};
    const std::int64_t most_blocks = divide_up(blocks, sets), stride = window.stride[kHeight];
    const std::int64_t rows = kKeptBytes / (most_blocks * between.row() * static_cast<std::int64_t>(sizeof(float)));
    band = std::clamp((rows - reach) / stride + 1, std::int64_t{1}, window.out[kHeight]);
    between.kept_rows = reach + (band - 1) * stride;
    front = halo.right * kChannelBlock;
    room = front + most_blocks * between.block();
  }

  Interval blocks(std::int64_t set) const { return even_part({0, between.blocks()}, sets, set); }

  /// Into how many parts the rows of outputs are cut for each set, so that threads find enough pieces, and few rows are
  /// made twice where they meet.
  std::int64_t parts(const ConvBands& p, std::int64_t threads) const {
    constexpr std::int64_t kPiecesOfThread = 8;
    if (threads == 1) return 1;
    const std::int64_t height = y_planes_of(p).height, stride = window_of(p).stride[kHeight];
    const std::int64_t twice = std::max<std::int64_t>(0, reach - stride);
    return std::clamp(height * stride / (8 * twice + 1), std::int64_t{1},
                      divide_up(threads * kPiecesOfThread, p.conv.out.batch * sets));
  }
};

/// A set of blocks of one image, in a thread's own room.
class Piece {
 public:
  Piece(const ConvBands& p, const Cut& cut, std::int64_t n, Interval blocks, float* kept)
      : p_(p), blocks_(blocks), cut_(cut), kept_(kept) {
    p_.conv.x += n * p_.conv.in.image();
    p_.conv.in.batch = p_.conv.out.batch = 1;
    p_.conv.out = cut.between;
    std::visit(
        [&](auto& reader) {
          reader.x_planes = cut.between;
          start_at_image(reader, n);
        },
        p_.reader);
  }

  void run(Interval rows) {
    const Window& window = window_of(p_);
    for (std::int64_t b = 0; b < blocks_.size(); ++b)
      clear_halo(cut_.between, kept_, 0, b, {0, cut_.between.kept_rows});
    const std::int64_t first = window.source(kHeight, rows.begin, 0);
    Interval there = {first, first};
    for (std::int64_t row = rows.begin; row < rows.end; row += cut_.band) {
      const std::int64_t end = std::min(rows.end, row + cut_.band);
      const Interval wanted = {window.source(kHeight, row, 0), window.source(kHeight, end - 1, 0) + cut_.reach};
      keep(there, wanted.begin);
      make({std::max(there.end, wanted.begin), wanted.end}, wanted.begin);
      there = wanted;
      std::visit(
          [&](auto& reader) {
            reader.x = from_row(wanted.begin);
            for (std::int64_t b = blocks_.begin; b < blocks_.end; ++b) read_rows(reader, b, {row, end});
          },
          p_.reader);
    }
  }

 private:
  float* kept_row(std::int64_t block, std::int64_t row) const {
    return kept_ + block * cut_.between.block() + row * cut_.between.row();
  }

  /// Where block 0 and row 0 would lie, `first` being the first row that is kept.
  float* from_row(std::int64_t first) const {
    return kept_ - blocks_.begin * cut_.between.block() - first * cut_.between.row();
  }

  /// Moves what is there from row `first` on to the front.
  void keep(Interval there, std::int64_t first) {
    if (first >= there.end) return;
    for (std::int64_t b = 0; b < blocks_.size(); ++b)
      std::memmove(kept_row(b, 0), kept_row(b, first - there.begin),
                   static_cast<std::size_t>((there.end - first) * cut_.between.row()) * sizeof(float));
  }

  /// Rows of the planes between the two, those of the padding included, with row `first` in front.
  void make(Interval rows, std::int64_t first) {
    const std::int64_t height = cut_.between.height;
    const Interval inside = {std::clamp<std::int64_t>(rows.begin, 0, height),
                             std::clamp<std::int64_t>(rows.end, 0, height)};
    for (std::int64_t b = 0; b < blocks_.size(); ++b)
      for (std::int64_t row = rows.begin; row < rows.end; ++row)
        if (row < 0 || row >= height) std::fill_n(kept_row(b, row - first), cut_.between.row(), 0.0F);
    if (inside.size() == 0) return;
    p_.conv.y = from_row(first);
    conv_piece(p_.conv, {blocks_, {inside.begin * cut_.between.width, inside.end * cut_.between.width}});
  }

  ConvBands p_;
  Interval blocks_;
  const Cut& cut_;
  float* kept_;
};

}  // namespace

std::size_t conv_bands_scratch_bytes(const ConvBands& problem, int threads) {
  std::int64_t most = 0;
  for (std::int64_t t = 1; t <= threads; ++t) most = std::max(most, t * Cut(problem, t).room);
  return static_cast<std::size_t>(most) * sizeof(float);
}

void conv_in_bands(const ConvBands& p, std::byte* scratch, ThreadPool& pool) {
  PLEAT_CHECK(p.conv.groups == 1 && p.conv.epilogue.addend == nullptr);
  const Cut cut(p, pool.threads());
  const std::int64_t parts = cut.parts(p, pool.threads());
  const Interval rows = {0, y_planes_of(p).height};
  const auto run = [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
    float* kept = reinterpret_cast<float*>(scratch) + thread * cut.room + cut.front;
    for_each_part(p.by_rows, parts, cut.sets, {begin, end}, [&](std::int64_t n, Interval sets, Interval some) {
      for (std::int64_t set = sets.begin; set < sets.end; ++set)
        Piece(p, cut, n, cut.blocks(set), kept)
            .run({even_part(rows, parts, some.begin).begin, even_part(rows, parts, some.end).begin});
    });
  };
  const std::int64_t macs = window_of(p).taps() * rows.end + p.conv.depth() * cut.between.height;
  const bool few = p.conv.out.batch * cut.between.width * cut.between.channels * macs < kFewMultiplyAdds;
  const std::int64_t pieces = p.conv.out.batch * cut.sets * parts;
  pool.parallel_slots(pieces, few ? pieces : 1, run);
}

}  // namespace pleat
