#include "converter/fold/forward.h"

#include <fmt/format.h>

#include <algorithm>

#include "converter/fold/backward.h"

namespace pleat {
namespace {

struct NamedRule {
  const char* op_type;
  ForwardRule rule;
};
constexpr NamedRule kRules[] = {{"Conv", take_conv},
                                {"ConvTranspose", take_conv_transpose},
                                {"Gemm", take_gemm},
                                {"MatMul", take_matmul},
                                {"Add", carry_arithmetic},
                                {"Sub", carry_arithmetic},
                                {"Mul", carry_arithmetic},
                                {"Div", carry_arithmetic},
                                {"Identity", carry_identity},
                                {"Dropout", carry_dropout},
                                {"Transpose", carry_transpose},
                                {"Reshape", carry_reshape},
                                {"Flatten", carry_reshape},
                                {"Squeeze", carry_squeeze},
                                {"Unsqueeze", carry_squeeze},
                                {"AveragePool", carry_pool},
                                {"GlobalAveragePool", carry_pool},
                                {"MaxPool", carry_pool},
                                {"GlobalMaxPool", carry_pool},
                                {"Pad", carry_pad},
                                {"Resize", carry_resize},
                                {"Upsample", carry_resize}};

bool is_layer(const Node& node) {
  return node.is("Conv") || node.is("ConvTranspose") || node.is("Gemm") || node.is("MatMul");
}

/// Why `reader` cannot take a map: for want of a layer, because an activation stands before it, or because it is one
/// reader among several.
Refusal not_taken(const FoldContext& context, const Node& reader, const std::string& value) {
  const std::string detail = fmt::format("'{}' is read by {}", value, reader.label());
  if (not_linear(&reader, value).code == "F87" && !reader.outputs.empty())
    for (const Uses::Reader& use : context.uses.readers(reader.outputs[0]))
      if (is_layer(context.node(use.node))) return {"F113", detail, {}};
  return {context.uses.readers(value).size() > 1 ? "F114" : "F115", detail, {}};
}

}  // namespace

Attempt<void> Forward::hand_on(const std::string& value, const AxisAffine& map, const std::string& source) {
  const auto& readers = context_->uses.readers(value);
  if (context_->uses.is_graph_output(value))
    return refuse(readers.empty() ? "F115" : "F114", fmt::format("'{}' is an output of the graph", value));
  if (readers.empty()) return refuse("F115", fmt::format("nothing reads '{}'", value));
  for (const Uses::Reader& use : readers) {
    const Node& reader = node(use.node);
    if (use.input < 0) return refuse("F43", fmt::format("'{}' is read inside {}", value, reader.label()));
    const auto input = static_cast<std::size_t>(use.input);
    if (reader.is("Shape") || reader.is("Size")) {
      draft.replaced(use.node).inputs[input] = source;
      continue;
    }
    const auto* rule = std::ranges::find_if(kRules, [&](const NamedRule& known) { return reader.is(known.op_type); });
    if (rule == std::end(kRules)) return tl::unexpected(not_taken(*context_, reader, value));
    if (auto done = rule->rule(*this, {use.node, input, map, source}); !done) return done;
  }
  return {};
}

}  // namespace pleat
