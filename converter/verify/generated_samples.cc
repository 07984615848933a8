#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "converter/verify/input_sizes.h"
#include "converter/verify/sample_stream.h"
#include "converter/verify/samples.h"
#include "converter/verify/widen.h"

namespace pleat {
namespace {

constexpr std::int64_t kMostSamples = 16;
/// Multiply-adds that one kind of samples may cost.
constexpr std::int64_t kAffordable = 1'000'000'000;

std::int64_t below(SampleStream& random, std::int64_t end) {
  return static_cast<std::int64_t>(random.bits() % static_cast<std::uint64_t>(end));
}

/// One sample of one input, and where it stands in its set.
struct Sample {
  std::span<double> values;
  const Shape& shape;  ///< of the sample alone: channels, then places
  std::int64_t number;
  std::int64_t count;
};

using Fill = void (*)(const Sample& sample, SampleStream& random);

void fill_normal(const Sample& sample, SampleStream& random) {
  for (double& value : sample.values) value = random.normal();
}

void fill_uniform(const Sample& sample, SampleStream& random) {
  for (double& value : sample.values) value = random.uniform();
}

void fill_constant(const Sample& sample, SampleStream& random) {
  constexpr std::array kFixed = {1.0, 0.0, -1.0};
  const auto number = static_cast<std::size_t>(sample.number);
  std::ranges::fill(sample.values, number < kFixed.size() ? kFixed[number] : random.normal());
}

/// Corners, middles of borders and the middle: 3 places to the power of the axes behind the channels. Borders are where
/// padding shows.
std::vector<std::int64_t> places(const Shape& shape) {
  std::vector<std::int64_t> found{0};
  for (int axis = std::min(1, shape.rank()); axis < shape.rank() && found.size() < 100; ++axis) {
    std::vector<std::int64_t> further;
    for (const std::int64_t place : found)
      for (const std::int64_t at : {std::int64_t{0}, shape[axis] - 1, shape[axis] / 2})
        further.push_back(place * shape[axis] + at);
    found = std::move(further);
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

/// The places go round the samples, each in some channel; a sample for which none is left gets any.
void fill_impulses(const Sample& sample, SampleStream& random) {
  if (sample.values.empty()) return;
  const std::int64_t channels = sample.shape.rank() > 0 ? sample.shape[0] : 1;
  const auto size = static_cast<std::int64_t>(sample.values.size()) / channels;
  const std::vector<std::int64_t> all = size > 1 ? places(sample.shape) : std::vector<std::int64_t>{0};
  double sign = sample.number % 2 == 0 ? 1 : -1;
  const auto put = [&](std::int64_t place) {
    sample.values[static_cast<std::size_t>(below(random, channels) * size + place % size)] = sign;
    sign = -sign;
  };
  bool any = false;
  for (auto at = static_cast<std::size_t>(sample.number); at < all.size();
       at += static_cast<std::size_t>(sample.count), any = true)
    put(all[at]);
  if (!any) put(below(random, size));
}

void fill_large_mean(const Sample& sample, SampleStream& random) {
  for (double& value : sample.values) value = 5 + 0.1 * random.normal();
}

struct Kind {
  const char* name;
  Fill fill;
};
constexpr Kind kKinds[] = {{"normal", fill_normal},
                           {"uniform", fill_uniform},
                           {"constant", fill_constant},
                           {"impulses", fill_impulses},
                           {"large mean", fill_large_mean}};

/// Whole numbers from here up to there.
struct Range {
  std::int64_t low, high;
};
Range range_of(DType dtype) {
  switch (dtype) {
    case DType::kUint8: return {0, 255};
    case DType::kInt8: return {-128, 127};
    case DType::kBool: return {0, 1};
    default: return {0, 3};
  }
}

template <class T>
void fill_whole(Tensor& tensor, SampleStream& random) {
  const Range range = range_of(tensor.dtype());
  for (T& value : tensor.mutable_data<T>())
    value = static_cast<T>(range.low + below(random, range.high - range.low + 1));
}

Status fill_whole(Tensor& tensor, SampleStream& random) {
  switch (tensor.dtype()) {
    case DType::kUint8: return fill_whole<std::uint8_t>(tensor, random), Status{};
    case DType::kInt8: return fill_whole<std::int8_t>(tensor, random), Status{};
    case DType::kUint16: return fill_whole<std::uint16_t>(tensor, random), Status{};
    case DType::kInt16: return fill_whole<std::int16_t>(tensor, random), Status{};
    case DType::kInt32: return fill_whole<std::int32_t>(tensor, random), Status{};
    case DType::kInt64: return fill_whole<std::int64_t>(tensor, random), Status{};
    case DType::kUint32: return fill_whole<std::uint32_t>(tensor, random), Status{};
    case DType::kUint64: return fill_whole<std::uint64_t>(tensor, random), Status{};
    case DType::kBool: return fill_whole<bool>(tensor, random), Status{};
    default:
      return fail(Error::unsupported("no samples can be made up for this type of element")
                      .saw(std::string(dtype_name(tensor.dtype()))));
  }
}

/// Makes the batches of one kind.
struct Generator {
  Kind kind;
  std::uint64_t seed;
  std::int64_t batches;
  std::vector<std::pair<ValueInfo, Shape>> inputs;  ///< with the shape of a batch

  Result<NamedTensors> operator()(std::int64_t batch) const {
    SampleStream random(seed + static_cast<std::uint64_t>(batch) * 0xd1342543de82ef95U);
    NamedTensors made;
    for (const auto& [input, shape] : inputs) {
      auto tensor = generate(input.type.dtype, shape, batch, random);
      if (!tensor) return fail(std::move(tensor).error().at("input '" + input.name + "'"));
      made.emplace(input.name, std::move(*tensor));
    }
    return made;
  }

  Result<Tensor> generate(DType dtype, const Shape& shape, std::int64_t batch, SampleStream& random) const {
    PLEAT_ASSIGN(const std::int64_t elements, checked_elements(shape.dims(), sizeof(double)));
    if (!is_floating(dtype)) {
      PLEAT_ASSIGN(Tensor tensor, Tensor::allocate(dtype, shape));
      PLEAT_TRY(fill_whole(tensor, random));
      return tensor;
    }
    const std::int64_t rows = shape.rank() > 0 && shape[0] > 0 ? shape[0] : 1;
    const Shape one(std::vector<std::int64_t>(shape.begin() + std::min(1, shape.rank()), shape.end()));
    std::vector<double> values(static_cast<std::size_t>(elements), 0);
    const std::size_t each = values.size() / static_cast<std::size_t>(rows);
    for (std::int64_t r = 0; r < rows; ++r)
      kind.fill(
          {std::span(values).subspan(static_cast<std::size_t>(r) * each, each), one, batch * rows + r, rows * batches},
          random);
    return from_doubles(dtype, shape, values);
  }
};

std::map<std::string, Shape> with_rows(std::map<std::string, Shape> shapes, std::int64_t rows) {
  for (auto& [name, shape] : shapes) shape[0] = rows;
  return shapes;
}

}  // namespace

Result<std::vector<SampleSet>> generated_samples(const Model& model, const GeneratedSamples& options) {
  PLEAT_ASSIGN(const InputSizes sizes, find_input_sizes(model, options.shapes, options.threads));
  std::int64_t rows = std::numeric_limits<std::int64_t>::max();  // of one run, told by the input that has the fewest
  Generator generator{};
  for (const ValueInfo* input : open_inputs(model)) {
    const Shape& shape = sizes.shapes.at(input->name);
    rows = std::min(rows, shape.rank() > 0 ? std::max<std::int64_t>(1, shape[0]) : 1);
    generator.inputs.emplace_back(*input, shape);
  }
  if (generator.inputs.empty()) rows = 1;
  const std::int64_t macs = std::max<std::int64_t>(1, sizes.macs / rows);
  const std::int64_t wanted =
      options.samples > 0 ? options.samples : std::clamp<std::int64_t>(kAffordable / macs, 1, kMostSamples);
  const bool together =
      sizes.open_batch && wanted > 1 && runs_with(model, with_rows(sizes.shapes, wanted), options.threads);
  generator.batches = together ? 1 : std::max<std::int64_t>(1, wanted / rows);
  const std::int64_t samples = together ? wanted : generator.batches * rows;
  if (together)
    for (auto& [input, shape] : generator.inputs) shape[0] = wanted;

  std::vector<SampleSet> sets;
  generator.seed = options.seed;
  for (const Kind& kind : kKinds) {
    generator.kind = kind;
    SampleSet set;
    set.name = kind.name;
    set.seed = generator.seed;
    set.batches = generator.batches;
    set.samples = samples;
    set.batch = generator;
    sets.push_back(std::move(set));
    ++generator.seed;
  }
  return sets;
}

}  // namespace pleat
