#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/support/model_builder.h"
#include "tests/support/random_values.h"

namespace pleat {

/// A convolutional network with the turns that real ones take, drawn at random: residual sums, gates, joins, splits by
/// groups, turns to channels last, pools, activations of many kinds, odd channel counts, paddings and sizes. Input "x",
/// output "y".
class RandomNetwork {
 public:
  explicit RandomNetwork(unsigned seed) : random_(seed) {
    const std::int64_t channels = pick({1, 3, 4, 7, 20}), size = pick({9, 14, 23});
    builder_.input("x", {-1, channels, size, size + pick({0, 3})});
    values_ = {{"x", channels, size, size}};
    Value last = conv(values_[0], 0);
    for (int i = 0; i < 9; ++i) last = step(last);
    builder_.node("GlobalAveragePool", {last.name}, {"pooled"}).node("Flatten", {"pooled"}, {"flat"});
    builder_.constant("fc", tensor({last.channels, 5})).node("MatMul", {"flat", "fc"}, {"scores"});
    builder_.constant("fc_bias", tensor({5})).node("Add", {"scores", "fc_bias"}, {"summed"});
    builder_.node("Relu", {"summed"}, {"y"}).output("y");
  }

  std::shared_ptr<const Model> share() const { return builder_.share(); }
  std::vector<std::int64_t> input_dims(std::int64_t batch) const {
    std::vector<std::int64_t> dims = {batch};
    for (std::size_t i = 1; i < 4; ++i) dims.push_back((*builder_.share()->graph.inputs[0].type.shape)[i].value);
    return dims;
  }

 private:
  struct Value {
    std::string name;
    std::int64_t channels, least_height, least_width;
  };

  std::int64_t pick(std::vector<std::int64_t> choices) { return choices[random_() % choices.size()]; }
  std::string fresh() { return "v" + std::to_string(count_++); }
  Tensor tensor(Shape shape) {
    const std::int64_t elements = shape.elements();
    return Tensor::of<float>(std::move(shape), random_values<float>(elements, static_cast<unsigned>(random_())));
  }

  Value node(const std::string& op, const std::vector<std::string>& inputs, Value like,
             std::vector<Attribute> attributes = {}) {
    like.name = fresh();
    builder_.node(op, inputs, {like.name}, std::move(attributes));
    return like;
  }

  std::string stored(Tensor value) {
    const std::string name = "c" + std::to_string(count_++);
    builder_.constant(name, std::move(value));
    return name;
  }
  std::string constant(Shape shape) { return stored(tensor(std::move(shape))); }
  std::string number(float value) { return stored(Tensor::scalar(value)); }

  /// `keep`: the output channels wanted, 0 for any. The size stays.
  Value conv(const Value& x, std::int64_t keep) {
    std::int64_t groups = 1, out = keep != 0 ? keep : pick({6, 16, 20, 32, 48, 70});
    const std::int64_t turn = pick({0, 0, 0, 1, 2});
    if (turn == 1 && (keep == 0 || keep == x.channels)) groups = out = x.channels;
    if (turn == 2 && x.channels % 4 == 0 && out % 4 == 0) groups = pick({2, 4});
    const std::int64_t kernel = pick({1, 3, 3, 5}), dilation = kernel == 3 ? pick({1, 1, 2}) : 1;
    const std::int64_t pad = (kernel - 1) / 2 * dilation;
    std::vector<std::string> inputs = {x.name, constant({out, x.channels / groups, kernel, kernel})};
    if (pick({0, 1}) != 0) inputs.push_back(constant({out}));
    return node("Conv", inputs, {"", out, 0, 0},
                {Attribute::integer("group", groups), Attribute::integers("pads", {pad, pad, pad, pad}),
                 Attribute::integers("dilations", {dilation, dilation})});
  }

  Value activation(const Value& x) {
    switch (pick({0, 1, 2, 3, 4, 5, 6, 7})) {
      case 0: return node("Relu", {x.name}, x);
      case 1: return node("Mul", {x.name, node("Sigmoid", {x.name}, x).name}, x);
      case 2: {
        const Value gate =
            node("HardSigmoid", {x.name}, x, {Attribute::number("alpha", 1.0F / 6), Attribute::number("beta", 0.5F)});
        return node("Mul", {gate.name, x.name}, x);
      }
      case 3: {
        builder_.constant("low" + std::to_string(count_), Tensor::scalar(0.0F));
        builder_.constant("high" + std::to_string(count_), Tensor::scalar(6.0F));
        return node("Clip", {x.name, "low" + std::to_string(count_), "high" + std::to_string(count_)}, x);
      }
      case 4: return node("LeakyRelu", {x.name}, x);
      case 5: return node("Tanh", {x.name}, x);
      case 6: return gelu(x);
      default: return node("Identity", {x.name}, x);
    }
  }

