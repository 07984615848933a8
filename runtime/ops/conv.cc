#include "runtime/kernels/conv.h"

#include <type_traits>

#include "runtime/base/aligned_buffer.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_conv_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/window_shared.h"

namespace pleat {
namespace {

/// Y[N,M,…] = B[M] + X[N,C,…] ∗ W[M,C/group,…], over one to three spatial axes. Each output is one chain of fused
/// multiply-adds in the order of reference::convolve.
class Conv final : public Operator {
  // Ahead of its callers, else clang 14 leaves it out: their generic lambdas are instantiated before it.
  template <class T>
  ConvProblem<T> shapes() const {
    ConvProblem<T> problem;
    problem.window = window_;
    problem.batch = batch_;
    problem.groups = group_;
    problem.in_channels = in_channels_;
    problem.out_channels = out_channels_;
    problem.packed_w = reinterpret_cast<const T*>(packed_.data());
    return problem;
  }

 public:
  Conv(WindowAttributes attributes, std::int64_t group) : attributes_(std::move(attributes)), group_(group) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 3));
    PLEAT_TRY(expect_one_float_type(inputs));
    const Shape& x = inputs[0].shape;
    const Shape& w = inputs[1].shape;
    PLEAT_TRY(expect_spatial(x));
    PLEAT_TRY(check_weights(x, w));
    if (inputs.size() > 2 && inputs[2].present() && inputs[2].shape != Shape{w[0]})
      return fail(Error::invalid("the bias B does not fit W").expect(Shape{w[0]}.text()).saw(inputs[2].shape.text()));
    const auto& kernel = w.dims();
    PLEAT_ASSIGN(window_, attributes_.resolve(std::span(x.dims()).subspan(2), std::span(kernel).subspan(2)));
    batch_ = x[0];
    in_channels_ = w[1];
    out_channels_ = w[0] / group_;
    has_bias_ = inputs.size() > 2 && inputs[2].present();
    Shape out = windowed_shape(x, w[0], window_);
    PLEAT_TRY(checked_elements(out.dims(), size_of(inputs[0].dtype)));
    dtype_ = inputs[0].dtype;
    out_shape_ = out;
    return std::vector<Fact>{{dtype_, std::move(out), std::nullopt}};
  }

  bool fuse(const Activation& f) override {
    if (dtype_ != DType::kFloat || activation_.function != Unary::kIdentity) return false;
    activation_ = f;
    return true;
  }
  bool fuse_addend(const Fact& addend) override {
    if (dtype_ != DType::kFloat || addend.constant || addend.shape != out_shape_ || has_addend_ ||
        activation_.function != Unary::kIdentity)
      return false;
    return has_addend_ = true;
  }

  std::optional<PlanesForm> planes_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const override {
    return form_for(kChannelBlock, inputs, outputs);
  }
  std::optional<PlanesForm> row_major_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const override {
    return form_for(1, inputs, outputs);
  }
  void use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) override {
    planes_ = PlanesConv::make(window_, *inputs[0], out_planes(), group_);
    planes_->use_planes(*inputs[0], outputs[0], has_addend_ ? inputs.back() : Layout{});
    addend_position_ = static_cast<int>(inputs.size()) - 1;
  }
  void allow_winograd() override {
    if (planes_) planes_->allow_winograd();
  }
  bool absorb(Operator& next, std::size_t position, bool read_once) override {
    if (!planes_ || has_addend_) return false;
    if (const auto* follower = dynamic_cast<PlanesFollower*>(&next)) {
      const auto pooling = follower->max_pooling();
      if (!pooling || !planes_->absorb(*pooling, activation_, read_once)) return false;
      activation_ = {};
      return true;
    }
    auto* reader = dynamic_cast<Conv*>(&next);
    if (reader == nullptr || !reader->planes_ || !planes_->absorb(reader->planes_, activation_, read_once))
      return false;
    activation_ = reader->activation_;
    has_addend_ = reader->has_addend_;
    absorbed_ = {position, reader->has_bias_, reader->macs()};
    if (has_addend_) addend_position_ = static_cast<int>(position) + reader->addend_position_ - 1;
    return true;
  }
  bool absorb_maker(std::unique_ptr<Operator>& maker, std::size_t count) override {
    const auto* rows = dynamic_cast<RowMaker*>(maker.get());
    if (rows == nullptr || !rows->makes_rows() || !planes_ || !planes_->take_rows()) return false;
    maker_ = {std::move(maker), rows, count};
    addend_position_ += static_cast<int>(count) - 1;
    return true;
  }
  std::optional<int> in_place_of() const override {
    return planes_ && has_addend_ && planes_->may_overwrite_addend() ? std::optional(addend_position_) : std::nullopt;
  }
  std::string algorithm() const override { return planes_ ? planes_->algorithm() : "row-major"; }

  Status prepare(std::span<const Fact> inputs, std::span<const Fact>, BufferArena& memory) override {
    const auto pack = [&](PlanesConv& conv, std::size_t weights, bool has_bias) {
      return conv.pack(*inputs[weights].constant, has_bias ? &*inputs[weights + 1].constant : nullptr, memory);
    };
    if (planes_) {
      if (PlanesConv* next = planes_->absorbed()) PLEAT_TRY(pack(*next, absorbed_.weights, absorbed_.has_bias));
      if (maker_.op) PLEAT_TRY(maker_.op->prepare(inputs.first(maker_.inputs), {}, memory));
      return pack(*planes_, maker_.inputs, has_bias_);
    }
    if (!inputs[1].constant) return {};
    return with_float(dtype_, [&](auto zero) -> Status {
      using T = decltype(zero);
      auto problem = shapes<T>();
      packed_ = memory.take(static_cast<std::size_t>(problem.weights()) * sizeof(T));
      if (packed_.failed()) return fail(Error::resource("not enough memory for packed weights"));
      problem.w = inputs[1].constant->template data<T>().data();
      pack_weights(problem, reinterpret_cast<T*>(packed_.data()));
      return {};
    });
  }

  bool takes_unaligned_constants() const override { return planes_ != nullptr; }
  bool reads_constant(std::size_t input) const override {
    if (maker_.op && input < maker_.inputs) return maker_.op->reads_constant(input);
    return planes_ == nullptr;
  }

  std::size_t scratch_bytes(int threads) const override {
    if (planes_) return planes_->scratch_bytes(threads);
    return with_float(dtype_, [&](auto zero) { return conv_scratch_bytes(shapes<decltype(zero)>(), threads); });
  }

  void run(const RunContext& context) const noexcept override {
    if (planes_) {
      const float* addend = has_addend_ ? context.inputs.back().as<float>() : nullptr;
      const auto run = [&](auto x) {
        planes_->run(x, addend, activation_, context.outputs[0].as<float>(), context.scratch, *context.pool);
      };
      if (!maker_.op) return run(context.inputs[0].as<float>());
      const auto make = [&](const Planes& planes, float* x, std::int64_t n, std::int64_t b, Interval rows) {
        maker_.rows->make_rows(context, planes, x, n, b, rows);
      };
      return run(MakeRows(make));
    }
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      auto problem = shapes<T>();
      problem.x = context.inputs[0].as<T>();
      problem.w = context.inputs[1].as<T>();
      if (has_bias_) problem.bias = context.inputs[2].as<T>();
      problem.y = context.outputs[0].as<T>();
      conv(problem, context.scratch, *context.pool);
      if constexpr (std::is_same_v<T, float>) apply_epilogue(context);
    });
  }

  std::int64_t macs() const override {
    return absorbed_.macs + batch_ * group_ * out_channels_ * in_channels_ * window_.taps() * window_.out_elements();
  }

 private:
  Planes out_planes() const {
    return {batch_, group_ * out_channels_, window_.out[1], window_.out[2], kChannelBlock, {}};
  }

  /// The form for an x that is made with so many lanes.
  std::optional<PlanesForm> form_for(std::int64_t lanes, std::span<const Fact> inputs,
                                     std::span<const Fact> outputs) const {
    if (!inputs[1].constant || (has_bias_ && !inputs[2].constant) || inputs[0].constant) return std::nullopt;
    Layout in = blocked_planes(inputs[0]);
    if (!in || !blocked_planes(outputs[0])) return std::nullopt;
    in->lanes = lanes;
    const auto conv = PlanesConv::make(window_, *in, out_planes(), group_);
    if (!conv) return std::nullopt;
    PlanesForm form;
    form.inputs.resize(inputs.size());
    form.inputs[0] = conv->in();
    form.outputs = {conv->out()};
    if (has_addend_) form.inputs.back() = conv->out();
    form.leads = true;
    return form;
  }

  void apply_epilogue(const RunContext& context) const {
    float* y = context.outputs[0].as<float>();
    const float* addend = has_addend_ ? context.inputs.back().as<float>() : nullptr;
    for (std::int64_t i = 0; addend != nullptr && i < context.outputs[0].elements(); ++i) y[i] += addend[i];
    apply_in_place(activation_, context);
  }

  Status check_weights(const Shape& x, const Shape& w) const {
    if (w.rank() != x.rank())
      return fail(Error::invalid("the weights W do not have the rank of X")
                      .expect("rank " + std::to_string(x.rank()))
                      .saw("W" + w.text()));
    if (x[1] != w[1] * group_)
      return fail(Error::invalid("the channels of X do not match W and group")
                      .expect(std::to_string(w[1] * group_) + " channels (W" + w.text() + ", group " +
                              std::to_string(group_) + ")")
                      .saw("X" + x.text()));
    if (w[0] % group_ != 0)
      return fail(Error::invalid("the output channels do not divide into groups")
                      .expect("a multiple of " + std::to_string(group_))
                      .saw("W" + w.text()));
    const std::vector<std::int64_t> kernel(w.begin() + 2, w.end());
    if (!attributes_.kernel_shape.empty() && attributes_.kernel_shape != kernel)
      return fail(Error::invalid("the attribute 'kernel_shape' is not that of W")
                      .expect(Shape(kernel).text())
                      .saw(Shape(attributes_.kernel_shape).text()));
    for (std::int64_t size : kernel)
      if (size < 1) return fail(Error::invalid("the weights W are empty along a spatial axis").saw("W" + w.text()));
    return {};
  }

  WindowAttributes attributes_;
  std::int64_t group_;
  Window window_;
  Shape out_shape_;
  std::int64_t batch_ = 0, in_channels_ = 0, out_channels_ = 0;
  DType dtype_ = DType::kUndefined;
  bool has_bias_ = false, has_addend_ = false;
  Activation activation_;
  AlignedBuffer packed_;
  std::unique_ptr<PlanesConv> planes_;  ///< null while row-major
  int addend_position_ = -1;
  struct {
    std::size_t weights = 0;  ///< position among the inputs, the bias behind them
    bool has_bias = false;
    std::int64_t macs = 0;
  } absorbed_;
  struct {
    std::unique_ptr<Operator> op;
    const RowMaker* rows = nullptr;  ///< the same
    std::size_t inputs = 1;          ///< of it, in the place of x
  } maker_;                          ///< of x, if it makes that itself
};

Result<std::unique_ptr<Operator>> make_conv(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  WindowAttributes window = WindowAttributes::read(reader);
  window.dilations = reader.integers("dilations");
  const std::int64_t group = reader.integer("group", 1);
  PLEAT_TRY(reader.finish());
  PLEAT_TRY(window.check());
  if (group < 1) return fail(Error::invalid("group out of range").expect("at least 1").saw(std::to_string(group)));
  return std::make_unique<Conv>(std::move(window), group);
}

}  // namespace

void register_conv(OpRegistry& registry) { registry.add("Conv", make_conv); }

}  // namespace pleat
