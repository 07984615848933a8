#include "converter/engine/opencv.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "converter/engine/module/opencv_dnn.h"
#include "converter/verify/last_layer.h"
#include "converter/verify/linear_node.h"
#include "converter/verify/noise.h"
#include "converter/verify/value_figures.h"
#include "converter/verify/widen.h"
#include "runtime/base/shared_module.h"
#include "runtime/graph/attributes.h"
#include "runtime/onnx/writer.h"

namespace pleat {
namespace {

constexpr std::size_t kMessage = 4096;
constexpr std::uint64_t kNoiseSeed = 20240229;

/// The functions of the module.
struct Module {
  decltype(pleat_dnn_version)* version;
  decltype(pleat_dnn_open)* open;
  decltype(pleat_dnn_close)* close;
  decltype(pleat_dnn_run)* run;

  static Result<Module> load() {
    const std::string name = "pleat_opencv_dnn";
    Module module{};
    PLEAT_ASSIGN(module.version, module_function<decltype(pleat_dnn_version)>(name, "pleat_dnn_version"));
    PLEAT_ASSIGN(module.open, module_function<decltype(pleat_dnn_open)>(name, "pleat_dnn_open"));
    PLEAT_ASSIGN(module.close, module_function<decltype(pleat_dnn_close)>(name, "pleat_dnn_close"));
    PLEAT_ASSIGN(module.run, module_function<decltype(pleat_dnn_run)>(name, "pleat_dnn_run"));
    return module;
  }
};

/// The engine's own words, on one line.
std::string refused(std::string message) {
  message.resize(std::min(message.find('\0'), message.size()));
  std::ranges::replace(message, '\n', ' ');
  return message;
}

/// Conv's kernel_shape may be left to the weight; OpenCV does not look there.
void add_kernel_shape(const Graph& graph, Node& node) {
  if (!(node.is("Conv") || node.is("ConvTranspose")) || node.attribute("kernel_shape") != nullptr) return;
  const Tensor* weight = node.inputs.size() > 1 ? stored_constant(graph, node.inputs[1]) : nullptr;
  if (weight == nullptr || weight->shape().rank() < 3) return;
  node.attributes.push_back(Attribute::integers("kernel_shape", {weight->shape().begin() + 2, weight->shape().end()}));
}

/// OpenCV 4.6 loses its way where a Gemm's constant B is not the transposed one.
Status transpose_gemm(const Graph& graph, Node& node, std::vector<Initializer>& added) {
  AttributeReader attributes(node);
  const Tensor* weight = node.is("Gemm") && node.inputs.size() > 1 ? stored_constant(graph, node.inputs[1]) : nullptr;
  if (weight == nullptr || attributes.integer("transB", 0) != 0 || weight->shape().rank() != 2) return {};
  const std::int64_t rows = weight->shape()[0], columns = weight->shape()[1];
  Initializer initializer;
  initializer.name = node.outputs[0] + ".transposed_for_opencv";
  PLEAT_ASSIGN(initializer.tensor, Tensor::allocate(weight->dtype(), Shape{columns, rows}));
  const std::size_t size = size_of(weight->dtype());
  auto* turned = static_cast<std::byte*>(initializer.tensor.mutable_bytes());
  for (std::int64_t k = 0; k < columns; ++k)
    for (std::int64_t i = 0; i < rows; ++i, turned += size)
      std::memcpy(turned, weight->bytes().data() + static_cast<std::size_t>(i * columns + k) * size, size);
  node.inputs[1] = initializer.name;
  std::erase_if(node.attributes, [](const Attribute& attribute) { return attribute.name == "transB"; });
  node.attributes.push_back(Attribute::integer("transB", 1));
  added.push_back(std::move(initializer));
  return {};
}

void set_sizes(std::vector<ValueInfo>& infos, const NamedTensors& values) {
  for (ValueInfo& info : infos) {
    const auto value = values.find(info.name);
    if (value == values.end()) continue;
    info.encoded_type.clear();
    info.type.shape.emplace();
    for (const std::int64_t size : value->second.shape()) info.type.shape->emplace_back().value = size;
  }
}

/// The model as OpenCV reads it best: the sizes of inputs, outputs and kernels written down, and constant B of Gemm
/// transposed.
Result<Model> for_opencv(const Model& model, const NamedTensors& inputs, const NamedTensors& outputs) {
  Model fixed = model;
  set_sizes(fixed.graph.inputs, inputs);
  set_sizes(fixed.graph.outputs, outputs);
  for (Node& node : fixed.graph.nodes) {
    add_kernel_shape(model.graph, node);
    PLEAT_TRY(transpose_gemm(model.graph, node, fixed.graph.initializers));
  }
  return fixed;
}

/// A network in OpenCV for inputs of one shape.
class Engine {
 public:
  Engine(const Module& module, const Model& model) : module_(module), model_(model) {
    for (const ValueInfo& output : model.graph.outputs) outputs_.push_back(output.name);
  }

