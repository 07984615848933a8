#include "converter/verify/region_inputs.h"

#include <algorithm>
#include <cmath>

#include "converter/verify/region_shapes.h"
#include "converter/verify/sample_stream.h"
#include "converter/verify/widen.h"

namespace pleat {
namespace {

/// Fills one input; `turn` counts the tensors of one kind.
using Fill = void (*)(std::vector<double>& values, const Shape& shape, std::int64_t turn, SampleStream& random);

void fill_normal(std::vector<double>& values, const Shape&, std::int64_t, SampleStream& random) {
  for (double& value : values) value = random.normal();
}

void fill_large_mean(std::vector<double>& values, const Shape&, std::int64_t, SampleStream& random) {
  for (double& value : values) value = 5 + 0.1 * random.normal();
}

/// Corners, or the middles of borders and the centre: places that are first, last or in the middle along each axis.
bool belongs(std::int64_t place, int axes, bool corners) {
  bool all_ends = true;
  for (int axis = 0; axis < axes; ++axis, place /= 3) all_ends = all_ends && place % 3 != 2;
  return all_ends == corners;
}

std::int64_t offset_of(const Shape& shape, std::int64_t place) {
  const std::vector<std::int64_t> strides = shape.strides();
  std::int64_t offset = 0;
  for (int axis = 2; axis < shape.rank(); ++axis, place /= 3) {
    const std::int64_t last = shape[axis] - 1;
    const std::int64_t which = place % 3;
    offset += strides[static_cast<std::size_t>(axis)] * (which == 0 ? 0 : which == 1 ? last : last / 2);
  }
  return offset;
}

/// Zero but for the corners, or but for the middles, in turn, where all channels have random values.
void fill_impulses(std::vector<double>& values, const Shape& shape, std::int64_t turn, SampleStream& random) {
  if (values.empty()) return;
  if (shape.rank() < 2) {
    values[static_cast<std::size_t>(turn) % values.size()] = 1;
    return;
  }
  const int axes = shape.rank() - 2;
  const std::int64_t image = shape.elements(2, shape.rank());
  const auto places = static_cast<std::int64_t>(std::pow(3, axes));
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t place = 0; place < places; ++place) {
      if (axes > 0 && !belongs(place, axes, (turn * shape[0] + n) % 2 == 0)) continue;
      for (std::int64_t c = 0; c < shape[1]; ++c)
        values[static_cast<std::size_t>((n * shape[1] + c) * image + offset_of(shape, place))] = random.normal();
    }
  }
}

struct Kind {
  const char* name;
  Fill fill;
  bool both_places;
};
constexpr Kind kKinds[] = {{"generated normal", fill_normal, false},
                           {"generated impulses", fill_impulses, true},
                           {"generated large mean", fill_large_mean, false}};

/// The type of an input: as seen, as declared, or that of the region's constants.
DType type_of(const Region& region, const SeenInputs* seen, const std::string& input) {
  if (seen != nullptr)
    if (const auto known = seen->dtypes.find(input); known != seen->dtypes.end()) return known->second;
  const auto annotation = region.annotations.find(input);
  if (annotation != region.annotations.end() && annotation->second.dtype != DType::kUndefined)
    return annotation->second.dtype;
  for (const Model* part : {&region.unfolded, &region.folded})
    for (const Initializer& constant : part->graph.initializers)
      if (is_floating(constant.tensor.dtype())) return constant.tensor.dtype();
  return DType::kFloat;
}

Result<NamedTensors> fill(const Region& region, const SeenInputs* seen, const InputShapes& shapes, Fill fill,
                          std::int64_t turn, SampleStream& random) {
  NamedTensors inputs;
  for (const auto& [name, shape] : shapes) {
    const DType type = type_of(region, seen, name);
    if (!is_floating(type)) {
      if (seen == nullptr || !seen->integers.contains(name))
        return fail(Error::unsupported("an integer input cannot be made up").at("'" + name + "'"));
      inputs[name] = seen->integers.at(name);
      continue;
    }
    std::vector<double> values(static_cast<std::size_t>(shape.elements()), 0);
    fill(values, shape, turn, random);
    PLEAT_ASSIGN(inputs[name], from_doubles(type, shape, values));
  }
  return inputs;
}

Status try_out(const Region& region, const NamedTensors& inputs, int threads) {
  const std::set<std::string> outputs(region.outputs.begin(), region.outputs.end());
  PLEAT_TRY(Evaluator(region.unfolded, Arithmetic::kOwn, threads).run(inputs, outputs));
  return {};
}

}  // namespace

Result<std::vector<GeneratedInputs>> generated_inputs(const Region& region, const SeenInputs* seen, std::uint64_t seed,
                                                      int threads) {
  Error why = Error::unsupported("the sizes of its inputs are nowhere told");
  for (const InputShapes& shapes : candidate_shapes(region, seen)) {
    std::vector<GeneratedInputs> sets;
    std::uint64_t next = seed;
    Status good;
    for (const Kind& kind : kKinds) {
      std::int64_t turns = 1;
      if (kind.both_places)
        for (const auto& [name, shape] : shapes)
          if (shape.rank() > 2 && shape[0] < 2) turns = 2;
      SampleStream random(next);
      for (std::int64_t turn = 0; good && turn < turns; ++turn) {
        auto inputs = fill(region, seen, shapes, kind.fill, turn, random);
        good = inputs ? Status{} : fail(inputs.error());
        if (good && sets.empty()) good = try_out(region, *inputs, threads);
        if (good) sets.push_back({kind.name, next, std::move(*inputs)});
      }
      ++next;
    }
    if (good) return sets;
    why = std::move(good).error();
  }
  return fail(Error::unsupported("no inputs could be made for the region").saw(why.text()));
}

}  // namespace pleat
