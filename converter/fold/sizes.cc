#include "converter/fold/sizes.h"

#include <algorithm>
#include <array>
#include <set>

#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

constexpr int kLongestWalk = 512;
constexpr std::array kKeepSizes = {"BatchNormalization",
                                   "Relu",
                                   "LeakyRelu",
                                   "PRelu",
                                   "Elu",
                                   "Selu",
                                   "Celu",
                                   "Gelu",
                                   "Mish",
                                   "Sigmoid",
                                   "HardSigmoid",
                                   "HardSwish",
                                   "Tanh",
                                   "Softmax",
                                   "LogSoftmax",
                                   "Clip",
                                   "Softplus",
                                   "Identity",
                                   "Dropout",
                                   "Cast",
                                   "Neg",
                                   "Abs",
                                   "Sqrt",
                                   "Exp",
                                   "Log",
                                   "LRN",
                                   "Erf",
                                   "Floor",
                                   "Ceil",
                                   "Round",
                                   "DequantizeLinear",
                                   "QuantizeLinear",
                                   "InstanceNormalization",
                                   "LayerNormalization",
                                   "GroupNormalization",
                                   "ThresholdedRelu",
                                   "Softsign"};
constexpr std::array kArithmetic = {"Add", "Sub", "Mul", "Div", "Sum", "Max", "Min", "Mean", "Pow"};

template <class List>
bool is_any(const Node& node, const List& operators) {
  return std::ranges::any_of(operators, [&](const char* op) { return node.is(op); });
}

const ValueInfo* annotation(const Graph& graph, const std::string& value) {
  for (const auto* infos : {&graph.inputs, &graph.value_info, &graph.outputs}) {
    const auto it = std::ranges::find(*infos, value, &ValueInfo::name);
    if (it != infos->end()) return &*it;
  }
  return nullptr;
}

/// Numbers whose products and sums stay within 64 bits.
bool is_ordinary(std::initializer_list<std::int64_t> numbers) {
  constexpr std::int64_t kLargest = std::int64_t{1} << 30;
  return std::ranges::all_of(numbers, [](std::int64_t n) { return n >= 0 && n <= kLargest; });
}

class SizeWalk {
 public:
  explicit SizeWalk(const FoldContext& context) : context_(context) {}

  std::optional<Sizes> of(const std::string& value) {
    if (++steps_ > kLongestWalk) return std::nullopt;
    if (const ValueInfo* info = annotation(context_.graph, value); info != nullptr && info->type.shape) {
      Sizes sizes;
      for (std::size_t i = 0; i < info->type.shape->size(); ++i) {
        const Dim& dim = (*info->type.shape)[i];
        sizes.push_back(dim.known()         ? Size::number(dim.value)
                        : dim.param.empty() ? open(value, i)
                                            : Size::symbol("'" + dim.param + "'"));
      }
      return sizes;
    }
    if (const Node* node = context_.maker(value)) return made_by(*node, value);
    if (const auto shape = constant_shape(value)) return numbers(*shape);
    return std::nullopt;
  }

 private:
  static Size open(const std::string& value, std::size_t axis) {
    return Size::symbol(value + "#" + std::to_string(axis));
  }

  static Sizes numbers(const Shape& shape) {
    Sizes sizes;
    for (const std::int64_t dim : shape) sizes.push_back(Size::number(dim));
    return sizes;
  }

  std::optional<Shape> constant_shape(const std::string& value) const {
    const auto tensor = constant(context_, value, "operand", "F50");
    if (!tensor) return std::nullopt;
    return tensor->shape();
  }

