#include <algorithm>
#include <numeric>
#include <type_traits>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/blocked/channels_last.h"
#include "runtime/kernels/transpose.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Output axis i is input axis perm[i]; without `perm` the axes are reversed.
class Transpose final : public Operator {
 public:
  explicit Transpose(std::vector<std::int64_t> perm, bool reverse) : perm_(std::move(perm)), reverse_(reverse) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    const auto rank = static_cast<std::size_t>(from.rank());
    if (reverse_) {
      perm_.resize(rank);
      std::iota(perm_.rbegin(), perm_.rend(), 0);
    }
    std::vector<std::int64_t> sorted = perm_, axes(rank);
    std::sort(sorted.begin(), sorted.end());
    std::iota(axes.begin(), axes.end(), 0);
    if (sorted != axes)
      return fail(Error::invalid("perm does not name every axis once")
                      .expect("an order of the axes 0 to " + std::to_string(from.rank() - 1))
                      .saw(Shape(perm_).text()));
    const std::vector<std::int64_t> strides = from.strides();
    std::vector<std::int64_t> dims, steps;
    for (std::int64_t axis : perm_) {
      dims.push_back(from[static_cast<int>(axis)]);
      steps.push_back(strides[static_cast<std::size_t>(axis)]);
    }
    settle_view(from);
    settle_walk(dims, steps);
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }

  /// Moving axes of size 1 moves no element.
  std::optional<int> view_of() const override { return is_view_ ? std::optional<int>(0) : std::nullopt; }

  std::vector<std::int64_t> permutation() const override { return perm_; }

  /// Between images and rows of channels, planes take the place of the images.
  std::optional<PlanesForm> planes_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const override {
    PlanesForm form{.inputs = {Layout()}, .outputs = {Layout()}};
    if (is_view_ || inputs[0].constant) return std::nullopt;
    if (std::ranges::equal(perm_, kToChannelsLast)) form.inputs[0] = blocked_planes(inputs[0]);
    if (std::ranges::equal(perm_, kFromChannelsLast)) form.outputs[0] = blocked_planes(outputs[0]);
    return form.inputs[0] || form.outputs[0] ? std::optional(std::move(form)) : std::nullopt;
  }
  void use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) override {
    from_ = inputs[0];
    to_ = outputs[0];
  }

  void run(const RunContext& context) const noexcept override {
    const TensorView& from = context.inputs[0];
    const MutableTensorView& to = context.outputs[0];
    if (from_) return to_channels_last(*from_, from.as<float>(), to.as<float>(), *context.pool);
    if (to_) return from_channels_last(from.as<float>(), *to_, to.as<float>(), *context.pool);
    if (to.elements() == 0) return;
    const std::size_t size = size_of(from.dtype);
    const bool small = to.elements() * static_cast<std::int64_t>(size) < kLeastBytes;
    const std::int64_t bands = (walk_.back().size + kBand - 1) / kBand;
    const std::int64_t tasks = outer_ * bands;
    with_block(size, [&](auto block) {
      using Block = decltype(block);
      context.pool->parallel_for(tasks, small ? tasks : 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t task = begin; task < end; ++task)
          move_band(static_cast<const Block*>(from.data), static_cast<Block*>(to.data), task / bands,
                    task % bands * kBand);
      });
    });
  }

 private:
  void settle_view(const Shape& from) {
    std::int64_t last = -1;
    is_view_ = true;
    for (std::int64_t axis : perm_) {
      if (from[static_cast<int>(axis)] == 1) continue;
      is_view_ = is_view_ && axis > last;
      last = axis;
    }
  }

  /// Axes of the output by their sizes; those that stay neighbours count as one, those of size 1 not at all. The axis
  /// that lies side by side in the output goes to inner_, and of the others the one to walk together with it to the
  /// end: that which lies side by side in the input, or else the last.
  void settle_walk(const std::vector<std::int64_t>& dims, const std::vector<std::int64_t>& steps) {
    walk_.clear();
    std::int64_t to_step = 1;
    for (std::size_t i = dims.size(); i-- > 0; to_step *= dims[i]) {
      if (dims[i] == 1) continue;
      if (!walk_.empty() && steps[i] == walk_.back().from * walk_.back().size)
        walk_.back().size *= dims[i];
      else
        walk_.push_back({dims[i], steps[i], to_step});
    }
    while (walk_.size() < 2) walk_.push_back({1, 0, 0});
    inner_ = walk_.front();
    walk_.erase(walk_.begin());
    const auto unit = std::find_if(walk_.begin(), walk_.end(), [](const Axis& axis) { return axis.from == 1; });
    std::rotate(walk_.begin(), (unit != walk_.end() ? unit : walk_.begin()) + 1, walk_.end());
    outer_ = 1;
    for (std::size_t i = 0; i + 1 < walk_.size(); ++i) outer_ *= walk_[i].size;
  }

  /// kBand steps along the last axis of the walk, from `first` on, at one position of the other axes.
  template <class Block>
  void move_band(const Block* from, Block* to, std::int64_t position, std::int64_t first) const noexcept {
    for (std::size_t i = 0; i + 1 < walk_.size(); position /= walk_[i++].size) {
      from += position % walk_[i].size * walk_[i].from;
      to += position % walk_[i].size * walk_[i].to;
    }
    const Axis& last = walk_.back();
    const std::int64_t count = std::min(kBand, last.size - first);
    from += first * last.from;
    to += first * last.to;
    if (inner_.from == 1) {
      for (std::int64_t i = 0; i < count; ++i) std::copy_n(from + i * last.from, inner_.size, to + i * last.to);
      return;
    }
    if constexpr (std::is_integral_v<Block>) {
      if (last.from == 1) return transpose(from, inner_.from, to, last.to, inner_.size, count);
    }
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t j = 0; j < inner_.size; ++j) to[i * last.to + j] = from[i * last.from + j * inner_.from];
  }

  static constexpr std::int64_t kToChannelsLast[] = {0, 2, 3, 1}, kFromChannelsLast[] = {0, 3, 1, 2};

  /// Steps along an axis that make a task, and bytes below which one thread moves them all.
  static constexpr std::int64_t kBand = 64;
  static constexpr std::int64_t kLeastBytes = 32 << 10;

  /// An axis of the output: its size, and the elements between its neighbours in the input and in the output.
  struct Axis {
    std::int64_t size, from, to;
  };
  std::vector<std::int64_t> perm_;
  bool reverse_;
  bool is_view_ = false;
  Axis inner_ = {1, 1, 1};
  std::vector<Axis> walk_;
  Layout from_, to_;        ///< of input and output, absent where row-major
  std::int64_t outer_ = 1;  ///< positions of all axes of the walk but the last
};

Result<std::unique_ptr<Operator>> make_transpose(const Node& node, std::int64_t) {
  AttributeReader attributes(node);
  const bool reverse = !attributes.has("perm");
  std::vector<std::int64_t> perm = attributes.integers("perm");
  PLEAT_TRY(attributes.finish());
  return std::make_unique<Transpose>(std::move(perm), reverse);
}

}  // namespace

void register_transpose(OpRegistry& registry) { registry.add("Transpose", make_transpose); }

}  // namespace pleat
