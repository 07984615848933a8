#include "converter/fold/constants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/ops/registry.h"
#include "runtime/plan/compute_constants.h"
#include "runtime/tensor/half.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstIrWithOverridableInitializers = 4;
constexpr int kLongestChain = 64;
constexpr const char* kRunConstantFolding = "run the exporter's constant folding first";

/// Operators whose result on constants is a constant of the model, whatever arithmetic runs it.
constexpr std::array kExactOperators = {"Identity", "Transpose", "Reshape", "Squeeze",         "Unsqueeze", "Flatten",
                                        "Cast",     "Slice",     "Concat",  "ConstantOfShape", "Expand"};

/// Where a value comes from, seen from one graph outwards.
struct Definition {
  const Node* node = nullptr;
  const Initializer* initializer = nullptr;
  const ValueInfo* input = nullptr;
  bool inner = false;  ///< defined in a graph inside the model's own
};

const Node* maker_in(const Graph& graph, const std::string& value) {
  for (const Node& node : graph.nodes)
    if (std::ranges::find(node.outputs, value) != node.outputs.end()) return &node;
  return nullptr;
}

Definition find_definition(const FoldContext& context, const std::string& value) {
  Definition found;
  for (std::size_t depth = context.outer.size() + 1; depth-- > 0;) {
    const bool own = depth == context.outer.size();
    const Graph& graph = own ? context.graph : *context.outer[depth];
    found.node = own ? context.maker(value) : maker_in(graph, value);
    found.initializer = graph.initializer(value);
    found.input = graph.input(value);
    found.inner = depth > 0;
    if (found.node != nullptr || found.initializer != nullptr || found.input != nullptr) return found;
  }
  return found;
}

class ConstantReader {
 public:
  ConstantReader(const FoldContext& context, const std::string& role, const std::string& otherwise)
      : context_(context), role_(role), otherwise_(otherwise) {}

  Attempt<Tensor> read(const std::string& value, int depth = 0) const {
    const Definition definition = find_definition(context_, value);
    if (definition.node != nullptr) return computed(*definition.node, value, depth);
    if (definition.initializer != nullptr) return stored(definition, value);
    if (definition.input != nullptr && definition.inner)
      return refuse("F119", fmt::format("{} '{}' is an input of an inner graph, so it may change", role_, value));
    return refuse(otherwise_, fmt::format("{} '{}' is given at run time", role_, value),
                  "store it in the model as a constant");
  }

 private:
  Attempt<Tensor> stored(const Definition& definition, const std::string& value) const {
    const bool overridable = context_.model.ir_version >= kFirstIrWithOverridableInitializers && !definition.inner;
    if (overridable && definition.input != nullptr) {
      return refuse("F56", fmt::format("{} '{}' is also a graph input, so a caller may override it", role_, value),
                    "--freeze-inputs treats such inputs as the constants they mostly are");
    }
    if (!definition.initializer->tensor.present())
      return refuse("F49", fmt::format("{} '{}' has an element type that is not read here", role_, value));
    return definition.initializer->tensor;
  }

  Attempt<Tensor> computed(const Node& node, const std::string& value, int depth) const {
    if (node.is("Constant")) return constant_node(node, value);
    const auto not_constant = [&](const std::string& code, const char* remedy) {
      return refuse(code, fmt::format("{} '{}' is computed by {}", role_, value, node.label()), remedy);
    };
    const bool quantized = node.is("DequantizeLinear");
    if (depth > kLongestChain || !may_make_constants(node)) return not_constant(otherwise_, kRunConstantFolding);
    std::vector<Fact> inputs;
    for (const std::string& name : node.inputs) {
      if (name.empty()) {
        inputs.emplace_back();
        continue;
      }
      auto tensor = read(name, depth + 1);
      if (!tensor) return tl::unexpected(tensor.error());
      inputs.push_back(Fact::of(*tensor));
    }
    if (quantized && !context_.options.dequantize_weights)
      return not_constant("F52", "fold before quantizing, or say --dequantize-weights to fold into float weights");
    return run(node, inputs, value);
  }

  Attempt<Tensor> run(const Node& node, const std::vector<Fact>& inputs, const std::string& value) const {
    const auto failed = [&](const std::string& why) {
      return refuse(node.is("Cast") ? "F51" : otherwise_,
                    fmt::format("{} '{}' cannot be computed now: {}", role_, value, why), kRunConstantFolding);
    };
    auto op = OpRegistry::instance().make(node, context_.model.opset(node.domain));
    if (!op) return failed(op.error().what);
    auto outputs = (*op)->infer(inputs);
    if (!outputs) return failed(outputs.error().what);
    BufferArena memory;
    if (auto ready = (*op)->prepare(inputs, *outputs, memory); !ready) return failed(ready.error().what);
    if (!compute_constants(**op, inputs, *outputs) || outputs->empty() || !outputs->front().constant)
      return failed(node.label() + " does not give a constant");
    return *outputs->front().constant;
  }