  std::optional<Sizes> made_by(const Node& node, const std::string& value) {
    if (node.inputs.empty()) {
      if (const auto shape = constant_shape(value)) return numbers(*shape);
      return std::nullopt;
    }
    if (is_any(node, kKeepSizes)) return of(node.inputs[0]);
    if (is_any(node, kArithmetic)) return broadcast_of(node, value);
    if (node.is("Conv") || node.is("ConvTranspose") || node.is("ConvInteger")) return convolution(node, value, 1);
    if (node.is("QLinearConv")) return convolution(node, value, 3);
    if (node.is("Gemm")) return gemm(node, value);
    if (node.is("MatMul")) return product(node, value);
    if (node.is("MaxPool") || node.is("AveragePool") || node.is("LpPool")) return window(node, value, {});
    if (node.is("GlobalAveragePool") || node.is("GlobalMaxPool")) return global(node);
    if (node.is("Transpose")) return transposed(node);
    if (node.is("Flatten")) return flat(node);
    if (node.is("Reshape")) return reshaped(node);
    if (node.is("Squeeze") || node.is("Unsqueeze")) return with_axes(node);
    if (node.is("Concat")) return joined(node, value);
    if (node.is("Pad") || node.is("Resize") || node.is("Upsample") || node.is("DepthToSpace") ||
        node.is("SpaceToDepth") || node.is("Slice"))
      return same_count(node, value);
    if (node.is("ReduceMean")) return reduced(node);
    return std::nullopt;
  }

  std::optional<Sizes> broadcast_of(const Node& node, const std::string& value) {
    Sizes all;
    for (const std::string& input : node.inputs) {
      auto sizes = of(input);
      if (!sizes) return std::nullopt;
      if (sizes->size() > all.size()) all.insert(all.begin(), sizes->size() - all.size(), Size::number(1));
      for (std::size_t i = 1; i <= sizes->size(); ++i) {
        Size& ours = all[all.size() - i];
        const Size& theirs = (*sizes)[sizes->size() - i];
        if (theirs.is(1) || ours == theirs) continue;
        if (ours.is(1) || (theirs.known() && !ours.known()))
          ours = theirs;
        else if (!ours.known())
          ours = open(value, all.size() - i);
      }
    }
    return all;
  }

  std::optional<Sizes> convolution(const Node& node, const std::string& value, std::size_t weight_input) {
    if (node.inputs.size() <= weight_input) return std::nullopt;
    const auto weight = shape_of_weight(node.inputs[weight_input]);
    if (!weight || weight->rank() < 3) return std::nullopt;
    AttributeReader attributes(node);
    const bool transposed = node.is("ConvTranspose");
    const Size channels = transposed ? Size::number((*weight)[1]) * Size::number(attributes.integer("group", 1))
                                     : Size::number((*weight)[0]);
    auto sizes = transposed ? std::nullopt : window(node, value, *weight);
    if (!sizes) {
      sizes.emplace();
      const auto input = of(node.inputs[0]);
      sizes->push_back(input && !input->empty() ? input->front() : open(value, 0));
      for (int i = 1; i < weight->rank(); ++i) sizes->push_back(open(value, static_cast<std::size_t>(i)));
    }
    (*sizes)[1] = channels;
    return sizes;
  }

  std::optional<Shape> shape_of_weight(const std::string& value) {
    const auto sizes = of(value);
    if (!sizes) return std::nullopt;
    std::vector<std::int64_t> dims;
    for (const Size& size : *sizes) {
      if (!size.known()) return std::nullopt;
      dims.push_back(size.factor);
    }
    return Shape(dims);
  }

