#include "converter/verify/samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>

namespace pleat {
namespace {

/// splitmix64: small, and the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::uint64_t state_;
};

/// The samples of one batch, row after row; `first` is the number of its first sample within the set.
struct Rows {
  std::vector<double>& values;
  std::int64_t count;
  std::int64_t first;

  std::span<double> row(std::int64_t r) const {
    const std::size_t each = values.size() / static_cast<std::size_t>(count);
    return std::span(values).subspan(static_cast<std::size_t>(r) * each, each);
  }
};

using Fill = void (*)(const Rows& rows, Random& random);

void fill_normal(const Rows& rows, Random& random) {
  for (double& value : rows.values) value = random.normal();
}

void fill_uniform(const Rows& rows, Random& random) {
  for (double& value : rows.values) value = random.uniform();
}

void fill_constant(const Rows& rows, Random& random) {
  const std::array fixed = {0.0, 1.0, -1.0};
  for (std::int64_t r = 0; r < rows.count; ++r) {
    const auto sample = static_cast<std::size_t>(rows.first + r);
    std::ranges::fill(rows.row(r), sample < fixed.size() ? fixed[sample] : random.normal());
  }
}

/// The first and the last place in turn, then any: borders are where padding shows.
void fill_impulses(const Rows& rows, Random& random) {
  for (std::int64_t r = 0; r < rows.count; ++r) {
    const std::span<double> row = rows.row(r);
    if (row.empty()) continue;
    const std::int64_t sample = rows.first + r;
    const std::size_t place = sample == 0 ? 0 : sample == 1 ? row.size() - 1 : random.bits() % row.size();
    row[place] = sample % 2 == 0 ? 1 : -1;
  }
}

void fill_large_mean(const Rows& rows, Random& random) {
  for (double& value : rows.values) value = 5 + 0.1 * random.normal();
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

bool is_constant(const Model& model, const std::string& name) { return model.graph.initializer(name) != nullptr; }

Result<Shape> shape_for(const ValueInfo& input, const GeneratedSamples& options) {
  if (const auto given = options.shapes.find(input.name); given != options.shapes.end()) return given->second;
  if (!input.type.shape)
    return fail(Error::usage("the model does not declare the shape of this input").fix("give its shape"));
  std::vector<std::int64_t> dims;
  for (const Dim& dim : *input.type.shape)
    dims.push_back(dim.known() ? dim.value : dims.empty() ? options.samples : options.open_size);
  return Shape(std::move(dims));
}

Result<Tensor> generate(const ValueInfo& input, const Kind& kind, const GeneratedSamples& options, std::int64_t batch,
                        Random& random) {
  PLEAT_ASSIGN(const Shape shape, shape_for(input, options));
  PLEAT_ASSIGN(const std::int64_t count, checked_elements(shape.dims(), sizeof(double)));
  std::vector<double> values(static_cast<std::size_t>(count), 0);
  const std::int64_t rows = shape.rank() > 0 && shape[0] > 0 ? shape[0] : 1;
  kind.fill({values, rows, batch * rows}, random);
  const DType dtype = input.type.dtype;
  if (dtype == DType::kFloat || dtype == DType::kDouble || dtype == DType::kFloat16 || dtype == DType::kBfloat16)
    return from_doubles(dtype, shape, values);
  return Tensor::allocate(dtype, shape);
}

/// How many batches of the model's own size make about `options.samples` samples.
std::int64_t batches_for(const Model& model, const GeneratedSamples& options) {
  std::int64_t batches = 1;
  for (const ValueInfo& input : model.graph.inputs) {
    if (is_constant(model, input.name) || !input.type.shape || input.type.shape->empty()) continue;
    const Dim& first = input.type.shape->front();
    if (first.known() && first.value > 0) batches = std::max(batches, options.samples / first.value);
  }
  return batches;
}

}  // namespace

Result<SampleSet> sample_set(const Model& model, std::string name, const Tensor& all, std::int64_t batch_size) {
  std::vector<const ValueInfo*> inputs;
  for (const ValueInfo& input : model.graph.inputs)
    if (!is_constant(model, input.name)) inputs.push_back(&input);
  if (inputs.size() != 1) return fail(Error::usage("samples of one tensor need a model with one input"));
  if (all.shape().rank() == 0) return fail(Error::usage("samples need a first axis that counts them"));
  const ValueInfo& input = *inputs[0];
  std::int64_t size = std::min(batch_size, all.shape()[0]);
  if (input.type.shape && !input.type.shape->empty() && input.type.shape->front().known())
    size = input.type.shape->front().value;
  if (size <= 0 || all.shape()[0] < size) return fail(Error::usage("there are too few samples for one batch"));

  const bool rest_runs = !(input.type.shape && !input.type.shape->empty() && input.type.shape->front().known());
  SampleSet set;
  set.name = std::move(name);
  set.batches = rest_runs ? (all.shape()[0] + size - 1) / size : all.shape()[0] / size;
  set.samples = rest_runs ? all.shape()[0] : set.batches * size;
  set.batch = [all, size, input_name = input.name](std::int64_t index) -> Result<NamedTensors> {
    std::vector<std::int64_t> dims = all.shape().dims();
    const std::int64_t first = index * size;
    dims[0] = std::min(size, all.shape()[0] - first);
    Shape shape(std::move(dims));
    const std::size_t row_bytes = all.byte_size() / static_cast<std::size_t>(all.shape()[0]);
    PLEAT_ASSIGN(Tensor batch, Tensor::allocate(all.dtype(), shape));
    const auto bytes = all.bytes().subspan(static_cast<std::size_t>(first) * row_bytes, batch.byte_size());
    std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(batch.mutable_bytes()));
    return NamedTensors{{input_name, std::move(batch)}};
  };
  return set;
}

Result<std::vector<SampleSet>> generated_samples(const Model& model, const GeneratedSamples& options) {
  if (options.samples < 1) return fail(Error::usage("at least one sample is needed"));
  std::vector<SampleSet> sets;
  std::uint64_t seed = options.seed;
  for (const Kind& kind : kKinds) {
    SampleSet set;
    set.name = kind.name;
    set.seed = seed++;
    set.batches = batches_for(model, options);
    std::vector<NamedTensors> made;
    Random random(set.seed);
    for (std::int64_t b = 0; b < set.batches; ++b) {
      NamedTensors batch;
      for (const ValueInfo& input : model.graph.inputs) {
        if (is_constant(model, input.name)) continue;
        auto tensor = generate(input, kind, options, b, random);
        if (!tensor) return fail(std::move(tensor).error().at("input '" + input.name + "'"));
        set.samples += batch.empty() ? (tensor->shape().rank() > 0 ? tensor->shape()[0] : 1) : 0;
        batch.emplace(input.name, std::move(*tensor));
      }
      made.push_back(std::move(batch));
    }
    set.batch = [made](std::int64_t index) -> Result<NamedTensors> { return made[static_cast<std::size_t>(index)]; };
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace pleat
