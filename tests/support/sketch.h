#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/model_builder.h"

namespace pleat {

using Names = std::vector<std::string>;
using Attributes = std::vector<Attribute>;
using Dims = std::vector<std::int64_t>;

inline Attribute ints(std::string name, Dims value) { return Attribute::integers(std::move(name), std::move(value)); }
inline Attribute num(std::string name, float value) { return Attribute::number(std::move(name), value); }
inline Attribute integer(std::string name, std::int64_t value) { return Attribute::integer(std::move(name), value); }
inline Attribute text(std::string name, std::string value) {
  return Attribute::text(std::move(name), std::move(value));
}
inline Attribute floats(std::string name, std::vector<float> value) {
  return {std::move(name), Attribute::Type::kFloats, std::move(value), {}, {}, {}, {}};
}
Attribute graph_attribute(std::string name, Graph graph);

/// What the parameters of a drawn BatchNormalization look like: ranges to draw from.
struct Stats {
  double scale_low = 0.5, scale_high = 2;
  double bias_low = -1, bias_high = 1;
  double mean_low = -1, mean_high = 1;
  double variance_low = 0.25, variance_high = 2;
  float epsilon = 1e-5F;
};

/// A model drawn in few words: each function adds one node with random constants and returns the name of its output,
/// which is `out` or a fresh one. The same calls give the same model.
class Sketch {
 public:
  /// `prefix` starts all fresh names, so that the names of an inner graph differ from those around it.
  explicit Sketch(std::string prefix = {}, unsigned seed = 1);

  Sketch& opset(std::int64_t version);
  Sketch& ir(std::int64_t version);
  Sketch& import(std::string domain, std::int64_t version);
  Sketch& type(DType dtype);                   ///< of floating-point inputs, outputs and constants from here on
  Sketch& input(std::string name, Dims dims);  ///< of the floating-point type
  Sketch& input(std::string name, Dims dims, DType dtype);
  Sketch& input_of_unknown_rank(std::string name);
  Sketch& output(std::string name);
  Sketch& output(std::string name, DType dtype);
  /// An annotation of an inner value.
  Sketch& annotate(std::string name, Dims dims);
  /// Makes a constant overridable: lists it among the inputs too.
  Sketch& also_input(const std::string& constant);

  std::string constant(std::string name, Tensor tensor);
  /// `values` in the floating-point type.
  std::string constant(std::string name, Shape shape, const std::vector<double>& values);
  std::string weight(Shape shape, double low = -1, double high = 1);
  std::string integers(const Dims& values);
  std::vector<double> draw(std::int64_t count, double low, double high);

  std::string op(std::string type, Names inputs, Attributes attributes = {}, std::string out = {});
  std::string op_of(std::string domain, std::string type, Names inputs, Attributes attributes = {},
                    std::string out = {});
  std::string conv(const std::string& x, Shape weight, Attributes attributes = {}, std::string out = {});
  std::string conv_bias(const std::string& x, Shape weight, Attributes attributes = {}, std::string out = {});
  std::string transposed(const std::string& x, Shape weight, Attributes attributes = {}, std::string out = {});
  std::string matmul(const std::string& x, Shape weight, std::string out = {});
  std::string bn(const std::string& x, std::int64_t channels, std::string out = {}, const Stats& stats = {},
                 Attributes attributes = {});

  ModelBuilder& builder() { return builder_; }
  Graph& graph() { return builder_.model().graph; }
  Node& last() { return graph().nodes.back(); }
  Initializer& initializer(const std::string& name);
  void set(const std::string& constant, const std::vector<double>& values);
  DType dtype() const { return dtype_; }
  std::string fresh(const std::string& stem);

  /// The model; where no output was named, the output of the last node is the only one.
  Model model();

 private:
  ModelBuilder builder_;
  std::string prefix_;
  unsigned seed_;
  int next_ = 0;
  DType dtype_ = DType::kFloat;
};

}  // namespace pleat
