#include "runtime/plan/compute_constants.h"

#include <algorithm>

#include "runtime/base/aligned_buffer.h"

namespace pleat {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

bool is_known(const Fact& fact) { return !fact.present() || fact.constant.has_value(); }

bool small_enough(const std::vector<Fact>& outputs) {
  std::size_t left = kMostBytes;
  for (const Fact& output : outputs) {
    if (!output.present()) continue;
    const std::size_t bytes = static_cast<std::size_t>(output.shape.elements()) * size_of(output.dtype);
    if (bytes > left) return false;
    left -= bytes;
  }
  return true;
}

/// The input that output 0 merely shows again, if that is all the node gives.
const Tensor* viewed(const Operator& op, std::span<const Fact> inputs, const std::vector<Fact>& outputs) {
  const auto source = op.view_of();
  if (!source || outputs.size() != 1 || !outputs[0].present()) return nullptr;
  const Fact& input = inputs[static_cast<std::size_t>(*source)];
  return input.constant && input.dtype == outputs[0].dtype ? &*input.constant : nullptr;
}

bool run_once(const Operator& op, std::span<const Fact> inputs, std::vector<Fact>& outputs) {
  std::vector<TensorView> input_views;
  for (const Fact& input : inputs) input_views.push_back(input.present() ? input.constant->view() : TensorView{});
  std::vector<Tensor> results(outputs.size());
  std::vector<MutableTensorView> output_views(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].present()) continue;
    auto tensor = Tensor::allocate(outputs[i].dtype, outputs[i].shape);
    if (!tensor) return false;
    results[i] = std::move(*tensor);
    output_views[i] = results[i].mutable_view();
  }
  AlignedBuffer scratch(op.scratch_bytes(1));
  if (scratch.failed()) return false;
  ThreadPool pool(1);
  op.run({input_views, output_views, scratch.data(), &pool});
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].present()) outputs[i].constant = std::move(results[i]);
  return true;
}

}  // namespace

bool compute_constants(const Operator& op, std::span<const Fact> inputs, std::vector<Fact>& outputs) {
  if (std::all_of(outputs.begin(), outputs.end(), is_known)) return true;
  if (!std::all_of(inputs.begin(), inputs.end(), is_known)) return false;
  if (const Tensor* source = viewed(op, inputs, outputs)) {
    outputs[0].constant = source->reshaped(outputs[0].shape);
    return true;
  }
  return small_enough(outputs) && run_once(op, inputs, outputs);
}

}  // namespace pleat
