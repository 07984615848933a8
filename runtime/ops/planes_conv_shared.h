#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/base/buffer_arena.h"
#include "runtime/base/function_ref.h"
#include "runtime/kernels/blocked/conv.h"
#include "runtime/kernels/blocked/conv_bands.h"
#include "runtime/kernels/blocked/conv_of_rows.h"
#include "runtime/kernels/blocked/depthwise.h"
#include "runtime/kernels/blocked/grouped.h"
#include "runtime/kernels/blocked/pixel_conv.h"
#include "runtime/kernels/blocked/winograd.h"
#include "runtime/kernels/window.h"
#include "runtime/ops/op.h"

namespace pleat {

/// A float convolution of one or two spatial axes with constant weights, on planes. Which kernel computes it follows
/// from the shape, from how x lies, and from whether Winograd's algorithm is allowed.
class PlanesConv {
 public:
  /// `in` has the lanes in which x is made. Null where no kernel takes the shape or, for row-major x, where blocks
  /// suit better.
  static std::unique_ptr<PlanesConv> make(const Window& window, const Planes& in, const Planes& out,
                                          std::int64_t groups);

  /// x with the padding as its halo, row-major (lanes 1) or in blocks.
  const Planes& in() const { return in_; }
  /// y in blocks, or row-major.
  Layout out() const { return out_.lanes == 1 ? Layout() : Layout(out_); }

  void use_planes(const Planes& in, const Layout& out, const Layout& addend);
  void allow_winograd();
  /// Whether it gains by making what `next` makes of its result, band by band; if so it owns `next` from then on.
  /// `between` is what it applies before; what `run` is told comes after `next`.
  bool absorb(std::unique_ptr<PlanesConv>& next, const Activation& between, bool read_once);
  bool absorb(const BlockedPooling& next, const Activation& between, bool read_once);
  PlanesConv* absorbed() { return next_.get(); }
  /// Whether it gains by having its x made some rows at a time; if so it is told how when it runs, instead of x.
  bool take_rows();
  /// Neither need be aligned; `bias` may be null.
  Status pack(const Tensor& w, const Tensor* bias, BufferArena& memory);
  std::size_t scratch_bytes(int threads) const;
  /// Whether the addend may be y, and nothing is lost by it.
  bool may_overwrite_addend() const;
  std::string algorithm() const;

  void run(const float* x, const float* addend, const Activation& f, float* y, std::byte* scratch,
           ThreadPool& pool) const;
  void run(MakeRows make_x, const float* addend, const Activation& f, float* y, std::byte* scratch,
           ThreadPool& pool) const;

 private:
  enum class Kind { kDirect, kDepthwise, kGrouped, kPixels, kWinograd };

  BlockedConv direct() const;
  DepthwiseProblem each_channel() const;
  GroupedProblem in_groups() const;
  PixelConv pixels() const;
  WinogradConv winograd() const;
  bool suits_bands() const;
  std::optional<ConvBands> bands() const;
  /// Calls pack(blocks, weights from the first of them on) for all output blocks in order.
  Status pack_blocks(const Tensor& w, FunctionRef<void(Interval, const float*)> pack) const;

  Kind kind_ = Kind::kDirect;
  Window window_;
  Planes in_, out_;
  Layout addend_;
  std::int64_t groups_ = 1;
  std::unique_ptr<PlanesConv> next_;  ///< what it has absorbed
  std::optional<BlockedPooling> pooling_;
  Activation between_;
  bool read_once_ = false;  ///< what they make together
  bool takes_rows_ = false;
  bool leaves_padding_ = false;
  AlignedBuffer packed_;
  AlignedBuffer bias_;  ///< filled up with zeros to whole blocks; empty where packed_ holds it or there is none
};

}  // namespace pleat
