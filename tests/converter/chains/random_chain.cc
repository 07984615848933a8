#include "tests/converter/chains/random_chain.h"

#include <algorithm>
#include <random>

#include "tests/support/sketch.h"

namespace pleat {
namespace {

enum class Regime { kBenign, kBigMean, kTinyVariance, kWideScales, kNegative, kZero };

/// Grows a model node by node and knows the value of each, so that shapes are always right.
class Grower {
 public:
  explicit Grower(std::uint64_t seed)
      : engine_(seed), sketch_({}, static_cast<unsigned>(seed * 7919 + 13)), regime_(static_cast<Regime>(below(6))) {}

  RandomChain grow() {
    begin();
    for (std::int64_t blocks = 1 + below(3); blocks > 0; --blocks) block();
    return finish();
  }

 private:
  std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(count));
  }
  bool chance(int percent) { return below(100) < percent; }
  std::int64_t size() { return 2 + below(4); }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + below(static_cast<std::int64_t>(choices.size())));
  }

  const Dims& dims() const { return values_.at(x_).dims; }
  std::int64_t rank() const { return static_cast<std::int64_t>(dims().size()); }
  std::int64_t dim(std::int64_t axis) const { return dims()[static_cast<std::size_t>(axis)]; }

  void begin() {
    const std::int64_t type = below(100);
    dtype_ = type < 70 ? DType::kFloat : type < 85 ? DType::kDouble : DType::kFloat16;
    sketch_.type(dtype_);
    critic_.fold.freeze_inputs = chance(15);
    critic_.open_from = 2;
    if (regime_ == Regime::kBigMean) {
      critic_.input_low = 4.9;
      critic_.input_high = 5.1;
    }
    Dims input = {chance(60) ? -1 : size(), size()};
    open_batch_ = input[0] < 0;
    for (std::int64_t more = one_of<std::int64_t>({0, 1, 2, 2, 2, 3}); more > 0; --more) input.push_back(size() + 2);
    sketch_.input("x", input);
    values_ = feed(sketch_.builder().model(), 0, critic_);
    x_ = "x";
  }

  /// Runs the last node, whose value becomes the current one unless `keep`.
  std::string made(const std::string& out, bool keep = false) {
    Model one;
    one.opset_imports = sketch_.builder().model().opset_imports;
    one.graph.nodes.push_back(sketch_.last());
    OracleValues known;
    for (const std::string& input : sketch_.last().inputs) {
      if (input.empty()) continue;
      if (values_.count(input) == 0) values_[input] = oracle_value(sketch_.initializer(input).tensor);
      known[input] = values_.at(input);
    }
    values_[out] = oracle_run(one, known).at(out);
    if (!keep) x_ = out;
    return out;
  }
  std::string op(const std::string& type, const Names& more = {}, const Attributes& attributes = {}) {
    Names inputs = {x_};
    inputs.insert(inputs.end(), more.begin(), more.end());
    return made(sketch_.op(type, inputs, attributes));
  }

  /// A constant of `shape`: fresh, shared with an earlier one, overridable, or behind nodes that compute it.
  std::string constant(const Shape& shape, double low = -1, double high = 1) {
    for (const Initializer& earlier : sketch_.graph().initializers)
      if (earlier.tensor.shape() == shape && earlier.tensor.dtype() == dtype_ && low < 0 && chance(12))
        return earlier.name;
    const std::int64_t way = below(100);
    if (way < 6) return made(sketch_.op("Identity", {sketch_.weight(shape, low, high)}), true);
    if (way < 12 && shape.rank() > 1) return transposed_constant(shape, low, high);
    if (way < 18) {
      const auto values = sketch_.draw(shape.elements(), low, high);
      return made(sketch_.op("Constant", {}, {Attribute::tensor("value", from_doubles(dtype_, shape, values).value())}),
                  true);
    }
    const std::string name = sketch_.weight(shape, low, high);
    if (chance(2)) sketch_.also_input(name);
    return name;
  }
  std::string transposed_constant(const Shape& shape, double low, double high) {
    Dims turned(shape.dims().rbegin(), shape.dims().rend());
    return made(sketch_.op("Transpose", {sketch_.weight(Shape(turned), low, high)}), true);
  }

  void block() {
    if (chance(12)) batch_norm();  // a stand-alone one, perhaps for a layer behind it
    linear();
    for (std::int64_t steps = one_of<std::int64_t>({0, 0, 1, 1, 2, 3}); steps > 0; --steps) between();
    chance(85) ? batch_norm() : written_out();
    if (chance(15)) batch_norm();
    if (chance(50)) op(one_of<const char*>({"Relu", "Sigmoid", "Tanh"}));
  }

  void linear() {
    if (rank() == 3 && chance(35)) return matmul_of_sequence();
    if (rank() >= 3 && rank() <= 5) return chance(75) ? conv() : conv_transpose();
    if (rank() == 2) return gemm_or_matmul();
    if (rank() > 5) flatten();
  }

  Attributes window_attributes(std::int64_t axes, bool pads) {
    Attributes attributes;
    if (pads && chance(50)) attributes.push_back(ints("pads", Dims(static_cast<std::size_t>(2 * axes), 1)));
    if (chance(25)) attributes.push_back(ints("strides", Dims(static_cast<std::size_t>(axes), 2)));
    return attributes;
  }
  std::int64_t group_of(std::int64_t channels) {
    if (chance(60)) return 1;
    if (chance(40)) return channels;
    return channels % 2 == 0 ? 2 : 1;
  }
  /// Sizes of a kernel that fits the current image.
  Dims kernel() {
    Dims sizes;
    for (std::int64_t axis = 2; axis < rank(); ++axis) sizes.push_back(1 + below(std::min<std::int64_t>(3, dim(axis))));
    return sizes;
  }
  void add_bias(Names& inputs, std::int64_t channels) {
    if (chance(45))
      inputs.push_back(constant({channels}));
    else if (chance(20))
      inputs.emplace_back();
  }
  void conv() { convolve(x_, group_of(dim(1)), false); }
  std::string convolve(const std::string& x, std::int64_t group, bool keep) {
    const std::int64_t out = group * (1 + below(3));
    Dims shape = {out, dim(1) / group};
    const Dims sizes = kernel();
    shape.insert(shape.end(), sizes.begin(), sizes.end());
    Names inputs = {x, constant(Shape(shape))};
    add_bias(inputs, out);
    Attributes attributes = window_attributes(rank() - 2, true);
    if (group != 1) attributes.push_back(integer("group", group));
    return made(sketch_.op("Conv", inputs, attributes), keep);
  }
  void conv_transpose() {
    const std::int64_t group = group_of(dim(1)), per_group = 1 + below(3);
    Dims shape = {dim(1), per_group};
    const Dims sizes = kernel();
    shape.insert(shape.end(), sizes.begin(), sizes.end());
    Names inputs = {x_, constant(Shape(shape))};
    add_bias(inputs, per_group * group);
    Attributes attributes = window_attributes(rank() - 2, false);
    if (group != 1) attributes.push_back(integer("group", group));
    made(sketch_.op("ConvTranspose", inputs, attributes));
  }

  void gemm_or_matmul() {
    const std::int64_t out = size(), in = dim(1);
    if (chance(35)) {
      op("MatMul", {constant({in, out})});
      return;
    }
    Attributes attributes;
    const bool turned = chance(50);
    if (turned) attributes.push_back(integer("transB", 1));
    if (chance(30)) attributes.push_back(num("alpha", 0.75F));
    if (chance(30)) attributes.push_back(num("beta", -1.5F));
    Names more = {constant(turned ? Shape{out, in} : Shape{in, out})};
    const std::int64_t form = below(5);
    if (form == 0) more.push_back(constant({out}));
    if (form == 1) more.push_back(constant({1, out}));
    if (form == 2) more.push_back(constant({}));
    if (form == 3 && !open_batch_) more.push_back(constant({dim(0), 1}));
    op("Gemm", more, attributes);
  }
  void matmul_of_sequence() {
    const std::int64_t out = size();
    if (chance(50)) {
      op("MatMul", {constant({dim(2), out})});
      return;
    }
    const std::string w = constant({out, dim(1)});
    made(sketch_.op("MatMul", {w, x_}));
  }

  /// One operator that may stand between layer and normalization.
  void between() {
    const std::int64_t choice = below(100);
    if (choice < 40) return affine();
    if (choice < 45) {
      op("Identity");
      return;
    }
    if (choice < 55) return transpose();
    if (choice < 65) return reshape();
    if (choice < 80 && rank() == 4) return image_operator();
    if (choice < 88) return join();
    reader();
  }

  void affine() {
    const std::string type = one_of<const char*>({"Mul", "Add", "Sub", "Div"});
    Dims shape;
    const std::int64_t form = below(10);
    if (form < 6) {
      shape.assign(static_cast<std::size_t>(rank() - 1), 1);
      if (!shape.empty()) shape[0] = dim(1);
      if (chance(50)) shape.insert(shape.begin(), 1);
    } else if (form < 8) {
      shape = one_of<Dims>({{}, {1}});
    } else if (form == 8) {
      shape = {dims().back()};
    } else {
      shape.assign(dims().begin() + 1, dims().end());
    }
    const std::string k = type == "Div" ? constant(Shape(shape), 0.5, 2) : constant(Shape(shape));
    const Names inputs = type != "Div" && chance(30) ? Names{k, x_} : Names{x_, k};
    made(sketch_.op(type, inputs));
  }

  void transpose() {
    Dims perm;
    for (std::int64_t i = 0; i < rank(); ++i) perm.push_back(i);
    std::shuffle(perm.begin() + (open_batch_ || chance(50) ? 1 : 0), perm.end(), engine_);
    if (perm[0] != 0) open_batch_ = false;
    op("Transpose", {}, {ints("perm", perm)});
  }
  void flatten() { op("Flatten"); }
  void reshape() {
    if (rank() < 2 || dim(0) == 0) return;
    const std::int64_t way = below(4);
    Dims to = {open_batch_ ? 0 : dim(0)};
    if (way == 0) {
      flatten();
    } else if (way == 1 && rank() > 2) {
      to.push_back(dim(1));
      to.push_back(-1);
      op("Reshape", {integers(to)});
    } else if (way == 2 && dim(1) % 2 == 0) {
      to.insert(to.end(), {2, dim(1) / 2});
      to.insert(to.end(), dims().begin() + 2, dims().end());
      op("Reshape", {integers(to)});
    } else if (rank() < 5) {
      op("Unsqueeze", {integers({rank()})});
    }
  }
  std::string integers(const Dims& values) { return sketch_.integers(values); }

  void image_operator() {
    const std::int64_t choice = below(7);
    const std::int64_t small = std::min<std::int64_t>({2, dim(2), dim(3)});
    const Attribute kernel = ints("kernel_shape", {small, small});
    if (choice == 0) op("MaxPool", {}, {kernel});
    if (choice == 1)  // a window that lies in the padding alone has no mean
      op("AveragePool", {}, {kernel, ints("pads", {0, small - 1, 0, 0}), integer("count_include_pad", below(2))});
    if (choice == 2) op("GlobalAveragePool");
    if (choice == 3) {
      const std::string mode = dim(2) > 1 && dim(3) > 1 ? one_of<const char*>({"constant", "edge", "reflect"}) : "edge";
      op("Pad", {integers({0, 0, 1, 0, 0, 0, 0, 1})}, {text("mode", mode)});
    }
    if (choice == 4 && dim(1) % 4 == 0)
      op("DepthToSpace", {}, {integer("blocksize", 2), text("mode", one_of<const char*>({"DCR", "CRD"}))});
    if (choice == 5) op("Slice", {integers({0}), integers({std::max<std::int64_t>(1, dim(3) - 1)}), integers({3})});
    if (choice == 6) op("Slice", {integers({0}), integers({std::max<std::int64_t>(1, dim(1) - 1)}), integers({1})});
  }

  /// A second branch of the same shape, joined to the first.
  void join() {
    if (rank() != 4) return;
    Names inputs = {x_};
    Dims shape = {dim(1), dim(1), 1, 1};
    const std::string from = chance(50) ? x_ : made(sketch_.op("Relu", {x_}), true);
    inputs.push_back(made(sketch_.op("Conv", {from, constant(Shape(shape))}), true));
    if (chance(70)) inputs[0] = made(sketch_.op("Conv", {from, constant(Shape(shape))}), true);
    if (chance(50))
      made(sketch_.op("Add", inputs));
    else
      made(sketch_.op("Concat", inputs, {integer("axis", open_batch_ ? 1 + below(3) : below(4))}));
  }

  /// Somebody else who reads the current value, or the caller who wants it.
  void reader() {
    const std::int64_t choice = below(4);
    if (choice == 0) sketch_.output(x_);
    if (choice == 1) sketch_.output(made(sketch_.op("Shape", {x_}), true), DType::kInt64);
    if (choice == 2) sketch_.output(made(sketch_.op("Sigmoid", {x_}), true));
  }

  Stats stats() const {
    Stats drawn;
    const bool half = dtype_ == DType::kFloat16;
    if (regime_ == Regime::kTinyVariance)
      drawn = {.variance_low = 1e-9, .variance_high = 2e-9, .epsilon = half ? 1e-3F : 1e-12F};
    if (regime_ == Regime::kNegative) drawn.scale_low = -2;
    if (regime_ == Regime::kBigMean) drawn = {.variance_low = 0.005, .variance_high = 0.02};
    return drawn;
  }
  std::int64_t channels() const { return rank() < 2 ? 1 : dim(1); }

  void batch_norm() {
    if (rank() < 2) return;
    const std::string before = x_;
    made(sketch_.bn(x_, channels(), {}, stats()));
    const std::string& y = x_;
    const std::int64_t count = channels();
    if (regime_ == Regime::kBigMean) sketch_.set(y + ".mean", means(values_.at(before), count));
    if (regime_ == Regime::kWideScales) widen(y + ".scale", count);
    if (regime_ == Regime::kZero) {
      auto scale = sketch_.draw(count, 0.5, 2);
      scale[static_cast<std::size_t>(below(count))] = 0;
      sketch_.set(y + ".scale", scale);
    }
    for (const char* parameter : {".scale", ".bias", ".mean", ".var"}) values_.erase(y + parameter);
    made(y);
  }
  void widen(const std::string& scale, std::int64_t count) {
    std::vector<double> wide;
    const double largest = dtype_ == DType::kFloat16 ? 6 : 40;
    for (const double exponent : sketch_.draw(count, -largest, largest)) wide.push_back(std::exp2(exponent));
    sketch_.set(scale, wide);
  }
  /// Of each channel of `z`: statistics that cancel against it.
  static std::vector<double> means(const OracleValue& z, std::int64_t channels) {
    std::vector<double> sum(static_cast<std::size_t>(channels), 0), count(sum);
    const std::int64_t inner = Shape(z.dims).elements(2, z.rank());
    for (std::size_t i = 0; i < z.data.size(); ++i) {
      const auto c = static_cast<std::size_t>(static_cast<std::int64_t>(i) / inner % channels);
      sum[c] += z.data[i].value;
      ++count[c];
    }
    for (std::size_t c = 0; c < sum.size(); ++c) sum[c] /= std::max(count[c], 1.0);
    return sum;
  }

  /// (x − μ) · s + t, or its parts in another form.
  void written_out() {
    if (rank() < 2) return;
    Dims shape(static_cast<std::size_t>(rank() - 1), 1);
    shape[0] = dim(1);
    op("Sub", {constant(Shape(shape))});
    if (chance(50)) op("Div", {constant(Shape(shape), 0.5, 2)});
    op("Mul", {constant(Shape(shape))});
    op("Add", {constant(Shape(shape))});
  }

  RandomChain finish() {
    sketch_.output(x_);
    RandomChain chain{sketch_.model(), critic_};
    auto& outputs = chain.model.graph.outputs;
    std::vector<ValueInfo> once;
    for (const ValueInfo& output : outputs)
      if (std::none_of(once.begin(), once.end(), [&](const ValueInfo& other) { return other.name == output.name; }))
        once.push_back(output);
    outputs = once;
    declare_outputs(chain.model, critic_);
    return chain;
  }

  std::mt19937_64 engine_;
  Sketch sketch_;
  Regime regime_;
  DType dtype_ = DType::kFloat;
  CriticOptions critic_;
  OracleValues values_;
  std::string x_;
  bool open_batch_ = false;
};

}  // namespace

RandomChain random_chain(std::uint64_t seed) { return Grower(seed).grow(); }

}  // namespace pleat
