#include <cstring>
#include <numeric>

#include "runtime/ops/axes_shared.h"
#include "runtime/ops/channel_gather_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

/// Cuts X along one axis. The sizes of the parts are given by the attribute `split` (before opset 13) or by an input;
/// else the parts are equal, from opset 18 on but for a smaller last one.
class Split final : public Operator {
 public:
  struct Form {
    std::int64_t axis;
    ListParameter split;
    bool by_input;
    std::int64_t opset;
    std::vector<bool> wanted;  ///< which outputs
  };
  explicit Split(Form form) : form_(std::move(form)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, form_.by_input ? 2 : 1));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    PLEAT_ASSIGN(const int axis, normalize_axis(form_.axis, from.rank()));
    PLEAT_ASSIGN(const auto given, form_.split.resolve(inputs));
    Ints sizes;
    if (given) {
      sizes = *given;
    } else {
      PLEAT_ASSIGN(sizes, equal_parts(from[axis]));
    }
    PLEAT_TRY(check_sizes(sizes, from[axis]));
    rows_ = from.elements(0, axis);
    row_bytes_ = from.elements(axis, from.rank()) * static_cast<std::int64_t>(size_of(inputs[0].dtype));
    std::vector<Fact> facts;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      Shape shape = from;
      shape[axis] = sizes[i];
      facts.push_back(form_.wanted[i] ? Fact{inputs[0].dtype, std::move(shape), std::nullopt} : Fact{});
    }
    cuts_channels_ = axis == 1;
    sizes_ = sizes;
    part_bytes_.clear();
    for (std::int64_t size : sizes) part_bytes_.push_back(from[axis] == 0 ? 0 : row_bytes_ / from[axis] * size);
    return facts;
  }

  std::optional<int> view_of() const override { return part_bytes_.size() == 1 ? std::optional<int>(0) : std::nullopt; }

  std::vector<ChannelOrigin> channel_origins(std::size_t output) const override {
    if (!cuts_channels_ || output >= sizes_.size()) return {};
    const auto first =
        std::accumulate(sizes_.begin(), sizes_.begin() + static_cast<std::ptrdiff_t>(output), Ints::value_type{0});
    return channel_range(first, sizes_[output]);
  }

  void run(const RunContext& context) const noexcept override {
    const auto* column = static_cast<const std::byte*>(context.inputs[0].data);
    for (std::size_t i = 0; i < part_bytes_.size(); ++i) {
      const std::int64_t bytes = part_bytes_[i];
      if (context.outputs[i].present() && bytes > 0) {
        auto* target = static_cast<std::byte*>(context.outputs[i].data);
        for (std::int64_t row = 0; row < rows_; ++row)
          std::memcpy(target + row * bytes, column + row * row_bytes_, static_cast<std::size_t>(bytes));
      }
      if (row_bytes_ > 0) column += bytes;
    }
  }

 private:
  Result<Ints> equal_parts(std::int64_t size) const {
    const auto parts = static_cast<std::int64_t>(form_.wanted.size());
    const std::int64_t part = (size + parts - 1) / parts;
    const std::int64_t last = size - part * (parts - 1);
    if (last < 0 || (last != part && form_.opset < 18))
      return fail(Error::invalid("the axis does not divide into the outputs")
                      .expect("a multiple of " + std::to_string(parts))
                      .saw(std::to_string(size)));
    Ints sizes(static_cast<std::size_t>(parts), part);
    sizes.back() = last;
    return sizes;
  }

  Status check_sizes(const Ints& sizes, std::int64_t whole) const {
    if (sizes.size() != form_.wanted.size())
      return fail(Error::invalid("'split' does not fit the outputs")
                      .expect(std::to_string(form_.wanted.size()) + " sizes")
                      .saw(Shape(sizes).text()));
    std::int64_t left = whole;
    for (std::int64_t size : sizes) {
      if (size < 0 || size > left)
        return fail(Error::invalid("the parts do not make up the axis")
                        .expect("sizes that sum to " + std::to_string(whole))
                        .saw(Shape(sizes).text()));
      left -= size;
    }
    if (left == 0) return {};
    return fail(Error::invalid("the parts do not make up the axis")
                    .expect("sizes that sum to " + std::to_string(whole))
                    .saw(Shape(sizes).text()));
  }

  bool cuts_channels_ = false;
  Ints sizes_;  ///< of the parts along the axis
  Form form_;
  std::int64_t rows_ = 0;       ///< product of the sizes before the axis
  std::int64_t row_bytes_ = 0;  ///< of the input, from the axis on
  Ints part_bytes_;             ///< of the same, of each output
};

Result<std::unique_ptr<Operator>> make_split(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  Split::Form form;
  form.axis = reader.integer("axis", 0);
  form.by_input = opset >= 13 || (opset == 1 && node.inputs.size() > 1);
  form.split = form.by_input ? ListParameter::input(1, "split") : ListParameter::attribute(reader, "split");
  form.opset = opset;
  for (const std::string& name : node.outputs) form.wanted.push_back(!name.empty());
  const auto outputs = static_cast<std::int64_t>(form.wanted.size());
  const std::int64_t num_outputs = opset >= 18 ? reader.integer("num_outputs", outputs) : outputs;
  PLEAT_TRY(reader.finish());
  if (outputs == 0) return fail(Error::invalid("there are no outputs to split into"));
  if (num_outputs != outputs)
    return fail(Error::invalid("the attribute 'num_outputs' is not the number of outputs")
                    .expect(std::to_string(outputs))
                    .saw(std::to_string(num_outputs)));
  return std::make_unique<Split>(std::move(form));
}

}  // namespace

void register_split(OpRegistry& registry) { registry.add("Split", make_split); }

}  // namespace pleat
