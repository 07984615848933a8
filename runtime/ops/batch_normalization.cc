#include <algorithm>
#include <array>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/batch_norm.h"
#include "runtime/kernels/blocked/pointwise.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

struct Options {
  float epsilon, momentum;
  bool training;
  bool per_activation;  ///< opset 1 to 8 with spatial = 0: statistics of shape X.shape[1:]
  bool mixed_types;
  std::vector<bool> outputs;  ///< which are wanted
};

template <class T>
T element(const TensorView& view, std::int64_t i) {
  return with_float(view.dtype, [&](auto zero) { return static_cast<T>(view.as<decltype(zero)>()[i]); });
}

/// Y = fma(X - mean, scale', B) per channel, scale' = scale / sqrt(var + epsilon), all in the type of X after
/// converting parameters of another type. In training mode mean and var are those of the batch, summed in the order of
/// LaneSum, the variance that of the population, and running' = running·momentum + batch·(1 - momentum).
class BatchNormalization final : public PlanesFollower, public RowMaker {
 public:
  explicit BatchNormalization(Options options) : options_(std::move(options)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 5, 5));
    PLEAT_TRY(check_types(inputs));
    const Shape& x = inputs[0].shape;
    if (x.rank() < 2)
      return fail(Error::invalid("the input has no channels").expect("[batch, channels, …]").saw("X" + x.text()));
    batch_ = x[0];
    channels_ = options_.per_activation ? x.elements(1, x.rank()) : x[1];
    spatial_ = options_.per_activation ? 1 : x.elements(2, x.rank());
    const Shape parameters =
        options_.per_activation ? Shape(std::vector<std::int64_t>(x.begin() + 1, x.end())) : Shape{x[1]};
    PLEAT_TRY(check_parameters(inputs, parameters));
    if (options_.training && batch_ * spatial_ == 0)
      return fail(Error::invalid("an empty batch has no statistics").saw("X" + x.text()));
    dtype_ = inputs[0].dtype;
    std::vector<Fact> facts = {{dtype_, x, std::nullopt}};
    for (std::size_t i = 1; i < options_.outputs.size(); ++i)
      facts.push_back(options_.outputs[i] ? Fact{inputs[2 + i].dtype, parameters, std::nullopt} : Fact{});
    return facts;
  }

  /// Batch statistics need X whole before Y is written; they are taken first, so Y may lie on X in both modes.
  std::optional<int> in_place_of() const override { return 0; }

  bool fuse(const Activation& f) override {
    if (dtype_ != DType::kFloat || activation_.function != Unary::kIdentity) return false;
    activation_ = f;
    return true;
  }

  /// On planes the parameters are known.
  Status prepare(std::span<const Fact> inputs, std::span<const Fact>, BufferArena& memory) override {
    if (!planes_) return {};
    parameters_ = memory.take(3 * row_bytes());
    if (parameters_.failed()) return fail(Error::resource("not enough memory for the parameters"));
    const std::size_t row = row_bytes() / sizeof(float);
    float* mean = reinterpret_cast<float*>(parameters_.data());
    std::fill_n(mean, 3 * row, 0.0F);
    std::array<Tensor, 4> loaded;
    for (std::size_t i = 0; i < 4; ++i) {
      PLEAT_ASSIGN(loaded[i], inputs[1 + i].constant->loaded());
    }
    const auto value = [&](std::size_t i, std::size_t c) { return loaded[i].data<float>()[c]; };
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels_); ++c) {
      mean[c] = value(2, c);
      mean[row + c] = normalization_scale(value(0, c), value(3, c), options_.epsilon);
      mean[2 * row + c] = value(1, c);
    }
    return {};
  }
  bool reads_constant(std::size_t) const override { return !planes_; }

  /// mean, scale' and shift, each a whole number of cache lines.
  std::size_t scratch_bytes(int) const override {
    if (planes_) return 0;
    return 3 * row_bytes() + (options_.training ? row_bytes() : 0);
  }

  bool makes_rows() const override { return planes_.has_value(); }
  void make_rows(const RunContext& context, const Planes& y_planes, float* y, std::int64_t n, std::int64_t b,
                 Interval rows) const override {
    normalize_rows(on_planes(context, y_planes, y), n, b, rows);
  }

  void run(const RunContext& context) const noexcept override {
    if (planes_) return normalize(on_planes(context, planes_->out, context.outputs[0].as<float>()), *context.pool);
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const auto row = [&](std::size_t i) { return reinterpret_cast<T*>(context.scratch + i * row_bytes()); };
      Normalization<T> problem = {.batch = batch_,
                                  .channels = channels_,
                                  .spatial = spatial_,
                                  .x = context.inputs[0].as<T>(),
                                  .mean = row(0),
                                  .scale = row(1),
                                  .shift = row(2),
                                  .y = context.outputs[0].as<T>()};
      if (options_.training) {
        batch_statistics(batch_, channels_, spatial_, problem.x, row(0), row(3), *context.pool);
        for (std::size_t i = 1; i < context.outputs.size(); ++i)
          if (context.outputs[i].present()) update(context.inputs[2 + i], row(i == 1 ? 0 : 3), context.outputs[i]);
      }
      const T epsilon = static_cast<T>(options_.epsilon);
      for (std::int64_t c = 0; c < channels_; ++c) {
        const T variance = options_.training ? row(3)[c] : element<T>(context.inputs[4], c);
        if (!options_.training) row(0)[c] = element<T>(context.inputs[3], c);
        row(1)[c] = normalization_scale(element<T>(context.inputs[1], c), variance, epsilon);
        row(2)[c] = element<T>(context.inputs[2], c);
      }
      normalize(problem, *context.pool);
      if constexpr (std::is_same_v<T, float>) apply_in_place(activation_, context);
    });
  }

 private:
  /// Its channels lie along axis 1 and are known numbers.
  bool can_follow(std::span<const Fact> inputs) const override {
    if (options_.training || options_.per_activation) return false;
    return std::all_of(inputs.begin() + 1, inputs.end(),
                       [](const Fact& input) { return input.constant && input.dtype == DType::kFloat; });
  }

  BlockedNormalization on_planes(const RunContext& context, const Planes& y_planes, float* y) const {
    return {.x_planes = planes_->in,
            .y_planes = y_planes,
            .x = context.inputs[0].as<float>(),
            .mean = parameter(0),
            .scale = parameter(1),
            .shift = parameter(2),
            .y = y,
            .activation = activation_};
  }

  const float* parameter(std::size_t i) const {
    return reinterpret_cast<const float*>(parameters_.data() + i * row_bytes());
  }

  Status check_types(std::span<const Fact> inputs) const {
    if (!options_.mixed_types) return expect_one_float_type(inputs);
    constexpr std::string_view kNames[] = {"X", "scale", "B", "mean", "var"};
    for (std::size_t i = 0; i < inputs.size(); ++i) PLEAT_TRY(expect_float(inputs[i], kNames[i]));
    for (std::size_t i : {1U, 3U})
      if (inputs[i].dtype != inputs[i + 1].dtype)
        return fail(Error::invalid("'" + std::string(kNames[i]) + "' and '" + std::string(kNames[i + 1]) +
                                   "' must have one type"));
    return {};
  }

  Status check_parameters(std::span<const Fact> inputs, const Shape& expected) const {
    constexpr std::string_view kNames[] = {"X", "scale", "B", "mean", "var"};
    for (std::size_t i = 1; i < 5; ++i)
      if (inputs[i].shape != expected)
        return fail(Error::invalid("'" + std::string(kNames[i]) + "' does not fit the input")
                        .expect(expected.text() + " for X" + inputs[0].shape.text())
                        .saw(inputs[i].shape.text()));
    return {};
  }

  /// In the type of the running statistic.
  template <class T>
  void update(const TensorView& running, const T* batch, const MutableTensorView& out) const {
    with_float(out.dtype, [&](auto zero) {
      using U = decltype(zero);
      const U momentum = static_cast<U>(options_.momentum);
      for (std::int64_t c = 0; c < channels_; ++c)
        out.as<U>()[c] = running.as<U>()[c] * momentum + static_cast<U>(batch[c]) * (U{1} - momentum);
    });
  }

  std::size_t row_bytes() const { return (static_cast<std::size_t>(channels_) * size_of(dtype_) + 63) / 64 * 64; }

  Options options_;
  std::int64_t batch_ = 0, channels_ = 0, spatial_ = 0;
  DType dtype_ = DType::kUndefined;
  Activation activation_;
  AlignedBuffer parameters_;  ///< mean, scale' and shift where the channels lie on planes
};

