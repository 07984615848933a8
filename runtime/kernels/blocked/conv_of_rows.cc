#include "runtime/kernels/blocked/conv_of_rows.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/kernels/blocked/conv_split.h"
#include "runtime/kernels/parallel.h"
#include "runtime/kernels/rectangles.h"

namespace pleat {
namespace {

/// The rows that a thread keeps at a time.
struct Band {
  static constexpr std::int64_t kKeptBytes = 256 << 10;  ///< in the second-level cache with weights

  Planes kept;

  explicit Band(const BlockedConv& conv) : kept(conv.in) {
    const std::int64_t row = kept.blocks() * kept.row() * static_cast<std::int64_t>(sizeof(float));
    kept.batch = 1;
    kept.kept_rows = std::clamp<std::int64_t>(kKeptBytes / row, 1, kept.height);
  }

  /// Outputs of `blocks` in `rows` of image `n`.
  void run(BlockedConv conv, MakeRows make, std::int64_t n, Interval blocks, Interval rows, float* memory) const {
    conv.y += n * conv.out.image();
    if (conv.epilogue.addend != nullptr) conv.epilogue.addend += n * conv.epilogue.addend_planes.image();
    conv.in = kept;
    conv.out.batch = 1;
    for (; rows.size() > 0; rows.begin = std::min(rows.end, rows.begin + kept.kept_rows)) {
      const Interval some = {rows.begin, std::min(rows.end, rows.begin + kept.kept_rows)};
      float* origin = memory - some.begin * kept.row();
      for (std::int64_t b = 0; b < kept.blocks(); ++b) make(kept, origin - n * kept.image(), n, b, some);
      conv.x = origin;
      conv_piece(conv, {blocks, {some.begin * kept.width, some.end * kept.width}});
    }
  }
};

}  // namespace

std::size_t conv_of_rows_scratch_bytes(const BlockedConv& conv, int threads) {
  return static_cast<std::size_t>(threads * Band(conv).kept.image()) * sizeof(float);
}

void conv_of_rows(const BlockedConv& conv, MakeRows make, std::byte* scratch, ThreadPool& pool) {
  PLEAT_CHECK(conv.groups == 1 && conv.taps() == 1 && conv.in.halo == Halo{});
  PLEAT_CHECK(conv.in.height == conv.out.height && conv.in.width == conv.out.width);
  const Band band(conv);
  const std::int64_t height = conv.out.height, lines = conv.out.batch * height, blocks = conv.out.blocks();
  const bool few = lines * conv.out.width * conv.out.channels * conv.depth() < kFewMultiplyAdds;
  const ConvGrid grid(conv, few ? 1 : pool.threads());
  // Whoever takes some of the channels makes the rows anew, so that pays only where there are few.
  constexpr std::int64_t kManyLines = 7;  ///< for each thread
  const bool share_weights = grid.share_weights && lines < kManyLines * pool.threads();
  const std::int64_t parts = share_weights ? grid.block_parts : 1;
  const std::int64_t pieces = share_weights ? parts : lines;
  pool.parallel_slots(pieces, few ? pieces : 1, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
    float* memory = reinterpret_cast<float*>(scratch) + thread * band.kept.image();
    const Interval some = {blocks * begin / parts, blocks * end / parts};
    const Interval of_lines = share_weights ? Interval{0, lines} : Interval{begin, end};
    for_each_rectangle(height, of_lines, [&](Interval images, Interval rows) {
      for (std::int64_t n = images.begin; n < images.end; ++n)
        band.run(conv, make, n, share_weights ? some : Interval{0, blocks}, rows, memory);
    });
  });
}

}  // namespace pleat
