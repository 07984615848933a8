#include "runtime/plan/bind_inputs.h"

#include <map>
#include <unordered_set>

namespace pleat {
namespace {

/// What the names of open sizes ("N") were bound to.
using BoundSizes = std::map<std::string, std::int64_t>;

std::string declared_text(const std::vector<Dim>& dims) {
  std::string out = "[";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) out += ",";
    out += dims[i].known() ? std::to_string(dims[i].value) : dims[i].param.empty() ? "?" : dims[i].param;
  }
  return out + "]";
}

Status check_type(const ValueInfo& input) {
  if (input.type.dtype == DType::kUndefined)
    return fail(Error::unsupported("the input is not a tensor, or its element type is not known here"));
  if (size_of(input.type.dtype) == 0)
    return fail(
        Error::unsupported("tensors of this element type do not run").saw(std::string(dtype_name(input.type.dtype))));
  return {};
}

Status bind_given(const ValueInfo& input, const Shape& given, BoundSizes& sizes) {
  for (std::int64_t dim : given)
    if (dim < 0) return fail(Error::usage("a size is negative").saw(given.text()));
  if (!input.type.shape) return {};
  const std::vector<Dim>& dims = *input.type.shape;
  bool fits = dims.size() == static_cast<std::size_t>(given.rank());
  for (std::size_t i = 0; fits && i < dims.size(); ++i)
    fits = !dims[i].known() || dims[i].value == given[static_cast<int>(i)];
  if (!fits)
    return fail(
        Error::invalid("the shape does not fit the declared one").expect(declared_text(dims)).saw(given.text()));
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i].known() || dims[i].param.empty()) continue;
    const std::int64_t size = given[static_cast<int>(i)];
    const auto [bound, fresh] = sizes.emplace(dims[i].param, size);
    if (bound->second != size)
      return fail(Error::invalid("the size '" + dims[i].param + "' has two values")
                      .expect(std::to_string(bound->second))
                      .saw(std::to_string(size)));
  }
  return {};
}

Result<Shape> settle(const ValueInfo& input, const PlanOptions& options, const BoundSizes& sizes) {
  if (const auto given = options.input_shapes.find(input.name); given != options.input_shapes.end())
    return given->second;
  if (!input.type.shape)
    return fail(Error::usage("the model does not declare the shape of this input")
                    .fix("give its shape when planning, for instance --shape " + input.name + "=1,3,224,224"));
  std::vector<std::int64_t> dims;
  for (const Dim& dim : *input.type.shape) {
    const auto bound = dim.param.empty() ? sizes.end() : sizes.find(dim.param);
    dims.push_back(dim.known() ? dim.value : bound != sizes.end() ? bound->second : options.open_size);
  }
  return Shape(std::move(dims));
}

Status check_names(const Model& model, const PlanOptions& options) {
  for (const auto& [name, shape] : options.input_shapes) {
    if (model.graph.input(name) != nullptr) continue;
    std::vector<std::string> names;
    for (const ValueInfo& input : model.graph.inputs) names.push_back(input.name);
    return fail(Error::usage("the model has no input '" + name + "'").expect("one of: " + quoted_list(names)));
  }
  return {};
}

}  // namespace

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "'" : ", '") + name + "'";
  return out.empty() ? "none" : out;
}

Result<std::vector<PlannedValue>> bind_inputs(const Model& model, const PlanOptions& options) {
  PLEAT_TRY(check_names(model, options));
  std::unordered_set<std::string_view> preset;
  for (const Initializer& initializer : model.graph.initializers) preset.insert(initializer.name);
  const auto asked = [&](const ValueInfo& input) {
    return options.input_shapes.contains(input.name) || !preset.contains(input.name);
  };
  const auto place = [](const ValueInfo& input) { return "input '" + input.name + "'"; };
  BoundSizes sizes;
  for (const ValueInfo& input : model.graph.inputs) {
    if (!asked(input)) continue;
    if (Status typed = check_type(input); !typed) return fail(std::move(typed).error().at(place(input)));
    const auto given = options.input_shapes.find(input.name);
    if (given == options.input_shapes.end()) continue;
    if (Status bound = bind_given(input, given->second, sizes); !bound)
      return fail(std::move(bound).error().at(place(input)));
  }
  std::vector<PlannedValue> inputs;
  for (const ValueInfo& input : model.graph.inputs) {
    if (!asked(input)) continue;
    auto shape = settle(input, options, sizes);
    if (!shape) return fail(std::move(shape).error().at(place(input)));
    inputs.push_back({input.name, input.type.dtype, std::move(*shape)});
  }
  return inputs;
}

}  // namespace pleat
