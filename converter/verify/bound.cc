#include "converter/verify/bound.h"

#include <algorithm>
#include <cmath>

namespace pleat {
namespace {

/// Per channel: how many folded weights are below the smallest normal number without being zero.
std::vector<double> tiny_weights(const CheckedLayer& layer, const Precision& precision) {
  std::vector<double> count(layer.channels(), 0);
  const auto values = to_doubles(layer.weight);
  PLEAT_CHECK(values.has_value());
  const Shape& shape = layer.weight.shape();
  const auto inner = static_cast<std::size_t>(shape.elements(layer.weight_axis + 1, shape.rank()));
  for (std::size_t i = 0; i < values->size(); ++i) {
    const std::size_t c = i / inner % layer.channels();
    const double folded = std::fabs(layer.scale[c].hi * (*values)[i]);
    if (folded < precision.smallest_normal && (*values)[i] != 0 && layer.scale[c].hi != 0) ++count[c];
  }
  return count;
}

struct BiasReach {
  double before = 0;  ///< largest |b| of the channel over the rows
  double after = 0;   ///< largest |B*|
  bool tiny = false;
};

BiasReach bias_reach(const CheckedLayer& layer, std::size_t channel, const Precision& precision) {
  BiasReach reach;
  for (std::size_t i = channel; i < layer.moved.size(); i += layer.channels()) {
    const double after = std::fabs(layer.moved[i].hi);
    reach.before = std::max(reach.before, std::fabs(layer.bias_factor * layer.bias[i]));
    reach.after = std::max(reach.after, after);
    reach.tiny = reach.tiny || (after < precision.smallest_normal && after != 0);
  }
  return reach;
}

}  // namespace

double gamma(double n, double u) {
  const double loss = n * u;
  return loss < 1 ? loss / (1 - loss) : HUGE_VAL;
}

std::vector<ChannelBound> channel_bounds(const CheckedLayer& layer, const Precision& precision) {
  const double u = precision.unit_roundoff;
  const auto terms = static_cast<double>(layer.terms + layer.extra_roundings);
  const auto steps = static_cast<double>(layer.steps.size());
  // A is itself a sum of `terms` products in double, and the folded parameters come from double-double.
  const double in_double = gamma(terms + 8, kDoubleArithmetic.unit_roundoff);
  const std::vector<double> tiny = tiny_weights(layer, precision);
  std::vector<ChannelBound> bounds(layer.channels());
  for (std::size_t c = 0; c < bounds.size(); ++c) {
    ChannelBound& bound = bounds[c];
    const BiasReach bias = bias_reach(layer, c, precision);
    bound.scale = std::fabs(layer.scale[c].hi);
    bound.bias = bias.before;
    const double both = gamma(terms + 8 * steps, u) + gamma(terms + 2, u) + in_double;
    bound.per_magnitude = both * bound.scale * (1 + in_double);
    bound.fixed = (gamma(terms + 8 * steps, u) + in_double) * bound.scale * bias.before;
    bound.fixed += gamma(terms + 2, u) * bias.after;
    bound.offset_terms = bound.scale * bias.before;
    double later_scale = 1;
    for (std::size_t i = layer.steps.size(); i-- > 0;) {
      const LayerStep& step = layer.steps[i];
      const double later_roundings = 8 * (steps - 1 - static_cast<double>(i));
      const double mean = later_scale * std::fabs(step.scale[c].hi * step.mean[c]);
      const double shift = later_scale * std::fabs(step.bias[c]);
      bound.fixed += gamma(7 + later_roundings, u) * mean + gamma(2 + later_roundings, u) * shift;
      bound.fixed += in_double * (mean + shift);
      bound.offset_terms += mean + shift;
      later_scale *= std::fabs(step.scale[c].hi);
    }
    bound.fixed += (terms + 4) * precision.half_subnormal * (1 + bound.scale);
    if (bias.tiny) bound.fixed += precision.smallest_normal;
    bound.per_input = tiny[c] * precision.smallest_normal;
  }
  return bounds;
}

std::vector<ChannelBound> parameter_bounds(const CheckedLayer& layer, const Precision& storage) {
  const double slack = 1 + gamma(static_cast<double>(layer.terms) + 8, kDoubleArithmetic.unit_roundoff);
  const std::vector<double> tiny = tiny_weights(layer, storage);
  std::vector<ChannelBound> bounds(layer.channels());
  for (std::size_t c = 0; c < bounds.size(); ++c) {
    const BiasReach bias = bias_reach(layer, c, storage);
    bounds[c].per_magnitude = storage.unit_roundoff * std::fabs(layer.scale[c].hi) * slack;
    bounds[c].fixed = storage.unit_roundoff * bias.after * slack + (bias.tiny ? storage.smallest_normal : 0);
    bounds[c].per_input = tiny[c] * storage.smallest_normal;
  }
  return bounds;
}

}  // namespace pleat
