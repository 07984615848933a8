#include "converter/verify/region_shapes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "runtime/graph/attributes.h"
#include "runtime/graph/uses.h"

namespace pleat {
namespace {

using Dims = std::vector<std::int64_t>;
constexpr std::int64_t kOpen = -1;
constexpr int kDeepest = 64;

/// What the layers of one side demand of the values they read: the rank, and the sizes that weights fix.
class Demands {
 public:
  explicit Demands(const Model& part) : graph_(part.graph), uses_(part.graph) {}

  std::optional<Dims> of(const std::string& value, int depth = 0) const {
    if (depth > kDeepest) return std::nullopt;
    std::optional<Dims> found;
    for (const Uses::Reader& reader : uses_.readers(value)) {
      if (reader.input < 0) continue;
      merge(found, by_reader(graph_.nodes[reader.node], static_cast<std::size_t>(reader.input), depth));
    }
    return found;
  }

 private:
  static void merge(std::optional<Dims>& known, const std::optional<Dims>& more) {
    if (!more) return;
    if (!known) {
      known = more;
      return;
    }
    if (known->size() != more->size()) return;
    for (std::size_t i = 0; i < known->size(); ++i)
      if ((*known)[i] == kOpen) (*known)[i] = (*more)[i];
  }

  const Shape* constant(const Node& node, std::size_t input) const {
    if (input >= node.inputs.size()) return nullptr;
    const Initializer* found = graph_.initializer(node.inputs[input]);
    return found == nullptr ? nullptr : &found->tensor.shape();
  }

  std::optional<Dims> by_reader(const Node& node, std::size_t input, int depth) const {
    const Shape* weight = constant(node, input == 0 ? 1 : 0);
    AttributeReader attributes(node);
    if (node.is("Conv") || node.is("ConvTranspose")) {
      if (weight == nullptr || weight->rank() < 3 || input != 0) return std::nullopt;
      Dims dims(static_cast<std::size_t>(weight->rank()), kOpen);
      dims[1] = node.is("Conv") ? (*weight)[1] * attributes.integer("group", 1) : (*weight)[0];
      return dims;
    }
    if (node.is("Gemm")) {
      if (weight == nullptr || weight->rank() != 2 || input > 1) return std::nullopt;
      const bool own = attributes.integer(input == 0 ? "transA" : "transB", 0) != 0;
      const bool other = attributes.integer(input == 0 ? "transB" : "transA", 0) != 0;
      const std::int64_t products = (*weight)[(input == 0) == other ? 1 : 0];
      return (input == 0) == own ? Dims{products, kOpen} : Dims{kOpen, products};
    }
    if (node.is("MatMul")) return by_matmul(weight, input);
    if (node.is("BatchNormalization")) return by_batch_norm(node, depth);
    const bool passes = std::ranges::any_of(kKeepRankAndChannels, [&](const char* op) { return node.is(op); });
    if (!passes || node.outputs.empty()) return std::nullopt;
    if (const auto after = of(node.outputs[0], depth + 1)) return after;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (i != input)
        if (const auto beside = made(node.inputs[i], depth + 1)) return beside;
    return weight != nullptr && weight->rank() > 2 ? std::optional<Dims>(Dims(4, kOpen)) : std::nullopt;
  }

  static std::optional<Dims> by_matmul(const Shape* weight, std::size_t input) {
    if (weight == nullptr || weight->rank() < 2) return std::nullopt;
    if (input == 1) return Dims{kOpen, (*weight)[weight->rank() - 1], kOpen};
    Dims dims(static_cast<std::size_t>(weight->rank()), kOpen);
    dims.back() = (*weight)[weight->rank() - 2];
    return dims;
  }

  std::optional<Dims> by_batch_norm(const Node& node, int depth) const {
    const Shape* scale = constant(node, 1);
    if (scale == nullptr) return std::nullopt;
    Dims dims = of(node.outputs[0], depth + 1).value_or(Dims(4, kOpen));
    if (dims.size() > 1) dims[1] = scale->elements();
    return dims;
  }

  /// What is known of a value from the layer that makes it.
  std::optional<Dims> made(const std::string& value, int depth) const {
    const auto producer = uses_.producer(value);
    if (!producer || depth > kDeepest) return std::nullopt;
    const Node& node = graph_.nodes[*producer];
    const Shape* weight = constant(node, 1);
    AttributeReader attributes(node);
    if (weight != nullptr && node.is("Conv") && weight->rank() > 2) {
      Dims dims(static_cast<std::size_t>(weight->rank()), kOpen);
      dims[1] = (*weight)[0];
      return dims;
    }
    if (weight != nullptr && node.is("ConvTranspose") && weight->rank() > 2) {
      Dims dims(static_cast<std::size_t>(weight->rank()), kOpen);
      dims[1] = (*weight)[1] * attributes.integer("group", 1);
      return dims;
    }
    if (weight != nullptr && (node.is("Gemm") || node.is("MatMul")) && weight->rank() == 2)
      return Dims{kOpen, (*weight)[attributes.integer("transB", 0) != 0 ? 0 : 1]};
    return node.inputs.empty() ? std::nullopt : made(node.inputs[0], depth + 1);
  }