  /// Written out in one of the ways of exporters.
  Value gelu(const Value& x) {
    const Value scaled = pick({0, 1}) != 0 ? node("Div", {x.name, number(std::sqrt(2.0F))}, x)
                                           : node("Mul", {number(std::sqrt(0.5F)), x.name}, x);
    const Value sum = node("Add", {node("Erf", {scaled.name}, x).name, number(1)}, x);
    switch (pick({0, 1, 2})) {
      case 0: return node("Mul", {node("Mul", {x.name, sum.name}, x).name, number(0.5F)}, x);
      case 1: return node("Mul", {x.name, node("Mul", {number(0.5F), sum.name}, x).name}, x);
      default: return node("Mul", {node("Mul", {x.name, number(0.5F)}, x).name, sum.name}, x);
    }
  }

  Value gate(const Value& x) {
    const Value pooled = node("GlobalAveragePool", {x.name}, x);
    const Value squeezed = node("Conv", {pooled.name, constant({6, x.channels, 1, 1})}, {"", 6, 1, 1});
    const Value wide = node("Conv", {activation(squeezed).name, constant({x.channels, 6, 1, 1})}, x);
    return node("Mul", {x.name, node("Sigmoid", {wide.name}, x).name}, x);
  }

  /// A unit of ShuffleNet: join, shuffle, cut in half, and one half goes on through a convolution.
  Value shuffled(const Value& x) {
    const Value a = conv(x, 20), b = activation(conv(x, 20));
    const Value joined = node("Concat", {a.name, b.name}, {"", 40, 0, 0}, {Attribute::integer("axis", 1)});
    const std::vector<std::int64_t> in = input_dims(1);
    builder_.constant("cut" + joined.name, Tensor::of<std::int64_t>({5}, {-1, 2, 20, in[2], in[3]}));
    builder_.constant("back" + joined.name, Tensor::of<std::int64_t>({4}, {-1, 40, in[2], in[3]}));
    const Value cut = node("Reshape", {joined.name, "cut" + joined.name}, joined);
    const Value turned = node("Transpose", {cut.name}, cut, {Attribute::integers("perm", {0, 2, 1, 3, 4})});
    const Value back = node("Reshape", {turned.name, "back" + joined.name}, joined);
    const std::string left = fresh(), right = fresh();
    builder_.node("Split", {back.name}, {left, right}, {Attribute::integer("axis", 1)});
    return node("Concat", {left, conv({right, 20, 0, 0}, 20).name}, joined, {Attribute::integer("axis", 1)});
  }

  /// What ConvNeXt does between two depthwise convolutions: channels last, a product, and back.
  Value channels_last(const Value& x) {
    const Value turned = node("Transpose", {x.name}, x, {Attribute::integers("perm", {0, 2, 3, 1})});
    const std::int64_t wide = pick({x.channels, 20, 32});
    const Value product = node("MatMul", {turned.name, constant({x.channels, wide})}, {"", wide, 0, 0});
    const Value ended = pick({0, 1}) != 0 ? gelu(product) : product;
    const Value back = node("Transpose", {ended.name}, ended, {Attribute::integers("perm", {0, 3, 1, 2})});
    if (wide != x.channels) return back;
    return node("Add", {x.name, node("Mul", {constant({wide, 1, 1}), back.name}, x).name}, x);
  }

  Value step(const Value& x) {
    switch (pick({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})) {
      case 0: return activation(conv(x, 0));
      case 1: return activation(node("Add", {conv(x, x.channels).name, x.name}, x));
      case 2: return gate(x);
      case 3: {
        const Value a = activation(conv(x, pick({0, 16, 32}))), b = conv(x, 0);
        return node("Concat", {a.name, b.name, x.name}, {"", a.channels + b.channels + x.channels, 0, 0},
                    {Attribute::integer("axis", 1)});
      }
      case 4:
        return node("MaxPool", {x.name}, x,
                    {Attribute::integers("kernel_shape", {3, 3}), Attribute::integers("pads", {1, 1, 1, 1})});
      case 5:
        return node("AveragePool", {x.name}, x,
                    {Attribute::integers("kernel_shape", {3, 3}), Attribute::integers("pads", {1, 1, 1, 1})});
      case 6: {
        const std::string variance =
            stored(Tensor::of<float>({x.channels}, random_values<float>(x.channels, 7, 0.5, 2)));
        return activation(
            node("BatchNormalization",
                 {x.name, constant({x.channels}), constant({x.channels}), constant({x.channels}), variance}, x));
      }
      case 9: return shuffled(x);
      case 10: {
        const std::string pads = stored(Tensor::of<std::int64_t>({8}, {0, 0, 1, 1, 0, 0, 1, 1}));
        const std::string mode = pick({0, 1}) == 0 ? "constant" : "reflect";
        return node("AveragePool", {node("Pad", {x.name, pads}, x, {Attribute::text("mode", mode)}).name}, x,
                    {Attribute::integers("kernel_shape", {3, 3})});
      }
      case 11: return channels_last(x);
      case 7: return node("Mul", {x.name, constant({x.channels, 1, 1})}, x);
      default: return node("Add", {conv(x, 20).name, activation(conv(x, 20)).name}, {"", 20, 0, 0});
    }
  }

  std::mt19937 random_;
  ModelBuilder builder_;
  std::vector<Value> values_;
  int count_ = 0;
};

}  // namespace pleat
