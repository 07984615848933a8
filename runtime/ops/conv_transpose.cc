#include "runtime/kernels/conv_transpose.h"

#include <algorithm>

#include "runtime/base/aligned_buffer.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/window_shared.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

/// The attributes beside those that Conv has too.
struct Attributes {
  WindowAttributes window;
  std::int64_t group = 1;
  Ints output_padding, output_shape;
};

/// Y[N,M,…] = B[M] + X[N,C,…] spread by W[C,M/group,…], over one to three spatial axes. Each output is one chain of
/// fused multiply-adds in the order of reference::convolve_transposed.
class ConvTranspose final : public Operator {
  // Ahead of its callers, else clang 14 leaves it out: their generic lambdas are instantiated before it.
  template <class T>
  ConvTransposeProblem<T> shapes() const {
    ConvTransposeProblem<T> problem;
    problem.window = window_;
    problem.batch = batch_;
    problem.groups = attributes_.group;
    problem.in_channels = in_channels_;
    problem.out_channels = out_channels_;
    problem.packed_w = reinterpret_cast<const T*>(packed_.data());
    return problem;
  }

 public:
  explicit ConvTranspose(Attributes attributes) : attributes_(std::move(attributes)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 3));
    PLEAT_TRY(expect_one_float_type(inputs));
    const Shape& x = inputs[0].shape;
    const Shape& w = inputs[1].shape;
    PLEAT_TRY(expect_spatial(x));
    PLEAT_TRY(check_weights(x, w));
    batch_ = x[0];
    in_channels_ = w[0] / attributes_.group;
    out_channels_ = w[1];
    std::int64_t channels = 0;
    if (__builtin_mul_overflow(out_channels_, attributes_.group, &channels))
      return fail(Error::invalid("group out of range").saw(std::to_string(attributes_.group)));
    if (inputs.size() > 2 && inputs[2].present() && inputs[2].shape != Shape{channels})
      return fail(
          Error::invalid("the bias B does not fit W").expect(Shape{channels}.text()).saw(inputs[2].shape.text()));
    PLEAT_ASSIGN(window_, resolve(Ints(x.begin() + 2, x.end()), Ints(w.begin() + 2, w.end())));
    Ints dims = {batch_, channels};
    dims.insert(dims.end(), window_.in.end() - (x.rank() - 2), window_.in.end());
    PLEAT_TRY(checked_elements(dims, size_of(inputs[0].dtype)));
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }

  Status prepare(std::span<const Fact> inputs, std::span<const Fact>, BufferArena& memory) override {
    dtype_ = inputs[0].dtype;
    if (!inputs[1].constant) return {};
    return with_float(dtype_, [&](auto zero) -> Status {
      using T = decltype(zero);
      auto problem = shapes<T>();
      const std::size_t bytes = static_cast<std::size_t>(problem.weights()) * sizeof(T);
      AlignedBuffer arranged(bytes);
      packed_ = memory.take(bytes);
      if (packed_.failed() || arranged.failed()) return fail(Error::resource("not enough memory for packed weights"));
      problem.w = inputs[1].constant->template data<T>().data();
      pack_transposed_weights(problem, reinterpret_cast<T*>(arranged.data()), reinterpret_cast<T*>(packed_.data()));
      return {};
    });
  }

  std::size_t scratch_bytes(int threads) const override {
    return with_float(dtype_,
                      [&](auto zero) { return conv_transpose_scratch_bytes(shapes<decltype(zero)>(), threads); });
  }

  void run(const RunContext& context) const noexcept override {
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      auto problem = shapes<T>();
      problem.x = context.inputs[0].as<T>();
      problem.w = context.inputs[1].as<T>();
      if (context.inputs.size() > 2 && context.inputs[2].present()) problem.bias = context.inputs[2].as<T>();
      problem.y = context.outputs[0].as<T>();
      conv_transpose(problem, context.scratch, *context.pool);
    });
  }

  std::int64_t macs() const override {
    return batch_ * attributes_.group * out_channels_ * in_channels_ * window_.taps() * window_.out_elements();
  }

 private:
  Status check_weights(const Shape& x, const Shape& w) const {
    if (w.rank() != x.rank())
      return fail(Error::invalid("the weights W do not have the rank of X")
                      .expect("rank " + std::to_string(x.rank()))
                      .saw("W" + w.text()));
    if (x[1] != w[0])
      return fail(Error::invalid("the channels of X do not match W")
                      .expect(std::to_string(w[0]) + " channels (W" + w.text() + ")")
                      .saw("X" + x.text()));
    if (w[0] % attributes_.group != 0)
      return fail(Error::invalid("the input channels do not divide into groups")
                      .expect("a multiple of " + std::to_string(attributes_.group))
                      .saw("W" + w.text()));
    const Ints kernel(w.begin() + 2, w.end());
    if (!attributes_.window.kernel_shape.empty() && attributes_.window.kernel_shape != kernel)
      return fail(Error::invalid("the attribute 'kernel_shape' is not that of W")
                      .expect(Shape(kernel).text())
                      .saw(Shape(attributes_.window.kernel_shape).text()));
    for (std::int64_t size : kernel)
      if (size < 1) return fail(Error::invalid("the weights W are empty along a spatial axis").saw("W" + w.text()));
    return {};
  }

  Result<Window> resolve(const Ints& in, const Ints& kernel) const {
    const WindowAttributes& a = attributes_.window;
    const std::size_t axes = in.size();
    if (axes > Window::kAxes)
      return fail(Error::unsupported("too many spatial axes").expect("1, 2 or 3").saw(std::to_string(axes)));
    PLEAT_TRY(check_length("strides", a.strides, axes));
    PLEAT_TRY(check_length("dilations", a.dilations, axes));
    PLEAT_TRY(check_length("pads", a.pads, 2 * axes));
    PLEAT_TRY(check_length("output_padding", attributes_.output_padding, axes));
    PLEAT_TRY(check_length("output_shape", attributes_.output_shape, axes));
    for (const Ints* list :
         {&a.strides, &a.dilations, &a.pads, &attributes_.output_padding, &attributes_.output_shape, &in, &kernel})
      if (std::any_of(list->begin(), list->end(), [](std::int64_t value) { return value >= std::int64_t{1} << 31; }))
        return fail(Error::unsupported("a size, stride, dilation or padding of 2^31 or more"));
    Window window;
    for (std::size_t i = 0; i < axes; ++i) {
      const std::size_t at = Window::kAxes - axes + i;
      window.out[at] = in[i];
      window.kernel[at] = kernel[i];
      window.stride[at] = a.strides.empty() ? 1 : a.strides[i];
      window.dilation[at] = a.dilations.empty() ? 1 : a.dilations[i];
      PLEAT_TRY(place_axis(window, at, i, axes));
    }
    return window;
  }

  /// The size of y along one axis, and the padding taken off what the taps reach.
  Status place_axis(Window& window, std::size_t at, std::size_t i, std::size_t axes) const {
    const WindowAttributes& a = attributes_.window;
    const bool same = a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER";
    const std::int64_t extra = attributes_.output_padding.empty() ? 0 : attributes_.output_padding[i];
    const std::int64_t reach =
        window.stride[at] * (window.out[at] - 1) + extra + (window.kernel[at] - 1) * window.dilation[at] + 1;
    if (same || !attributes_.output_shape.empty()) {
      window.in[at] =
          attributes_.output_shape.empty() ? window.out[at] * window.stride[at] : attributes_.output_shape[i];
      const std::int64_t total = std::max<std::int64_t>(0, reach - window.in[at]);
      window.pad_begin[at] = a.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
      window.pad_end[at] = total - window.pad_begin[at];
      return {};
    }
    window.pad_begin[at] = a.pads.empty() ? 0 : a.pads[i];
    window.pad_end[at] = a.pads.empty() ? 0 : a.pads[axes + i];
    window.in[at] = reach - window.pad_begin[at] - window.pad_end[at];
    if (window.out[at] > 0 && window.in[at] > 0) return {};
    return fail(Error::invalid("nothing of the output remains")
                    .expect("at least one element along each spatial axis")
                    .saw(std::to_string(window.in[at]) + " with padding " + std::to_string(window.pad_begin[at]) +
                         " and " + std::to_string(window.pad_end[at])));
  }

  Attributes attributes_;
  Window window_;
  std::int64_t batch_ = 0, in_channels_ = 0, out_channels_ = 0;
  DType dtype_ = DType::kUndefined;
  AlignedBuffer packed_;
};