/// What the opset's way of saying "training" means for this node, or why it cannot be run.
Result<bool> training_mode(AttributeReader& reader, std::int64_t opset, std::size_t outputs) {
  if (opset >= 14) {
    const bool training = reader.integer("training_mode", 0) != 0;
    if (!training && outputs > 1)
      return fail(Error::invalid("running statistics are outputs of training mode only")
                      .expect("one output")
                      .saw(std::to_string(outputs))
                      .fix("set training_mode to 1 or drop the outputs"));
    return training;
  }
  constexpr const char* kRemedy = "export the model for inference, or convert it to opset 14 or newer";
  if (opset < 7 && reader.integer("is_test", 0) == 0)
    return fail(Error::unsupported("the node is in training mode (is_test is 0), which this opset leaves undefined")
                    .fix(kRemedy));
  if (outputs > 1)
    return fail(Error::unsupported("more than one output means training mode, which this opset leaves undefined")
                    .expect("one output")
                    .saw(std::to_string(outputs))
                    .fix(kRemedy));
  return false;
}

Result<std::unique_ptr<Operator>> make_batch_normalization(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  Options options;
  options.epsilon = reader.number("epsilon", 1e-5F);
  options.momentum = reader.number("momentum", 0.9F);
  options.per_activation = opset < 9 && reader.integer("spatial", 1) == 0;
  options.mixed_types = opset >= 14;
  if (opset < 6) reader.ignore("consumed_inputs");
  std::size_t outputs = node.outputs.size();
  while (outputs > 1 && node.outputs[outputs - 1].empty()) --outputs;
  const auto training = training_mode(reader, opset, outputs);
  PLEAT_TRY(reader.finish());
  if (!training) return fail(training.error());
  options.training = *training;
  if (opset >= 14 && outputs > 3)
    return fail(Error::invalid("too many outputs").expect("at most 3").saw(std::to_string(outputs)));
  for (const std::string& name : node.outputs) options.outputs.push_back(!name.empty());
  return std::make_unique<BatchNormalization>(std::move(options));
}

}  // namespace

void register_batch_normalization(OpRegistry& registry) {
  registry.add("BatchNormalization", make_batch_normalization);
}

}  // namespace pleat
