#include "tests/support/sketch.h"

#include <stdexcept>

#include "tests/support/random_values.h"

namespace pleat {

Attribute graph_attribute(std::string name, Graph graph) {
  Attribute made;
  made.name = std::move(name);
  made.type = Attribute::Type::kGraph;
  made.value = std::make_shared<Graph>(std::move(graph));
  return made;
}

Sketch::Sketch(std::string prefix, unsigned seed) : prefix_(std::move(prefix)), seed_(seed) {
  graph().name = prefix_.empty() ? "drawn" : prefix_;
}

Sketch& Sketch::opset(std::int64_t version) {
  builder_.model().opset_imports[0].version = version;
  return *this;
}
Sketch& Sketch::ir(std::int64_t version) {
  builder_.model().ir_version = version;
  return *this;
}
Sketch& Sketch::import(std::string domain, std::int64_t version) {
  builder_.model().opset_imports.push_back({std::move(domain), version});
  return *this;
}
Sketch& Sketch::type(DType dtype) {
  dtype_ = dtype;
  return *this;
}
Sketch& Sketch::input(std::string name, Dims dims) { return input(std::move(name), std::move(dims), dtype_); }
Sketch& Sketch::input(std::string name, Dims dims, DType dtype) {
  builder_.input(std::move(name), dims, dtype);
  return *this;
}
Sketch& Sketch::input_of_unknown_rank(std::string name) {
  builder_.input(std::move(name), {}, dtype_);
  graph().inputs.back().type.shape.reset();
  return *this;
}
Sketch& Sketch::output(std::string name) { return output(std::move(name), dtype_); }
Sketch& Sketch::output(std::string name, DType dtype) {
  builder_.output(std::move(name), dtype);
  return *this;
}
Sketch& Sketch::annotate(std::string name, Dims dims) {
  ModelBuilder other;
  other.input(std::move(name), dims, dtype_);
  graph().value_info.push_back(other.model().graph.inputs[0]);
  return *this;
}
Sketch& Sketch::also_input(const std::string& constant) {
  const Tensor& tensor = initializer(constant).tensor;
  return input(constant, tensor.shape().dims(), tensor.dtype());
}

std::string Sketch::fresh(const std::string& stem) { return prefix_ + stem + std::to_string(++next_); }

std::string Sketch::constant(std::string name, Tensor tensor) {
  builder_.constant(name, std::move(tensor));
  return name;
}
std::string Sketch::constant(std::string name, Shape shape, const std::vector<double>& values) {
  return constant(std::move(name), from_doubles(dtype_, std::move(shape), values).value());
}
std::vector<double> Sketch::draw(std::int64_t count, double low, double high) {
  return random_values<double>(count, seed_++, low, high);
}
std::string Sketch::weight(Shape shape, double low, double high) {
  const auto values = draw(shape.elements(), low, high);
  return constant(fresh("w"), std::move(shape), values);
}
std::string Sketch::integers(const Dims& values) {
  return constant(fresh("i"), Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values));
}

std::string Sketch::op(std::string type, Names inputs, Attributes attributes, std::string out) {
  return op_of({}, std::move(type), std::move(inputs), std::move(attributes), std::move(out));
}
std::string Sketch::op_of(std::string domain, std::string type, Names inputs, Attributes attributes, std::string out) {
  if (out.empty()) out = fresh("t");
  builder_.node(std::move(type), std::move(inputs), {out}, std::move(attributes));
  last().domain = std::move(domain);
  return out;
}
std::string Sketch::conv(const std::string& x, Shape shape, Attributes attributes, std::string out) {
  const std::string w = weight(std::move(shape));
  return op("Conv", {x, w}, std::move(attributes), std::move(out));
}
std::string Sketch::conv_bias(const std::string& x, Shape shape, Attributes attributes, std::string out) {
  const std::int64_t channels = shape[0];
  const std::string w = weight(std::move(shape));
  const std::string b = weight({channels});
  return op("Conv", {x, w, b}, std::move(attributes), std::move(out));
}
std::string Sketch::transposed(const std::string& x, Shape shape, Attributes attributes, std::string out) {
  const std::string w = weight(std::move(shape));
  return op("ConvTranspose", {x, w}, std::move(attributes), std::move(out));
}
std::string Sketch::matmul(const std::string& x, Shape shape, std::string out) {
  const std::string w = weight(std::move(shape));
  return op("MatMul", {x, w}, {}, std::move(out));
}
std::string Sketch::bn(const std::string& x, std::int64_t channels, std::string out, const Stats& stats,
                       Attributes attributes) {
  if (out.empty()) out = fresh("n");
  const auto parameter = [&](const char* name, double low, double high) {
    const auto values = draw(channels, low, high);
    return constant(out + "." + name, Shape{channels}, values);
  };
  const std::string scale = parameter("scale", stats.scale_low, stats.scale_high);
  const std::string bias = parameter("bias", stats.bias_low, stats.bias_high);
  const std::string mean = parameter("mean", stats.mean_low, stats.mean_high);
  const std::string variance = parameter("var", stats.variance_low, stats.variance_high);
  attributes.push_back(num("epsilon", stats.epsilon));
  return op("BatchNormalization", {x, scale, bias, mean, variance}, std::move(attributes), out);
}

Initializer& Sketch::initializer(const std::string& name) {
  for (Initializer& found : graph().initializers)
    if (found.name == name) return found;
  throw std::runtime_error("no constant '" + name + "' was drawn");
}
void Sketch::set(const std::string& name, const std::vector<double>& values) {
  Tensor& tensor = initializer(name).tensor;
  tensor = from_doubles(tensor.dtype(), tensor.shape(), values).value();
}

Model Sketch::model() {
  if (graph().outputs.empty()) output(last().outputs[0]);
  return builder_.model();
}

}  // namespace pleat
