#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "models/layers/layer.h"

namespace pleat::testing {

inline Batch<double> random_batch(std::int64_t samples, const Shape& shape, Random& random) {
  Batch<double> batch(samples, shape);
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t f = 0; f < batch.features(); ++f) batch.at(n, f) = random.normal();
  }
  return batch;
}

/// Compares *value's analytic derivative with (f(v+h) - f(v-h)) / 2h.
inline void expect_derivative(double& value, double analytic, const std::function<double()>& loss,
                              const std::string& name) {
  constexpr double kStep = 1e-5;
  const double kept = value;
  value = kept + kStep;
  const double above = loss();
  value = kept - kStep;
  const double below = loss();
  value = kept;
  const double numeric = (above - below) / (2 * kStep);
  EXPECT_NEAR(analytic, numeric, 1e-7 * (1 + std::abs(numeric))) << name;
}

/// Checks dLoss/dinput and dLoss/dparameter of `layer` for Loss = Σ g·y with a random g, on 35 samples (two blocks, one
/// of them partly filled) and on 3, with one thread and with two.
inline void check_gradients(Layer<double>& layer, const Shape& input, Mode mode = Mode::kTraining) {
  for (const std::int64_t samples : {3, 35}) {
    SCOPED_TRACE(fmt::format("{} samples of {}", samples, input.text()));
    Random random(7);
    ThreadPool pool(samples > 3 ? 2 : 1);
    for (const auto& parameter : layer.parameters()) {
      for (double& value : parameter.value) value = random.normal();
    }
    Batch<double> x = random_batch(samples, input, random);
    const Shape output = layer.output_shape(input).value();
    const Batch<double> g = random_batch(samples, output, random);
    Batch<double> y(samples, output);
    const auto loss = [&] {
      layer.forward(x, y, mode, pool);
      double sum = 0;
      for (std::int64_t n = 0; n < samples; ++n) {
        for (std::int64_t f = 0; f < y.features(); ++f) sum += y.at(n, f) * g.at(n, f);
      }
      return sum;
    };
    loss();
    Batch<double> dx(samples, input);
    layer.backward(x, y, g, &dx, pool);
    std::vector<std::vector<double>> analytic;
    for (const auto& p : layer.parameters()) analytic.emplace_back(p.gradient.begin(), p.gradient.end());
    const std::int64_t stride = samples > 3 ? 17 : 1;  // of the many inputs of the larger case, some
    for (std::int64_t i = 0; i < samples * dx.features(); i += stride) {
      const std::int64_t n = i / dx.features(), f = i % dx.features();
      expect_derivative(x.at(n, f), dx.at(n, f), loss, fmt::format("x[{},{}]", n, f));
    }
    const auto parameters = layer.parameters();
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      for (std::size_t i = 0; i < analytic[p].size(); ++i) {
        expect_derivative(parameters[p].value[i], analytic[p][i], loss, fmt::format("{}[{}]", parameters[p].name, i));
      }
    }
  }
}

}  // namespace pleat::testing