  /// Sizes after a window has passed over the input, where they are numbers. A pool has no weight: rank 0.
  std::optional<Sizes> window(const Node& node, const std::string& value, const Shape& weight) {
    auto sizes = of(node.inputs[0]);
    if (!sizes || sizes->size() < 3 || (weight.rank() != 0 && static_cast<int>(sizes->size()) != weight.rank()))
      return std::nullopt;
    AttributeReader attributes(node);
    const std::size_t spatial = sizes->size() - 2;
    auto kernel = attributes.integers("kernel_shape");
    if (kernel.empty() && weight.rank() != 0) kernel.assign(weight.begin() + 2, weight.end());
    const auto strides = attributes.integers("strides", std::vector<std::int64_t>(spatial, 1));
    const auto dilations = attributes.integers("dilations", std::vector<std::int64_t>(spatial, 1));
    const auto pads = attributes.integers("pads", std::vector<std::int64_t>(2 * spatial, 0));
    const std::string auto_pad = attributes.text("auto_pad", "NOTSET");
    const bool plain = kernel.size() == spatial && strides.size() == spatial && dilations.size() == spatial &&
                       pads.size() == 2 * spatial && (auto_pad == "NOTSET" || auto_pad == "VALID") &&
                       attributes.integer("ceil_mode", 0) == 0;
    for (std::size_t i = 0; i < spatial; ++i) {
      Size& size = (*sizes)[i + 2];
      if (!plain || !is_ordinary({size.factor, kernel[i], strides[i], dilations[i], pads[i], pads[i + spatial]}) ||
          !size.known() || strides[i] <= 0) {
        size = open(value, i + 2);
        continue;
      }
      const std::int64_t reach = dilations[i] * (kernel[i] - 1) + 1;
      size = Size::number((size.factor + pads[i] + pads[i + spatial] - reach) / strides[i] + 1);
    }
    return sizes;
  }

  std::optional<Sizes> gemm(const Node& node, const std::string& value) {
    AttributeReader attributes(node);
    const auto size = [&](std::size_t input, std::size_t axis, std::size_t out) {
      const auto sizes = of(node.inputs[input]);
      return sizes && sizes->size() == 2 ? (*sizes)[axis] : open(value, out);
    };
    if (node.inputs.size() < 2) return std::nullopt;
    return Sizes{size(0, attributes.integer("transA", 0) != 0 ? 1 : 0, 0),
                 size(1, attributes.integer("transB", 0) != 0 ? 0 : 1, 1)};
  }

  std::optional<Sizes> product(const Node& node, const std::string& value) {
    if (node.inputs.size() != 2) return std::nullopt;
    const auto left = of(node.inputs[0]);
    const auto right = of(node.inputs[1]);
    if (!left || !right || left->size() < 2 || right->size() < 2) return std::nullopt;
    Sizes sizes = left->size() >= right->size() ? *left : *right;
    const std::size_t rank = sizes.size();
    for (std::size_t i = 0; i + 2 < rank; ++i) {
      const bool both = left->size() > i && right->size() > i && left->size() == right->size();
      if (both && (*left)[i] == (*right)[i]) continue;
      sizes[i] = open(value, i);
    }
    if (std::min(left->size(), right->size()) == 2) {
      const Sizes& longer = left->size() >= right->size() ? *left : *right;
      std::copy(longer.begin(), longer.end() - 2, sizes.begin());
    }
    sizes[rank - 2] = (*left)[left->size() - 2];
    sizes[rank - 1] = right->back();
    return sizes;
  }

  std::optional<Sizes> global(const Node& node) {
    auto sizes = of(node.inputs[0]);
    if (!sizes) return std::nullopt;
    for (std::size_t i = 2; i < sizes->size(); ++i) (*sizes)[i] = Size::number(1);
    return sizes;
  }

  std::optional<Sizes> transposed(const Node& node) {
    const auto sizes = of(node.inputs[0]);
    if (!sizes) return std::nullopt;
    AttributeReader attributes(node);
    std::vector<std::int64_t> reversed;
    for (std::size_t i = sizes->size(); i-- > 0;) reversed.push_back(static_cast<std::int64_t>(i));
    Sizes out;
    for (const std::int64_t axis : attributes.integers("perm", reversed)) {
      if (axis < 0 || static_cast<std::size_t>(axis) >= sizes->size()) return std::nullopt;
      out.push_back((*sizes)[static_cast<std::size_t>(axis)]);
    }
    return out;
  }

