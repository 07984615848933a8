#pragma once

#include <string>

#include "tests/support/model_builder.h"
#include "tests/support/random_values.h"

namespace pleat {

inline Tensor random_tensor(Shape shape, unsigned seed, double low = -1, double high = 1) {
  const auto values = random_values<float>(shape.elements(), seed, low, high);
  return Tensor::of(std::move(shape), values);
}

/// Ranges that the statistics of a random BatchNormalization are drawn from.
struct StatisticRanges {
  double mean_low = -1, mean_high = 1;
  double variance_low = 0.25, variance_high = 2;
};

/// Adds y = BatchNormalization(x) with random parameters named "<y>.scale", ".bias", ".mean" and ".var".
inline void add_batch_norm(ModelBuilder& builder, const std::string& x, const std::string& y, std::int64_t channels,
                           unsigned seed, const StatisticRanges& ranges = {}) {
  builder.constant(y + ".scale", random_tensor({channels}, seed, 0.5, 2))
      .constant(y + ".bias", random_tensor({channels}, seed + 1))
      .constant(y + ".mean", random_tensor({channels}, seed + 2, ranges.mean_low, ranges.mean_high))
      .constant(y + ".var", random_tensor({channels}, seed + 3, ranges.variance_low, ranges.variance_high))
      .node("BatchNormalization", {x, y + ".scale", y + ".bias", y + ".mean", y + ".var"}, {y},
            {Attribute::number("epsilon", 1e-5F)});
}

/// LeNet in small: x [N,1,16,16] → Conv 4×3×3 + bias, bn1, Relu, MaxPool 2 → Conv 4×3×3, bn2, Relu, MaxPool 2
/// → Flatten → Gemm to 16 with transB and bias, bn3, Relu → MatMul to 16, bn4, Relu → Gemm to 10.
/// conv2 and the MatMul are square, so that no size betrays a wrong axis.
inline Model small_lenet(const StatisticRanges& ranges = {}) {
  ModelBuilder builder;
  builder.input("x", {-1, 1, 16, 16}).output("y");
  const auto pool =
      std::vector<Attribute>{Attribute::integers("kernel_shape", {2, 2}), Attribute::integers("strides", {2, 2})};
  builder.constant("w1", random_tensor({4, 1, 3, 3}, 1)).constant("b1", random_tensor({4}, 2));
  builder.node("Conv", {"x", "w1", "b1"}, {"conv1"}, {Attribute::integers("pads", {1, 1, 1, 1})});
  add_batch_norm(builder, "conv1", "bn1", 4, 10, ranges);
  builder.node("Relu", {"bn1"}, {"relu1"}).node("MaxPool", {"relu1"}, {"pool1"}, pool);
  builder.constant("w2", random_tensor({4, 4, 3, 3}, 3));
  builder.node("Conv", {"pool1", "w2"}, {"conv2"});
  add_batch_norm(builder, "conv2", "bn2", 4, 20, ranges);
  builder.node("Relu", {"bn2"}, {"relu2"}).node("MaxPool", {"relu2"}, {"pool2"}, pool);
  builder.node("Flatten", {"pool2"}, {"flat"});
  builder.constant("w3", random_tensor({16, 36}, 4)).constant("b3", random_tensor({16}, 5));
  builder.node("Gemm", {"flat", "w3", "b3"}, {"fc1"}, {Attribute::integer("transB", 1)});
  add_batch_norm(builder, "fc1", "bn3", 16, 30, ranges);
  builder.node("Relu", {"bn3"}, {"relu3"});
  builder.constant("w4", random_tensor({16, 16}, 6));
  builder.node("MatMul", {"relu3", "w4"}, {"fc2"});
  add_batch_norm(builder, "fc2", "bn4", 16, 40, ranges);
  builder.node("Relu", {"bn4"}, {"relu4"});
  builder.constant("w5", random_tensor({10, 16}, 7)).constant("b5", random_tensor({10}, 8));
  builder.node("Gemm", {"relu4", "w5", "b5"}, {"y"}, {Attribute::integer("transB", 1)});
  return builder.model();
}

}  // namespace pleat
