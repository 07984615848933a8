#include "runtime/ops/planes_conv_shared.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/files.h"
#include "runtime/kernels/blocked/halo.h"

namespace pleat {
namespace {

/// Row-major planes of up to so many channels are read as they are: blocks of 16 would be mostly empty.
constexpr std::int64_t kMostPlanarChannels = 8;

/// Up to so many output channels would leave half of the lanes or more without work.
constexpr std::int64_t kMostPixelChannels = 8;

/// With so few output channels and so many taps it pays to make x row-major.
constexpr std::int64_t kVeryFewChannels = 4;
constexpr std::int64_t kManyTaps = 9;

/// Narrower rows fill no vector.
constexpr std::int64_t kLeastWidth = 8;

bool suits_pixels(const Window& window, const Planes& in, const Planes& out) {
  if (window.stride[2] != 1 || out.width < kLeastWidth) return false;
  if (in.lanes == 1) return out.channels <= kMostPixelChannels;
  return out.channels <= kVeryFewChannels && window.taps() >= kManyTaps;
}

/// Rows between a convolution and its reader are made twice where pieces meet: little for so short sums.
constexpr std::int64_t kMostBandDepth = 512;

/// Kernels count the elements of one image in 32 bits.
constexpr std::int64_t kMostElements = std::int64_t{1} << 30;

const float* floats(const AlignedBuffer& buffer) { return reinterpret_cast<const float*>(buffer.data()); }

Error no_memory() { return Error::resource("not enough memory for packed weights"); }

}  // namespace

std::unique_ptr<PlanesConv> PlanesConv::make(const Window& window, const Planes& in, const Planes& out,
                                             std::int64_t groups) {
  if (window.in[0] != 1 || window.kernel[0] != 1 || in.image() > kMostElements) return nullptr;
  auto conv = std::make_unique<PlanesConv>();
  conv->window_ = window;
  conv->groups_ = groups;
  conv->in_ = in;
  conv->out_ = out;
  conv->in_.halo = padding_halo(window);
  conv->out_.lanes = kChannelBlock;
  if (groups == 1) {
    if (suits_pixels(window, in, out)) {
      conv->kind_ = Kind::kPixels;
      conv->in_.lanes = conv->out_.lanes = 1;
      return conv;
    }
    return in.lanes == kChannelBlock || in.channels <= kMostPlanarChannels ? std::move(conv) : nullptr;
  }
  if (in.lanes == 1) return nullptr;
  if (groups == in.channels && groups == out.channels) {
    conv->kind_ = Kind::kDepthwise;
    return conv;
  }
  const bool whole_blocks = in.channels / groups % kChannelBlock == 0 && out.channels / groups % kChannelBlock == 0;
  if (!whole_blocks) conv->kind_ = Kind::kGrouped;
  return conv;
}

void PlanesConv::use_planes(const Planes& in, const Layout& out, const Layout& addend) {
  in_ = in;
  if (out) out_ = *out;
  addend_ = addend;
}

void PlanesConv::allow_winograd() {
  const bool possible = kind_ == Kind::kDirect && groups_ == 1 && in_.lanes == kChannelBlock &&
                        window_.kernel == Window::Sizes{1, 3, 3} && window_.stride == Window::Sizes{1, 1, 1} &&
                        window_.dilation == Window::Sizes{1, 1, 1};
  if (possible && winograd_pays(in_.channels, out_.channels, out_.height, out_.width)) kind_ = Kind::kWinograd;
}

bool PlanesConv::take_rows() {
  const Planes same = {in_.batch, in_.channels, out_.height, out_.width, kChannelBlock, {}};
  const bool each_pixel = window_.taps() == 1 && window_.stride == Window::Sizes{1, 1, 1} && in_ == same;
  takes_rows_ = each_pixel && kind_ == Kind::kDirect && groups_ == 1 && !next_ && !pooling_;
  return takes_rows_;
}

bool PlanesConv::suits_bands() const {
  return !next_ && !pooling_ && kind_ == Kind::kDirect && groups_ == 1 && direct().depth() <= kMostBandDepth;
}

bool PlanesConv::absorb(std::unique_ptr<PlanesConv>& next, const Activation& between, bool read_once) {
  if (!suits_bands() || next->kind_ != Kind::kDepthwise) return false;
  next_ = std::move(next);
  between_ = between;
  read_once_ = read_once;
  return true;
}

bool PlanesConv::absorb(const BlockedPooling& next, const Activation& between, bool read_once) {
  if (!suits_bands()) return false;
  pooling_ = next;
  between_ = between;
  read_once_ = read_once;
  return true;
}

BlockedConv PlanesConv::direct() const {
  BlockedConv conv;
  conv.in = in_;
  conv.out = out_;
  conv.groups = groups_;
  conv.kernel = {window_.kernel[1], window_.kernel[2]};
  conv.stride = {window_.stride[1], window_.stride[2]};
  conv.dilation = {window_.dilation[1], window_.dilation[2]};
  conv.pad = {window_.pad_begin[1], window_.pad_begin[2]};
  conv.leaves_padding = leaves_padding_;
  conv.packed = floats(packed_);
  return conv;
}

DepthwiseProblem PlanesConv::each_channel() const {
  return {.window = window_, .x_planes = in_, .y_planes = out_, .packed_w = floats(packed_), .bias = floats(bias_)};
}

GroupedProblem PlanesConv::in_groups() const {
  return {.window = window_,
          .groups = groups_,
          .x_planes = in_,
          .y_planes = out_,
          .packed_w = floats(packed_),
          .bias = floats(bias_)};
}

PixelConv PlanesConv::pixels() const {
  PixelConv conv;
  conv.window = window_;
  conv.x_planes = in_;
  conv.out_channels = out_.channels;
  conv.packed = floats(packed_);
  return conv;
}

WinogradConv PlanesConv::winograd() const {
  WinogradConv conv;
  conv.in = in_;
  conv.out = out_;
  conv.pad_top = window_.pad_begin[1];
  conv.pad_left = window_.pad_begin[2];
  conv.packed = floats(packed_);
  conv.bias = floats(bias_);
  return conv;
}

std::optional<ConvBands> PlanesConv::bands() const {
  if (!next_ && !pooling_) return std::nullopt;
  ConvBands bands;
  bands.conv = direct();
  if (next_)
    bands.reader = next_->each_channel();
  else
    bands.reader = *pooling_;
  bands.by_rows = read_once_;
  bands.conv.out.halo = {};
  bands.conv.epilogue.activation = between_;
  return bands;
}

Status PlanesConv::pack_blocks(const Tensor& w, FunctionRef<void(Interval, const float*)> pack) const {
  const std::int64_t blocks = out_.blocks();
  if (w.aligned()) {
    pack({0, blocks}, w.data<float>().data());
    return {};
  }
  // A copy of some blocks at a time stays in the cache, and what is not aligned lies in a file.
  constexpr std::size_t kCopyBytes = 256 << 10;
  const std::size_t block_bytes =
      static_cast<std::size_t>(in_.channels / groups_ * window_.taps() * kChannelBlock) * sizeof(float);
  const std::size_t copy_bytes = std::max(kCopyBytes / block_bytes, std::size_t{1}) * block_bytes;
  AlignedBuffer copy(std::min(copy_bytes, w.byte_size()));
  if (copy.failed()) return fail(no_memory());
  for (std::size_t at = 0; at < w.byte_size(); at += copy_bytes) {
    const auto part = w.bytes().subspan(at, std::min(copy_bytes, w.byte_size() - at));
    std::memcpy(copy.data(), part.data(), part.size());
    const auto first = static_cast<std::int64_t>(at / block_bytes);
    pack({first, std::min(blocks, first + static_cast<std::int64_t>(copy_bytes / block_bytes))}, floats(copy));
    release_file_pages(part);
  }
  return {};
}

Status PlanesConv::pack(const Tensor& w, const Tensor* bias, BufferArena& memory) {
  std::size_t elements = 0;
  switch (kind_) {
    case Kind::kDirect: elements = packed_conv_elements(direct()); break;
    case Kind::kDepthwise: elements = packed_depthwise_elements(window_, in_.channels); break;
    case Kind::kGrouped: elements = packed_grouped_elements(in_groups()); break;
    case Kind::kPixels: elements = packed_pixel_conv_elements(pixels()); break;
    case Kind::kWinograd: elements = packed_winograd_elements(in_.channels, out_.channels); break;
  }
  packed_ = memory.take(elements * sizeof(float));
  Tensor loaded_bias;
  if (bias != nullptr) {
    PLEAT_ASSIGN(loaded_bias, bias->loaded());
  }
  const float* starts = bias == nullptr ? nullptr : loaded_bias.data<float>().data();
  if (kind_ != Kind::kDirect && kind_ != Kind::kPixels && bias != nullptr) {
    bias_ = memory.take(static_cast<std::size_t>(out_.blocks() * kChannelBlock) * sizeof(float));
    if (!bias_.failed()) std::copy_n(starts, out_.channels, reinterpret_cast<float*>(bias_.data()));
  }
  if (packed_.failed() || bias_.failed()) return fail(no_memory());
  auto* packed = reinterpret_cast<float*>(packed_.data());
  if (kind_ == Kind::kDirect) {
    PLEAT_TRY(pack_blocks(
        w, [&](Interval blocks, const float* of_blocks) { pack_conv(direct(), of_blocks, starts, blocks, packed); }));
    leaves_padding_ = padding_is_worth_leaving(direct());
    return {};
  }
  if (kind_ == Kind::kWinograd)
    return pack_blocks(w, [&](Interval blocks, const float* of_blocks) {
      pack_winograd(in_.channels, out_.channels, blocks, of_blocks, packed);
    });
  PLEAT_ASSIGN(const Tensor loaded, w.loaded());
  const float* weights = loaded.data<float>().data();
  if (kind_ == Kind::kDepthwise) pack_depthwise(window_, in_.channels, weights, packed);
  if (kind_ == Kind::kGrouped) pack_grouped(in_groups(), weights, packed);
  if (kind_ == Kind::kPixels) pack_pixel_conv(pixels(), weights, starts, packed);
  return {};
}

std::size_t PlanesConv::scratch_bytes(int threads) const {
  if (const auto pair = bands()) return conv_bands_scratch_bytes(*pair, threads);
  if (takes_rows_) return conv_of_rows_scratch_bytes(direct(), threads);
  return kind_ == Kind::kWinograd ? winograd_scratch_bytes(winograd(), threads) : 0;
}

bool PlanesConv::may_overwrite_addend() const {
  if (next_) return next_->may_overwrite_addend();
  if (kind_ == Kind::kDirect && direct().depth() >= kLongSum) return false;
  return kind_ != Kind::kWinograd && addend_ == out();
}

std::string PlanesConv::algorithm() const {
  if (next_) return "direct and depthwise";
  if (pooling_) return "direct and max pool";
  if (takes_rows_) return "direct, of rows made for it";
  switch (kind_) {
    case Kind::kDepthwise: return "depthwise";
    case Kind::kGrouped: return "grouped";
    case Kind::kPixels: return "direct, pixels in lanes";
    case Kind::kWinograd: return "winograd 4x4";
    case Kind::kDirect: break;
  }
  return in_.lanes == 1 ? "direct, row-major input" : "direct";
}

void PlanesConv::run(MakeRows make_x, const float* addend, const Activation& f, float* y, std::byte* scratch,
                     ThreadPool& pool) const {
  BlockedConv problem = direct();
  problem.y = y;
  problem.epilogue = {addend, addend_.value_or(Planes{}), f};
  conv_of_rows(problem, make_x, scratch, pool);
}

void PlanesConv::run(const float* x, const float* addend, const Activation& f, float* y, std::byte* scratch,
                     ThreadPool& pool) const {
  if (auto pair = bands()) {
    pair->conv.x = x;
    std::visit([&](auto& reader) { reader.y = y; }, pair->reader);
    if (next_) std::get<DepthwiseProblem>(pair->reader).epilogue = {addend, next_->addend_.value_or(Planes{}), f};
    return conv_in_bands(*pair, scratch, pool);
  }
  const Epilogue epilogue = {addend, addend_.value_or(Planes{}), f};
  const auto placed = [&](auto problem) {
    problem.x = x;
    problem.y = y;
    problem.epilogue = epilogue;
    return problem;
  };
  switch (kind_) {
    case Kind::kDirect: return conv(placed(direct()), pool);
    case Kind::kDepthwise: return depthwise(placed(each_channel()), pool);
    case Kind::kGrouped: return grouped(placed(in_groups()), pool);
    case Kind::kPixels: {
      PixelConv problem = pixels();
      problem.x = x;
      problem.addend = addend;
      problem.y = y;
      problem.activation = f;
      return pixel_conv(problem, pool);
    }
    case Kind::kWinograd: return winograd_conv(placed(winograd()), scratch, pool);
  }
}

}  // namespace pleat
