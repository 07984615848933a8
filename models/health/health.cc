#include "models/health/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/checkpoint/architecture.h"
#include "models/health/batch_norm_health.h"

namespace pleat {
namespace {

/// Each tensor that the architecture asks for must be there as it should, num_batches_tracked excepted.
Status check_tensors(const Architecture& architecture, const Checkpoint& checkpoint) {
  for (const StateSpec& spec : state_of(architecture)) {
    const Tensor* tensor = checkpoint.find(spec.name);
    if (tensor == nullptr && spec.dtype == DType::kInt64) continue;
    const std::string wanted = fmt::format("{} {}", dtype_name(spec.dtype), spec.shape.text());
    if (tensor == nullptr)
      return fail(
          Error::invalid("missing from the checkpoint").expect(wanted).at(fmt::format("tensor '{}'", spec.name)));
    if (tensor->dtype() != spec.dtype || tensor->shape() != spec.shape)
      return fail(Error::invalid("does not fit the architecture")
                      .expect(wanted)
                      .saw(fmt::format("{} {}", dtype_name(tensor->dtype()), tensor->shape().text()))
                      .at(fmt::format("tensor '{}'", spec.name)));
  }
  return {};
}

BatchNormState state_of_layer(const Checkpoint& checkpoint, std::size_t layer) {
  const auto values = [&](const char* parameter) {
    return checkpoint.find(tensor_name(layer, parameter))->data<float>();
  };
  BatchNormState state{values("weight"), values("bias"), values("running_mean"), values("running_var"), std::nullopt};
  if (const Tensor* batches = checkpoint.find(tensor_name(layer, "num_batches_tracked")))
    state.batches = batches->data<std::int64_t>()[0];
  return state;
}

/// For layers other than batch normalization: weights and biases must be finite.
void examine_parameters(const Checkpoint& checkpoint, std::size_t layer, std::vector<HealthFinding>& findings) {
  for (const char* parameter : {"weight", "bias"}) {
    const Tensor* tensor = checkpoint.find(tensor_name(layer, parameter));
    if (tensor == nullptr || tensor->dtype() != DType::kFloat) continue;
    const auto values = tensor->data<float>();
    const auto bad = std::count_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
    if (bad > 0)
      findings.push_back({Severity::kError,
                          layer,
                          {},
                          fmt::format("{} of {} values of {} are NaN or infinite", bad, values.size(), parameter),
                          "the network's output will be NaN or infinite",
                          "train again with a lower learning rate, or take an earlier checkpoint"});
  }
}

}  // namespace

std::string_view severity_name(Severity severity) {
  return severity == Severity::kNote ? "note" : severity == Severity::kWarning ? "warning" : "error";
}

bool HealthReport::fit_to_deploy() const {
  return std::none_of(findings.begin(), findings.end(),
                      [](const HealthFinding& f) { return f.severity == Severity::kError; });
}

Result<HealthReport> check_health(const Checkpoint& checkpoint) {
  PLEAT_ASSIGN(const Architecture architecture, architecture_of(checkpoint));
  PLEAT_TRY(check_tensors(architecture, checkpoint));
  HealthReport report;
  for (std::size_t layer = 0; layer < architecture.layers.size(); ++layer) {
    const auto* spec = std::get_if<BatchNormSpec>(&architecture.layers[layer]);
    if (spec == nullptr) {
      examine_parameters(checkpoint, layer, report.findings);
      continue;
    }
    const BatchNormState state = state_of_layer(checkpoint, layer);
    BatchNormSummary summary = summarize(*spec, state);
    summary.layer = layer;
    summary.name = layer_label(architecture, layer);
    report.layers.push_back(std::move(summary));
    for (HealthFinding& found : examine(*spec, state)) {
      found.layer = layer;
      report.findings.push_back(std::move(found));
    }
  }
  return report;
}

}  // namespace pleat