  static constexpr std::array kKeepRankAndChannels = {
      "Relu", "LeakyRelu", "PRelu", "Clip",   "Identity",          "Dropout",       "MaxPool",    "AveragePool",
      "Neg",  "Abs",       "Pad",   "Resize", "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "Add",
      "Sub",  "Mul",       "Div",   "Sum",    "Upsample"};

  const Graph& graph_;
  Uses uses_;
};

Dims declared(const TensorType& type) {
  Dims dims;
  for (const Dim& dim : *type.shape) dims.push_back(dim.known() ? dim.value : kOpen);
  return dims;
}

/// Sizes of a region's inputs as far as model and layers tell.
std::map<std::string, Dims> told(const Region& region) {
  const Demands before(region.unfolded);
  const Demands after(region.folded);
  std::map<std::string, Dims> all;
  for (const std::string& input : region.inputs) {
    auto demanded = before.of(input);
    if (!demanded) demanded = after.of(input);
    const auto annotation = region.annotations.find(input);
    if (annotation != region.annotations.end() && annotation->second.shape) {
      Dims dims = declared(annotation->second);
      for (std::size_t i = 0; demanded && demanded->size() == dims.size() && i < dims.size(); ++i)
        if (dims[i] == kOpen) dims[i] = (*demanded)[i];
      all[input] = std::move(dims);
    } else if (demanded) {
      all[input] = *demanded;
    }
  }
  return all;
}

InputShapes filled(const std::map<std::string, Dims>& told, std::int64_t size) {
  InputShapes shapes;
  for (const auto& [name, dims] : told) {
    Dims full = dims;
    for (std::size_t i = 0; i < full.size(); ++i) {
      if (full[i] != kOpen) continue;
      const auto axis = static_cast<std::int64_t>(i);
      full[i] = i == 0 ? 2 : i == 1 ? 6 : std::max<std::int64_t>(1, size - 2 * (axis - 2));
    }
    shapes[name] = Shape(std::move(full));
  }
  return shapes;
}

/// Seen shapes with the image cut down by `divide_height` and `divide_width`, and made wider by `wider`.
InputShapes cut(const InputShapes& seen, std::int64_t divide_height, std::int64_t divide_width, std::int64_t wider,
                std::int64_t most_batch) {
  InputShapes shapes = seen;
  for (auto& [name, shape] : shapes) {
    if (shape.rank() > 0) shape[0] = std::min(shape[0], most_batch);
    for (int axis = 2; axis < shape.rank(); ++axis) {
      const bool width = axis == shape.rank() - 1;
      if (shape[axis] < 1) continue;
      shape[axis] = std::max<std::int64_t>(1, shape[axis] / (width ? divide_width : divide_height));
      if (width) shape[axis] += wider;
    }
  }
  return shapes;
}

std::int64_t largest_side(const InputShapes& seen) {
  std::int64_t most = 1;
  for (const auto& [name, shape] : seen)
    for (int axis = 2; axis < shape.rank(); ++axis) most = std::max(most, shape[axis]);
  return most;
}

/// Whether sizes are written into the nodes, so that on others they would mean something else.
bool has_fixed_sizes(const Region& region) {
  constexpr std::array kFixed = {"Reshape", "Flatten", "Expand", "Slice", "Split", "Resize", "Upsample", "Pad"};
  return std::ranges::any_of(region.unfolded.graph.nodes, [&](const Node& node) {
    return std::ranges::any_of(kFixed, [&](const char* op) { return node.is(op); });
  });
}

}  // namespace

std::vector<InputShapes> candidate_shapes(const Region& region, const SeenInputs* seen) {
  constexpr std::int64_t kBatch = 2;
  constexpr std::int64_t kLargeEnough = 16;
  std::vector<InputShapes> candidates;
  const bool was_seen = seen != nullptr && seen->shapes.size() == region.inputs.size();
  if (was_seen && has_fixed_sizes(region)) return {seen->shapes};
  if (was_seen) {
    std::int64_t divide = 1;
    while (largest_side(seen->shapes) / divide > kLargeEnough) divide *= 2;
    candidates.push_back(cut(seen->shapes, divide, divide > 1 ? 2 * divide : 1, divide > 1 ? 0 : 2, kBatch));
    candidates.push_back(cut(seen->shapes, divide, divide, 0, kBatch));
    candidates.push_back(cut(seen->shapes, 1, 1, 0, kBatch));
    candidates.push_back(seen->shapes);
  }
  const auto sizes = told(region);
  if (sizes.size() == region.inputs.size())
    for (const std::int64_t size : {9, 17, 41, 97}) candidates.push_back(filled(sizes, size));
  std::vector<InputShapes> distinct;
  for (InputShapes& shapes : candidates)
    if (std::ranges::find(distinct, shapes) == distinct.end()) distinct.push_back(std::move(shapes));
  return distinct;
}

}  // namespace pleat
