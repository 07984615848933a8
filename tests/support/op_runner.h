#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/aligned_buffer.h"
#include "runtime/ops/registry.h"

namespace pleat {

/// Which inputs planning may look into: weights are mostly constants, images never.
enum class KnownInputs { kAllButFirst, kAll, kNone };

/// A node of the standard operators with outputs "y0", "y1", …; inputs are named as run_op gives them.
inline Node node_of(std::string op_type, std::vector<Attribute> attributes = {}, int outputs = 1) {
  Node node;
  node.name = "under_test";
  node.op_type = std::move(op_type);
  node.attributes = std::move(attributes);
  for (int i = 0; i < outputs; ++i) node.outputs.push_back("y" + std::to_string(i));
  return node;
}

/// Takes one operator through make, infer, prepare and run. A Tensor{} is an omitted input; an omitted output
/// (named "") comes back as Tensor{}. Memory the operator must not rely on is filled with ones, NaN for floats.
inline Result<std::vector<Tensor>> run_op(const Node& node, std::vector<Tensor> inputs, int opset, int threads = 1,
                                          KnownInputs known = KnownInputs::kAllButFirst) {
  Node named = node;
  if (named.inputs.empty())
    for (std::size_t i = 0; i < inputs.size(); ++i)
      named.inputs.push_back(inputs[i].present() ? "x" + std::to_string(i) : "");
  PLEAT_ASSIGN(auto op, OpRegistry::instance().make(named, opset));

  std::vector<Fact> facts;
  for (const Tensor& input : inputs) {
    const bool constant = known == KnownInputs::kAll || (known == KnownInputs::kAllButFirst && !facts.empty());
    facts.push_back(input.present() ? Fact::of(input) : Fact{});
    if (!constant) facts.back().constant.reset();
  }
  PLEAT_ASSIGN(const std::vector<Fact> results, op->infer(facts));
  BufferArena memory;
  PLEAT_TRY(op->prepare(facts, results, memory));

  bool all_known = !results.empty();
  std::vector<Tensor> outputs(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].present()) continue;
    all_known = all_known && results[i].constant.has_value();
    PLEAT_ASSIGN(outputs[i], Tensor::allocate(results[i].dtype, results[i].shape));
    if (outputs[i].byte_size() > 0) std::memset(outputs[i].mutable_bytes(), 0xFF, outputs[i].byte_size());
  }
  if (all_known) {
    for (std::size_t i = 0; i < results.size(); ++i) outputs[i] = *results[i].constant;
    return outputs;
  }

  AlignedBuffer scratch(op->scratch_bytes(threads));
  if (scratch.failed()) return fail(Error::resource("not enough memory for scratch"));
  if (scratch.size() > 0) std::memset(scratch.data(), 0xFF, scratch.size());
  ThreadPool pool(threads);
  std::vector<TensorView> views;
  for (const Tensor& input : inputs) views.push_back(input.present() ? input.view() : TensorView{});
  std::vector<MutableTensorView> targets;
  for (Tensor& output : outputs) targets.push_back(output.present() ? output.mutable_view() : MutableTensorView{});
  op->run({views, targets, scratch.data(), &pool});
  return outputs;
}

}  // namespace pleat