  std::optional<Sizes> flat(const Node& node) {
    const auto sizes = of(node.inputs[0]);
    if (!sizes) return std::nullopt;
    AttributeReader attributes(node);
    std::int64_t axis = attributes.integer("axis", 1);
    if (axis < 0) axis += static_cast<std::int64_t>(sizes->size());
    Sizes out(2);
    for (std::size_t i = 0; i < sizes->size(); ++i) {
      Size& side = out[static_cast<std::int64_t>(i) < axis ? 0 : 1];
      side = side * (*sizes)[i];
    }
    return out;
  }

  std::optional<Sizes> reshaped(const Node& node) {
    const auto sizes = of(node.inputs[0]);
    AttributeReader attributes(node);
    auto wanted = attributes.integers("shape");
    if (node.inputs.size() > 1) {
      const auto given = constant_integers(context_, node.inputs[1]);
      if (!given) return std::nullopt;
      wanted = *given;
    }
    const bool zero_is_zero = attributes.integer("allowzero", 0) != 0;
    Sizes out;
    Size rest;
    std::optional<std::size_t> deduced;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] == -1) {
        deduced = i;
        out.emplace_back();
        continue;
      }
      if (wanted[i] == 0 && !zero_is_zero)
        out.push_back(sizes && i < sizes->size() ? (*sizes)[i] : open(node.outputs[0], i));
      else
        out.push_back(Size::number(wanted[i]));
      rest = rest * out.back();
    }
    if (!deduced) return out;
    Size whole;
    if (sizes)
      for (const Size& size : *sizes) whole = whole * size;
    const auto size = sizes ? quotient(whole, rest) : std::nullopt;
    out[*deduced] = size ? *size : open(node.outputs[0], *deduced);
    return out;
  }

  std::optional<Sizes> with_axes(const Node& node) {
    const auto sizes = of(node.inputs[0]);
    if (!sizes) return std::nullopt;
    const bool adds = node.is("Unsqueeze");
    AttributeReader attributes(node);
    std::size_t count = attributes.integers("axes").size();
    if (node.inputs.size() > 1)
      if (const auto axes = constant_integers(context_, node.inputs[1])) count = axes->size();
    const std::size_t rank = sizes->size() + (adds ? count : 0);
    const auto axes = axes_of(context_, node, static_cast<int>(rank));
    if (!axes || (axes->empty() && !adds && count == 0)) return std::nullopt;
    Sizes out;
    std::size_t from = 0;
    for (std::size_t i = 0; i < rank; ++i) {
      const bool named = std::ranges::find(*axes, i) != axes->end();
      if (adds && named)
        out.push_back(Size::number(1));
      else if (adds)
        out.push_back((*sizes)[from++]);
      else if (!named)
        out.push_back((*sizes)[i]);
    }
    return out;
  }

  std::optional<Sizes> joined(const Node& node, const std::string& value) {
    auto sizes = of(node.inputs[0]);
    if (!sizes) return std::nullopt;
    AttributeReader attributes(node);
    std::int64_t axis = attributes.integer("axis", 1);
    if (axis < 0) axis += static_cast<std::int64_t>(sizes->size());
    if (axis < 0 || axis >= static_cast<std::int64_t>(sizes->size())) return std::nullopt;
    const auto at = static_cast<std::size_t>(axis);
    Size& sum = (*sizes)[at];
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
      const auto other = of(node.inputs[i]);
      const bool known = sum.known() && other && other->size() == sizes->size() && (*other)[at].known() &&
                         is_ordinary({sum.factor, (*other)[at].factor});
      sum = known ? Size::number(sum.factor + (*other)[at].factor) : open(value, at);
    }
    return sizes;
  }

  /// As many sizes as the input has; which ones change is not followed beyond the batch.
  std::optional<Sizes> same_count(const Node& node, const std::string& value) {
    const auto sizes = of(node.inputs[0]);
    if (!sizes) return std::nullopt;
    Sizes out;
    for (std::size_t i = 0; i < sizes->size(); ++i) out.push_back(open(value, i));
    return out;
  }

  std::optional<Sizes> reduced(const Node& node) {
    const auto sizes = of(node.inputs[0]);
    if (!sizes) return std::nullopt;
    const auto axes = axes_of(context_, node, static_cast<int>(sizes->size()));
    if (!axes) return std::nullopt;
    AttributeReader attributes(node);
    const bool keeps = attributes.integer("keepdims", 1) != 0;
    Sizes out;
    for (std::size_t i = 0; i < sizes->size(); ++i) {
      const bool gone = axes->empty() || std::ranges::find(*axes, i) != axes->end();
      if (!gone)
        out.push_back((*sizes)[i]);
      else if (keeps)
        out.push_back(Size::number(1));
    }
    return out;
  }

  const FoldContext& context_;
  int steps_ = 0;
};

}  // namespace

