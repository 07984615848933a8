#include "runtime/ops/channel_gather_shared.h"

#include <algorithm>
#include <cstring>

#include "runtime/ops/planes_shared.h"

namespace pleat {
namespace {

class ChannelGather final : public Operator {
 public:
  explicit ChannelGather(std::vector<ChannelOrigin> origins) : table_(std::move(origins)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    Shape shape = inputs[0].shape;
    shape[1] = static_cast<std::int64_t>(table_.origins().size());
    return std::vector<Fact>{{inputs[0].dtype, std::move(shape), std::nullopt}};
  }

  std::vector<ChannelOrigin> channel_origins(std::size_t) const override { return table_.origins(); }

  std::optional<PlanesForm> planes_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const override {
    PlanesForm form;
    if (inputs.size() > kMostSources) return std::nullopt;
    for (const Fact& input : inputs) {
      form.inputs.push_back(blocked_planes(input));
      if (!form.inputs.back()) return std::nullopt;
    }
    form.outputs = {blocked_planes(outputs[0])};
    return form.outputs[0] ? std::optional(std::move(form)) : std::nullopt;
  }
  void use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) override {
    sources_.clear();
    for (const Layout& input : inputs) sources_.push_back(*input);
    out_ = outputs[0];
  }

  void run(const RunContext& context) const noexcept override {
    float* y = context.outputs[0].as<float>();
    if (out_) {
      ChannelSource sources[kMostSources];
      for (std::size_t i = 0; i < sources_.size(); ++i) sources[i] = {sources_[i], context.inputs[i].as<float>()};
      return gather_channels(table_, std::span(sources, sources_.size()), *out_, y, *context.pool);
    }
    const Shape& shape = *context.outputs[0].shape;
    const std::int64_t plane = shape.elements(2, shape.rank());
    for (std::int64_t n = 0; n < shape[0]; ++n)
      for (const ChannelOrigin& origin : table_.origins()) {
        const TensorView& from = context.inputs[static_cast<std::size_t>(origin.source)];
        std::memcpy(y, from.as<float>() + (n * (*from.shape)[1] + origin.channel) * plane,
                    static_cast<std::size_t>(plane) * sizeof(float));
        y += plane;
      }
  }

 private:
  static constexpr std::size_t kMostSources = 16;

  ChannelTable table_;
  std::vector<Planes> sources_;
  Layout out_;  ///< absent while row-major
};

}  // namespace

std::vector<ChannelOrigin> channel_range(std::int64_t first, std::int64_t count) {
  std::vector<ChannelOrigin> origins;
  for (std::int64_t c = 0; c < count; ++c) origins.push_back({0, static_cast<std::int32_t>(first + c)});
  return origins;
}

std::unique_ptr<Operator> make_channel_gather(std::vector<ChannelOrigin> origins) {
  return std::make_unique<ChannelGather>(std::move(origins));
}

}  // namespace pleat