  /// The outputs, or in `refusal` why there are none; `own` tells what sizes they must have.
  Result<NamedTensors> run(const NamedTensors& inputs, const NamedTensors& own, std::string& refusal) {
    for (const auto& [name, tensor] : inputs)
      if (tensor.dtype() != DType::kFloat || tensor.shape().rank() == 0) {
        refusal = "it takes inputs of float only, and '" + name + "' is " + std::string(dtype_name(tensor.dtype())) +
                  tensor.shape().text();
        return NamedTensors{};
      }
    PLEAT_TRY(open(inputs, own, refusal));
    if (network_ == nullptr) return NamedTensors{};
    return forward(inputs, refusal);
  }

 private:
  using Network = std::unique_ptr<void, decltype(pleat_dnn_close)*>;

  Status open(const NamedTensors& inputs, const NamedTensors& own, std::string& refusal) {
    std::string key;
    for (const auto& [name, tensor] : inputs) key += name + tensor.shape().text();
    if (network_ != nullptr && key == key_) return {};
    PLEAT_ASSIGN(const Model model, for_opencv(model_, inputs, own));
    PLEAT_ASSIGN(const std::string bytes, serialize(model));
    std::string message(kMessage, '\0');
    network_ = Network(module_.open(bytes.data(), bytes.size(), message.data(), message.size()), module_.close);
    key_ = key;
    if (network_ == nullptr) refusal = refused(std::move(message));
    return {};
  }

  Result<NamedTensors> forward(const NamedTensors& inputs, std::string& refusal) {
    std::vector<pleat_dnn_value> values;
    for (const auto& [name, tensor] : inputs)
      values.push_back(
          {name.c_str(), tensor.shape().rank(), tensor.shape().dims().data(), tensor.data<float>().data()});
    std::vector<const char*> names;
    for (const std::string& name : outputs_) names.push_back(name.c_str());
    Taken taken{outputs_, {}};
    std::string message(kMessage, '\0');
    if (!module_.run(network_.get(), values.data(), values.size(), names.data(), names.size(), take, &taken,
                     message.data(), message.size()))
      refusal = refused(std::move(message));
    return std::move(taken.tensors);
  }

  struct Taken {
    const std::vector<std::string>& names;
    NamedTensors tensors;
  };
  static void take(void* context, std::size_t output, int rank, const int* sizes, const float* values) {
    auto& taken = *static_cast<Taken*>(context);
    const Shape shape(std::vector<std::int64_t>(sizes, sizes + rank));
    taken.tensors[taken.names[output]] =
        Tensor::of(shape, std::span(values, static_cast<std::size_t>(shape.elements())));
  }

  const Module& module_;
  const Model& model_;
  std::vector<std::string> outputs_;
  std::string key_;
  Network network_{nullptr, nullptr};
};

/// Compares one model, batch by batch.
class Comparison {
 public:
  Comparison(const Module& module, const Model& model, int threads)
      : model_(model),
        threads_(threads),
        uses_(model.graph),
        engine_(module, model),
        own_(model, Arithmetic::kOwn, threads),
        in_double_(model, Arithmetic::kDouble, threads),
        noise_(model, kNoiseSeed) {}