  Attempt<Tensor> constant_node(const Node& node, const std::string& value) const {
    for (const Attribute& attribute : node.attributes) {
      if (const auto* tensor = std::get_if<Tensor>(&attribute.value); tensor != nullptr && tensor->present())
        return *tensor;
      if (const auto* number = std::get_if<float>(&attribute.value)) return Tensor::scalar(*number);
      if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) return Tensor::scalar(*number);
      if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value))
        return Tensor::of(Shape{static_cast<std::int64_t>(numbers->size())}, *numbers);
      if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&attribute.value))
        return Tensor::of(Shape{static_cast<std::int64_t>(numbers->size())}, *numbers);
    }
    return refuse("F49", fmt::format("{} '{}' is a Constant of a kind that is not read here", role_, value),
                  "store it as an ordinary float tensor");
  }

  const FoldContext& context_;
  const std::string& role_;
  const std::string& otherwise_;
};

double element(const Tensor& tensor, std::size_t i) {
  const std::byte* data = tensor.bytes().data();
  switch (tensor.dtype()) {
    case DType::kFloat: return reinterpret_cast<const float*>(data)[i];
    case DType::kDouble: return reinterpret_cast<const double*>(data)[i];
    case DType::kFloat16: return half_to_double(reinterpret_cast<const std::uint16_t*>(data)[i]);
    default: return bfloat16_to_double(reinterpret_cast<const std::uint16_t*>(data)[i]);
  }
}

}  // namespace

bool may_make_constants(const Node& node) {
  return node.is("Constant") || node.is("DequantizeLinear") ||
         std::ranges::any_of(kExactOperators, [&](const char* op) { return node.is(op); });
}

bool is_floating(DType dtype) {
  return dtype == DType::kFloat || dtype == DType::kDouble || dtype == DType::kFloat16 || dtype == DType::kBfloat16;
}

Attempt<Tensor> constant(const FoldContext& context, const std::string& value, const std::string& role,
                         const std::string& otherwise) {
  return ConstantReader(context, role, otherwise).read(value);
}

Attempt<ExactConstant> exact_constant(const FoldContext& context, const std::string& value, const std::string& role,
                                      const std::string& otherwise) {
  auto tensor = constant(context, value, role, otherwise);
  if (!tensor) return tl::unexpected(tensor.error());
  if (context.exact != nullptr)
    if (const auto folded = context.exact->find(value); folded != context.exact->end()) return folded->second;
  if (!is_floating(tensor->dtype()))
    return refuse("F49", fmt::format("{} '{}' is of type {}", role, value, dtype_name(tensor->dtype())));
  for (std::size_t i = 0; i < static_cast<std::size_t>(tensor->elements()); ++i) {
    if (std::isfinite(element(*tensor, i))) continue;
    return refuse("F24", fmt::format("{} '{}' holds {} at element {}", role, value, element(*tensor, i), i),
                  "look for a diverged training run or a damaged file");
  }
  ExactConstant exact;
  exact.shape = tensor->shape();
  exact.dtype = tensor->dtype();
  exact.value = [held = *tensor](std::size_t i) { return DoubleDouble(element(held, i)); };
  exact.terms = [held = *tensor](std::size_t i) { return std::fabs(element(held, i)); };
  return exact;
}

std::optional<std::vector<std::int64_t>> constant_integers(const FoldContext& context, const std::string& value) {
  const auto tensor = constant(context, value, "operand", "F50");
  if (!tensor) return std::nullopt;
  std::vector<std::int64_t> numbers;
  if (tensor->dtype() == DType::kInt64) {
    const auto data = tensor->data<std::int64_t>();
    numbers.assign(data.begin(), data.end());
  } else if (tensor->dtype() == DType::kInt32) {
    const auto data = tensor->data<std::int32_t>();
    numbers.assign(data.begin(), data.end());
  } else {
    return std::nullopt;
  }
  return numbers;
}

Attempt<std::vector<double>> finite_values(const Tensor& tensor, const std::string& value, const std::string& role) {
  auto values = to_doubles(tensor);
  if (!values) return refuse("F49", fmt::format("{} '{}': {}", role, value, values.error().what));
  for (std::size_t i = 0; i < values->size(); ++i) {
    if (std::isfinite((*values)[i])) continue;
    return refuse("F24", fmt::format("{} '{}' holds {} at element {}", role, value, (*values)[i], i),
                  "look for a diverged training run or a damaged file");
  }
  return std::move(*values);
}

}  // namespace pleat
