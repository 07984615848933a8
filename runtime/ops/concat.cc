#include <algorithm>
#include <cstring>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/blocked/reorder.h"
#include "runtime/kernels/blocked/shuffle.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

class Concat final : public Operator {
 public:
  explicit Concat(std::int64_t axis) : axis_(axis) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    if (inputs.empty()) return fail(Error::invalid("there is nothing to concatenate"));
    PLEAT_TRY(expect_inputs(inputs, inputs.size(), inputs.size()));
    PLEAT_TRY(expect_movable(inputs[0]));
    Shape shape = inputs[0].shape;
    PLEAT_ASSIGN(const int axis, normalize_axis(axis_, shape.rank()));
    joins_channels_ = axis == 1 && shape.elements() <= kMostChannels * shape.elements(2, shape.rank());
    channels_.clear();
    for (const Fact& input : inputs) channels_.push_back(joins_channels_ ? input.shape[1] : 0);
    for (const Fact& input : inputs.subspan(1)) {
      if (input.dtype != inputs[0].dtype) return fail(Error::invalid("the inputs are not of one type"));
      bool fits = input.shape.rank() == shape.rank();
      for (int i = 0; fits && i < shape.rank(); ++i) fits = i == axis || input.shape[i] == shape[i];
      if (!fits)
        return fail(Error::invalid("the inputs differ in more than the size of axis " + std::to_string(axis))
                        .expect(inputs[0].shape.text() + " but for that axis"));
      if (__builtin_add_overflow(shape[axis], input.shape[axis], &shape[axis]))
        return fail(Error::resource("shape too large to address"));
    }
    PLEAT_TRY(checked_elements(shape.dims(), size_of(inputs[0].dtype)));
    const auto size = static_cast<std::int64_t>(size_of(inputs[0].dtype));
    rows_ = shape.elements(0, axis);
    row_bytes_ = shape.elements(axis, shape.rank()) * size;
    alone_ = inputs.size() == 1;
    return std::vector<Fact>{{inputs[0].dtype, std::move(shape), std::nullopt}};
  }
  std::optional<int> view_of() const override { return alone_ ? std::optional<int>(0) : std::nullopt; }

  std::vector<ChannelOrigin> channel_origins(std::size_t) const override {
    std::vector<ChannelOrigin> origins;
    for (std::size_t i = 0; joins_channels_ && i < channels_.size(); ++i)
      for (std::int32_t c = 0; c < channels_[i]; ++c) origins.push_back({static_cast<std::int32_t>(i), c});
    return origins;
  }

  std::optional<PlanesForm> planes_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const override {
    PlanesForm form;
    if (!joins_channels_ || inputs.size() > kMostParts) return std::nullopt;
    for (const Fact& input : inputs) {
      form.inputs.push_back(input.constant ? Layout() : blocked_planes(input));
      if (!form.inputs.back()) return std::nullopt;
    }
    form.outputs = {blocked_planes(outputs[0])};
    return form;
  }
  void use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) override {
    parts_.clear();
    for (const Layout& input : inputs) parts_.push_back(*input);
    whole_ = *outputs[0];
    whole_blocks_ = std::all_of(parts_.begin(), parts_.end() - 1,
                                [](const Planes& part) { return part.channels % kChannelBlock == 0; });
    if (!whole_blocks_) table_.emplace(channel_origins(0));
  }

  std::vector<std::size_t> part_offsets() const override {
    std::vector<std::size_t> offsets;
    if (!whole_blocks_) return offsets;
    std::size_t offset = 0;
    for (const Planes& part : parts_) {
      if (part.batch != 1 || part.halo != whole_.halo) return {};
      offsets.push_back(offset);
      offset += static_cast<std::size_t>(part.image()) * sizeof(float);
    }
    return offsets;
  }

  void run(const RunContext& context) const noexcept override {
    if (!parts_.empty()) return run_on_planes(context);
    auto* column = static_cast<std::byte*>(context.outputs[0].data);
    if (rows_ == 0 || row_bytes_ == 0) return;
    for (const TensorView& input : context.inputs) {
      const std::size_t bytes = input.bytes() / static_cast<std::size_t>(rows_);
      if (bytes == 0) continue;
      const auto* source = static_cast<const std::byte*>(input.data);
      for (std::int64_t row = 0; row < rows_; ++row)
        std::memcpy(column + row * row_bytes_, source + static_cast<std::size_t>(row) * bytes, bytes);
      column += bytes;
    }
  }

 private:
  /// Image by image, the blocks of each part behind those of the part before.
  void run_on_planes(const RunContext& context) const {
    float* y = context.outputs[0].as<float>();
    if (table_) {
      ChannelSource sources[kMostParts];
      for (std::size_t i = 0; i < parts_.size(); ++i) sources[i] = {parts_[i], context.inputs[i].as<float>()};
      return gather_channels(*table_, std::span(sources, parts_.size()), whole_, y, *context.pool);
    }
    for (std::int64_t n = 0; n < whole_.batch; ++n) {
      std::int64_t block = 0;
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        Planes from = parts_[i];
        from.batch = 1;
        Planes to = from;
        to.halo = whole_.halo;
        reorder(from, context.inputs[i].as<float>() + n * from.image(), to,
                y + n * whole_.image() + block * whole_.block(), *context.pool);
        block += from.blocks();
      }
    }
  }

  static constexpr std::size_t kMostParts = 64;
  static constexpr std::int64_t kMostChannels = 1 << 20;

  std::int64_t axis_;
  bool joins_channels_ = false;
  std::vector<std::int64_t> channels_;  ///< of the parts, where they are joined
  std::vector<Planes> parts_;           ///< empty while row-major
  bool whole_blocks_ = true;            ///< each part but the last
  std::optional<ChannelTable> table_;   ///< where not
  Planes whole_;
  std::int64_t rows_ = 0;       ///< product of the sizes before the axis
  std::int64_t row_bytes_ = 0;  ///< of the output, from the axis on
  bool alone_ = false;
};

Result<std::unique_ptr<Operator>> make_concat(const Node& node, std::int64_t opset) {
  AttributeReader attributes(node);
  if (opset >= 4 && !attributes.has("axis")) return fail(Error::invalid("the attribute 'axis' is missing"));
  const std::int64_t axis = attributes.integer("axis", 1);
  PLEAT_TRY(attributes.finish());
  return std::make_unique<Concat>(axis);
}

}  // namespace

void register_concat(OpRegistry& registry) { registry.add("Concat", make_concat); }

}  // namespace pleat
