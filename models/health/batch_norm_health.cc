#include "models/health/batch_norm_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pleat {
namespace {

constexpr const char* kTrainLonger = "train longer, or run the training data through the network in training mode";
constexpr const char* kRetrain = "train again with a lower learning rate, or take an earlier checkpoint";

HealthFinding finding(Severity severity, std::vector<std::int64_t> channels, std::string what, std::string why,
                      std::string remedy) {
  return {severity, 0, std::move(channels), std::move(what), std::move(why), std::move(remedy)};
}

Spread spread(std::vector<double> values) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {kNone, kNone, kNone};
  std::sort(values.begin(), values.end());
  return {values.front(), values[values.size() / 2], values.back()};
}

Spread spread(std::span<const float> values) { return spread(std::vector<double>(values.begin(), values.end())); }

double scale_of(const BatchNormSpec& spec, const BatchNormState& state, std::size_t channel) {
  return state.weight[channel] / std::sqrt(state.var[channel] + spec.eps);
}

template <class Condition>
std::vector<std::int64_t> channels_where(const BatchNormState& state, Condition condition) {
  std::vector<std::int64_t> channels;
  for (std::size_t c = 0; c < state.var.size(); ++c)
    if (condition(c)) channels.push_back(static_cast<std::int64_t>(c));
  return channels;
}

void examine_variance(const BatchNormSpec& spec, const BatchNormState& state, std::vector<HealthFinding>& out) {
  const auto undefined = channels_where(state, [&](std::size_t c) { return state.var[c] + spec.eps <= 0; });
  const auto negative = channels_where(state, [&](std::size_t c) { return state.var[c] < 0; });
  if (!undefined.empty() || !negative.empty())
    out.push_back(finding(Severity::kError, negative.empty() ? undefined : negative,
                          negative.empty() ? "running_var and eps are both 0" : "running_var is negative",
                          negative.empty() ? "the output would be infinite or NaN" : "no data have such a variance",
                          "the checkpoint is damaged or was edited; take another one"));
  const auto constant = channels_where(state, [&](std::size_t c) { return state.var[c] == 0 && spec.eps > 0; });
  if (!constant.empty())
    out.push_back(
        finding(Severity::kWarning, constant, "running_var is 0: these channels were constant in training",
                fmt::format("any change in service is amplified by weight / sqrt(eps), 1/sqrt(eps) being {:.4g}",
                            1 / std::sqrt(spec.eps)),
                "look for a dead unit before this layer; prune the channels or train again"));
  const auto tiny = channels_where(state, [&](std::size_t c) { return state.var[c] > 0 && state.var[c] < spec.eps; });
  if (!tiny.empty())
    out.push_back(finding(Severity::kWarning, tiny, fmt::format("running_var is below eps ({:g})", spec.eps),
                          "eps, not the data, decides the scale: the output has less than half the variance meant",
                          "look for a dying unit before this layer; keep eps as it was in training"));
}

void examine_scale(const BatchNormSpec& spec, const BatchNormState& state, std::vector<HealthFinding>& out) {
  const auto large = channels_where(state, [&](std::size_t c) {
    return state.var[c] + spec.eps > 0 && std::abs(scale_of(spec, state, c)) > kLargeScale;
  });
  if (!large.empty())
    out.push_back(
        finding(Severity::kWarning, large, fmt::format("|weight| / sqrt(running_var + eps) is above {:g}", kLargeScale),
                "rounding errors and inputs unlike the training data are amplified as much",
                "check the fold of this layer with 'pleat verify'; prune the channels or train with weight decay"));
  const auto dead = channels_where(state, [&](std::size_t c) { return std::abs(state.weight[c]) <= kDeadWeight; });
  if (dead.empty()) return;
  const bool all = dead.size() == state.weight.size();
  out.push_back(finding(
      all ? Severity::kWarning : Severity::kNote, dead,
      fmt::format("|weight| is at most {:g}: {} dead", kDeadWeight, all ? "the whole layer is" : "these channels are"),
      all ? "the output does not depend on the input any more" : "they cost time and tell nothing",
      all ? kRetrain : "prune the channels"));
}

/// Weight of the start values (mean 0, variance 1) in the running averages after `batches`.
double leftover(const BatchNormSpec& spec, std::int64_t batches) {
  return spec.momentum ? std::pow(1 - *spec.momentum, static_cast<double>(batches)) : 0;
}

void examine_history(const BatchNormSpec& spec, const BatchNormState& state, std::vector<HealthFinding>& out) {
  const auto is = [](std::span<const float> values, float start) {
    return std::all_of(values.begin(), values.end(), [&](float v) { return v == start; });
  };
  if (state.batches && *state.batches <= 0) {
    out.push_back(finding(Severity::kError, {}, "num_batches_tracked is 0: the running statistics were never updated",
                          "in service the layer normalizes by them, in training it did not", kTrainLonger));
  } else if (is(state.mean, 0) && is(state.var, 1)) {
    out.push_back(finding(Severity::kError, {},
                          "running_mean is 0 and running_var is 1 in every channel, as at the start",
                          "in service the layer normalizes by them, in training it did not", kTrainLonger));
  } else if (state.batches && leftover(spec, *state.batches) > kLeftoverOfStart) {
    out.push_back(finding(Severity::kWarning, {},
                          fmt::format("only {} batches were tracked: with momentum {:g}, {:.1f} % of the running "
                                      "statistics are still their start values",
                                      *state.batches, *spec.momentum, 100 * leftover(spec, *state.batches)),
                          "the statistics lag behind the data, so service differs from training", kTrainLonger));
  } else if (!state.batches) {
    out.push_back(finding(Severity::kNote, {}, "num_batches_tracked is missing",
                          "nothing tells how many batches the running statistics saw",
                          "save the whole state dict, its buffers included"));
  }
}

}  // namespace

BatchNormSummary summarize(const BatchNormSpec& spec, const BatchNormState& state) {
  std::vector<double> scales;
  for (std::size_t c = 0; c < state.var.size(); ++c) scales.push_back(scale_of(spec, state, c));
  return {0,
          std::string(type_name(spec)),
          spec.num_features,
          spec.eps,
          spec.momentum,
          state.batches,
          spread(state.weight),
          spread(state.bias),
          spread(state.mean),
          spread(state.var),
          spread(std::move(scales))};
}

std::vector<HealthFinding> examine(const BatchNormSpec& spec, const BatchNormState& state) {
  std::vector<HealthFinding> out;
  const std::pair<const char*, std::span<const float>> tensors[] = {
      {"weight", state.weight}, {"bias", state.bias}, {"running_mean", state.mean}, {"running_var", state.var}};
  for (const auto& [name, values] : tensors) {
    const auto bad = channels_where(state, [&, v = values](std::size_t c) { return !std::isfinite(v[c]); });
    if (!bad.empty())
      out.push_back(finding(Severity::kError, bad, fmt::format("{} is NaN or infinite", name),
                            "every output of these channels will be NaN or infinite", kRetrain));
  }
  examine_variance(spec, state, out);
  examine_scale(spec, state, out);
  examine_history(spec, state, out);
  return out;
}

}  // namespace pleat