Status check_not_negative(const char* name, const Ints& list) {
  if (std::none_of(list.begin(), list.end(), [](std::int64_t value) { return value < 0; })) return {};
  return fail(Error::invalid("the attribute '" + std::string(name) + "' has a value out of range")
                  .expect("at least 0")
                  .saw(Shape(list).text()));
}

Result<std::unique_ptr<Operator>> make_conv_transpose(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  Attributes attributes;
  attributes.window = WindowAttributes::read(reader);
  attributes.window.dilations = reader.integers("dilations");
  attributes.group = reader.integer("group", 1);
  attributes.output_padding = reader.integers("output_padding");
  attributes.output_shape = reader.integers("output_shape");
  PLEAT_TRY(reader.finish());
  PLEAT_TRY(attributes.window.check());
  PLEAT_TRY(check_not_negative("output_padding", attributes.output_padding));
  PLEAT_TRY(check_not_negative("output_shape", attributes.output_shape));
  if (attributes.group < 1)
    return fail(Error::invalid("group out of range").expect("at least 1").saw(std::to_string(attributes.group)));
  return std::make_unique<ConvTranspose>(std::move(attributes));
}

}  // namespace

void register_conv_transpose(OpRegistry& registry) { registry.add("ConvTranspose", make_conv_transpose); }

}  // namespace pleat