  /// False once the engine refuses.
  Result<bool> compare(const SampleSet& set, std::int64_t batch, EngineReport& report) {
    PLEAT_ASSIGN(const NamedTensors inputs, set.batch(batch));
    std::set<std::string> wanted;
    for (const ValueInfo& output : model_.graph.outputs) {
      wanted.insert(output.name);
      if (const auto last = LastLayer::before(output.name, model_, uses_)) wanted.insert(last->input());
    }
    PLEAT_ASSIGN(const NamedTensors own, own_.run(inputs, wanted));
    PLEAT_ASSIGN(const NamedTensors foreign, engine_.run(inputs, own, report.refusal));
    if (!report.refusal.empty()) return false;
    PLEAT_ASSIGN(const NamedTensors truth, in_double_.run(inputs, wanted));
    for (const ValueInfo& output : model_.graph.outputs) {
      auto alike = same_shape(own.at(output.name), foreign.at(output.name));
      if (!alike) {
        report.refusal = alike.error().text();
        return false;
      }
      PLEAT_TRY(compare(output.name, *alike, own, truth, inputs, set, batch));
    }
    return true;
  }

  void fill(EngineReport& report) const {
    for (const ValueFigures& each : figures_) {
      const OutputFigures& f = each.figures();
      report.outputs.push_back({f.output, f.samples, f.compared, f.max_abs_difference, f.unfolded_error, f.folded_error,
                                f.allowed, f.class_mismatches});
    }
  }

 private:
  /// OpenCV drops and adds axes of size 1.
  static Result<Tensor> same_shape(const Tensor& own, const Tensor& foreign) {
    if (own.dtype() == DType::kFloat && own.elements() == foreign.elements()) return foreign.reshaped(own.shape());
    return fail(Error::unsupported("it gives an output of another kind")
                    .expect(std::string(dtype_name(own.dtype())) + own.shape().text())
                    .saw("float" + foreign.shape().text()));
  }

  ValueFigures& figures_of(const std::string& output, const std::string& samples) {
    for (ValueFigures& each : figures_)
      if (each.figures().output == output && each.figures().samples == samples) return each;
    return figures_.emplace_back(output, samples);
  }

  Status compare(const std::string& name, const Tensor& foreign, const NamedTensors& own, const NamedTensors& truth,
                 const NamedTensors& inputs, const SampleSet& set, std::int64_t batch) {
    ValueFigures& figures = figures_of(name, set.name);
    PLEAT_TRY(figures.begin(own.at(name), foreign, truth.at(name), batch));
    double bound = 0;
    if (const auto last = LastLayer::before(name, model_, uses_)) {
      const auto made = own.find(last->input());
      PLEAT_ASSIGN(bound, last->bound(made != own.end() ? made->second : inputs.at(last->input()), threads_));
    }
    figures.measure(bound, nullptr);
    if (figures.exceeds()) {
      PLEAT_ASSIGN(const auto squares, noise_.mean_squares(in_double_, inputs, {name}, truth));
      if (const auto known = squares.find(name); known != squares.end())
        figures.add_noise(known->second, noise_.roundings_behind(name));
    }
    figures.end();
    figures.differ(own.at(name), foreign, {}, batch);
    return {};
  }

  const Model& model_;
  int threads_;
  Uses uses_;
  Engine engine_;
  Evaluator own_, in_double_;
  Noise noise_;
  std::vector<ValueFigures> figures_;
};

}  // namespace

bool EngineReport::agrees() const {
  return ran && std::ranges::all_of(outputs, [](const EngineFigures& figures) {
           return figures.class_mismatches == 0 && figures.engine_error <= figures.allowed;
         });
}

Result<EngineReport> compare_with_opencv(const Model& model, const std::vector<SampleSet>& samples, int threads) {
  PLEAT_ASSIGN(const Module module, Module::load());
  EngineReport report;
  report.engine = std::string("OpenCV ") + module.version();
  Comparison comparison(module, model, threads);
  for (const SampleSet& set : samples)
    for (std::int64_t b = 0; b < set.batches; ++b) {
      PLEAT_ASSIGN(const bool ran, comparison.compare(set, b, report));
      if (!ran) return report;
    }
  comparison.fill(report);
  report.ran = !report.outputs.empty();
  if (!report.ran) report.refusal = "there are no samples";
  return report;
}

}  // namespace pleat