Size operator*(const Size& a, const Size& b) {
  Size product{1, a.symbols};
  if (__builtin_mul_overflow(a.factor, b.factor, &product.factor)) return Size::symbol("beyond 64 bits");
  product.symbols.insert(product.symbols.end(), b.symbols.begin(), b.symbols.end());
  std::ranges::sort(product.symbols);
  return product;
}

std::optional<Size> quotient(const Size& a, const Size& b) {
  if (b.factor == 0 || a.factor % b.factor != 0 || !std::ranges::includes(a.symbols, b.symbols)) return std::nullopt;
  Size out{a.factor / b.factor, {}};
  std::ranges::set_difference(a.symbols, b.symbols, std::back_inserter(out.symbols));
  return out;
}

std::optional<Sizes> sizes_of(const FoldContext& context, const std::string& value) {
  return SizeWalk(context).of(value);
}

std::optional<int> rank_of(const FoldContext& context, const std::string& value) {
  const auto sizes = sizes_of(context, value);
  if (!sizes) return std::nullopt;
  return static_cast<int>(sizes->size());
}

DType type_of(const FoldContext& context, const std::string& value) {
  std::string current = value;
  for (int steps = 0; steps < kLongestWalk; ++steps) {
    if (const ValueInfo* info = annotation(context.graph, current); info && info->type.dtype != DType::kUndefined)
      return info->type.dtype;
    const Node* node = context.maker(current);
    if (node == nullptr || node->is("Constant")) {
      const auto tensor = constant(context, current, "operand", "F50");
      return tensor ? tensor->dtype() : DType::kUndefined;
    }
    if (node->is("Cast")) {
      AttributeReader attributes(*node);
      return static_cast<DType>(attributes.integer("to", 0));
    }
    if (node->inputs.empty()) return DType::kUndefined;
    const bool weighted = node->is("Conv") || node->is("ConvTranspose") || node->is("Gemm") || node->is("MatMul");
    if (weighted && node->inputs.size() > 1)
      if (const auto weight = constant(context, node->inputs[1], "weight", "F50")) return weight->dtype();
    if (!node->domain.empty() && node->domain != "ai.onnx") return DType::kUndefined;
    current = node->inputs[0];
  }
  return DType::kUndefined;
}

std::optional<std::vector<std::size_t>> axes_of(const FoldContext& context, const Node& node, int rank) {
  AttributeReader attributes(node);
  std::vector<std::int64_t> named = attributes.integers("axes");
  if (node.inputs.size() > 1 && !node.inputs[1].empty()) {
    const auto given = constant_integers(context, node.inputs[1]);
    if (!given) return std::nullopt;
    named = *given;
  }
  std::set<std::size_t> axes;
  for (std::int64_t axis : named) {
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank) return std::nullopt;
    axes.insert(static_cast<std::size_t>(axis));
  }
  return std::vector<std::size_t>(axes.begin(), axes.end());
}

}  // namespace pleat
