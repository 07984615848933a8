#include "converter/verify/end_to_end.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/hand_fold.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

SampleSet one_batch(NamedTensors inputs, const std::string& name = "given") {
  SampleSet set;
  set.name = name;
  set.samples = set.batches = 1;
  set.batch = [inputs = std::move(inputs)](std::int64_t) -> Result<NamedTensors> { return inputs; };
  return set;
}

Verdict compared(const Model& unfolded, const Model& folded, const std::vector<SampleSet>& sets,
                 const EndToEndOptions& options = {}) {
  Verdict verdict;
  auto rungs = EndToEnd::create(unfolded, folded, 1, options);
  EXPECT_TRUE(rungs.has_value()) << rungs.error().text();
  for (const SampleSet& set : sets)
    for (std::int64_t b = 0; b < set.batches; ++b) {
      const Status done = (*rungs)->compare(set.batch(b).value(), set, b);
      EXPECT_TRUE(done.has_value()) << done.error().text();
    }
  verdict.rungs = (*rungs)->reports();
  (*rungs)->fill(verdict);
  return verdict;
}

const RungReport& end_to_end(const Verdict& verdict) { return verdict.rungs[0]; }
const RungReport& classes(const Verdict& verdict) { return verdict.rungs[1]; }

void expect_same_function(const Verdict& verdict) {
  EXPECT_TRUE(end_to_end(verdict).passed) << end_to_end(verdict).text;
  EXPECT_TRUE(classes(verdict).passed) << classes(verdict).text;
}

Tensor& constant(Model& model, const std::string& name) {
  for (Initializer& found : model.graph.initializers)
    if (found.name == name) return found.tensor;
  throw std::runtime_error(name);
}

void change(Model& model, const std::string& name, std::size_t element, float to) {
  std::vector<double> values = to_doubles(constant(model, name)).value();
  values[element] = to;
  constant(model, name) = from_doubles(constant(model, name).dtype(), constant(model, name).shape(), values).value();
}

enum class Kind { kBenign, kBigMean, kTinyVariance };

/// A chain of `depth` times MatMul, BatchNormalization and Relu, whose statistics are those of its own values: what
/// training would have found. Of kBigMean the input is 5 ± 0.1, so that the mean cancels nearly all of the layer's
/// output; of kTinyVariance the first layer hardly varies, σ² being about 1e-9.
struct Chain {
  Model model;
  Tensor input;
};

Chain chain(Kind kind, std::int64_t width, int depth, unsigned seed, DType dtype = DType::kFloat) {
  constexpr std::int64_t kRows = 24;
  std::vector<double> x = random_values<double>(kRows * width, seed);
  for (double& value : x) value = kind == Kind::kBenign ? 2 * value : 5 + (kind == Kind::kBigMean ? 0.1 : 1e-5) * value;
  ModelBuilder builder;
  builder.input("x", {-1, width}, dtype).output("y", dtype);
  Chain made;
  made.input = from_doubles(dtype, Shape{kRows, width}, x).value();
  x = to_doubles(made.input).value();
  std::string value = "x";
  for (int layer = 0; layer < depth; ++layer) {
    const std::string n = std::to_string(layer);
    const auto stored = [&](const std::string& name, Shape shape, const std::vector<double>& numbers) {
      const Tensor tensor = from_doubles(dtype, std::move(shape), numbers).value();
      builder.constant(name, tensor);
      return to_doubles(tensor).value();
    };
    const double spread = std::sqrt(3.0 / static_cast<double>(width));
    const auto w =
        stored("w" + n, Shape{width, width},
               random_values<double>(width * width, seed + 100 + static_cast<unsigned>(layer), -spread, spread));
    std::vector<double> z(x.size(), 0), mean(static_cast<std::size_t>(width), 0), variance(mean);
    for (std::int64_t r = 0; r < kRows; ++r)
      for (std::int64_t k = 0; k < width; ++k)
        for (std::int64_t c = 0; c < width; ++c)
          z[static_cast<std::size_t>(r * width + c)] +=
              x[static_cast<std::size_t>(r * width + k)] * w[static_cast<std::size_t>(k * width + c)];
    for (std::size_t i = 0; i < z.size(); ++i) mean[i % mean.size()] += z[i] / kRows;
    for (std::size_t i = 0; i < z.size(); ++i)
      variance[i % mean.size()] += (z[i] - mean[i % mean.size()]) * (z[i] - mean[i % mean.size()]) / kRows;
    const auto gamma = stored("g" + n, Shape{width}, random_values<double>(width, seed + 200, 0.5, 1.5));
    const auto beta = stored("b" + n, Shape{width}, random_values<double>(width, seed + 300));
    mean = stored("m" + n, Shape{width}, mean);
    variance = stored("v" + n, Shape{width}, variance);
    const double epsilon = dtype == DType::kFloat16 ? 1e-3F : 1e-12F;
    builder.node("MatMul", {value, "w" + n}, {"z" + n})
        .node("BatchNormalization", {"z" + n, "g" + n, "b" + n, "m" + n, "v" + n}, {"n" + n},
              {Attribute::number("epsilon", static_cast<float>(epsilon))});
    value = layer + 1 == depth ? "y" : "r" + n;
    builder.node(layer + 1 == depth ? "Identity" : "Relu", {"n" + n}, {value});
    for (std::size_t i = 0; i < z.size(); ++i) {
      const std::size_t c = i % mean.size();
      x[i] = gamma[c] * (z[i] - mean[c]) / std::sqrt(variance[c] + epsilon) + beta[c];
      if (layer + 1 < depth) x[i] = std::max(0.0, x[i]);
    }
  }
  made.model = builder.model();
  return made;
}

TEST(EndToEnd, PassesRightFolds) {
  const Model model = small_lenet();
  const Verdict verdict = compared(model, hand_fold(model), {one_batch({{"x", random_tensor({5, 1, 16, 16}, 3)}})});
  expect_same_function(verdict);
  ASSERT_EQ(verdict.outputs.size(), 1U);
  const OutputFigures& figures = verdict.outputs[0];
  EXPECT_EQ(figures.rows, 5);
  EXPECT_EQ(figures.compared, 50);
  EXPECT_EQ(figures.argmax_agree, 5);
  EXPECT_GT(figures.max_abs_difference, 0);
  EXPECT_LE(figures.mean_abs_difference, figures.max_abs_difference);
  EXPECT_GE(figures.max_ulp_difference, 1);
  EXPECT_GT(figures.unfolded_error, 0);
  EXPECT_GT(figures.folded_error, 0);
  EXPECT_GT(figures.noise, 0);
  EXPECT_DOUBLE_EQ(figures.allowed, std::max(4 * figures.unfolded_error + figures.last_bound, 8 * figures.noise));
  std::int64_t counted = 0;
  for (const std::int64_t count : figures.ratios.counts) counted += count;
  EXPECT_EQ(counted, 50);
  EXPECT_EQ(figures.ratios.counts.back(), 0) << "no ratio is above one half";
}

TEST(EndToEnd, NoFalseAlarms) {
  for (const Kind kind : {Kind::kBenign, Kind::kBigMean, Kind::kTinyVariance})
    for (const std::int64_t width : {3, 17, 64, 160})
      for (const int depth : {1, 2, 6})
        for (unsigned seed = 1; seed <= 6; ++seed) {
          const Chain made = chain(kind, width, depth, seed * 1000);
          const Verdict verdict = compared(made.model, hand_fold(made.model), {one_batch({{"x", made.input}})});
          EXPECT_TRUE(end_to_end(verdict).passed && classes(verdict).passed)
              << "kind " << static_cast<int>(kind) << " width " << width << " depth " << depth << " seed " << seed
              << ": " << end_to_end(verdict).text << "; e_F " << verdict.outputs[0].folded_error << " allowed "
              << verdict.outputs[0].allowed;
        }
}

TEST(EndToEnd, NoFalseAlarmsOnSingleSamplesAndOutputs) {
  // One output of one sample: e_U may be 0 by luck. Squaring hides the last layer, so that only the noise speaks.
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Chain made = chain(seed % 2 == 0 ? Kind::kBenign : Kind::kBigMean, 8, 2, seed * 77);
    made.model.graph.nodes.back().outputs[0] = "all";
    ModelBuilder tail;
    const std::int64_t column = seed % 8, row = seed % 24;
    made.model.graph.initializers.push_back({"begin", Tensor::of<std::int64_t>({2}, {row, column}), {}, {}});
    made.model.graph.initializers.push_back({"end", Tensor::of<std::int64_t>({2}, {row + 1, column + 1}), {}, {}});
    tail.node("Mul", {"all", "all"}, {"squares"}).node("Slice", {"squares", "begin", "end"}, {"y"});
    for (const Node& node : tail.model().graph.nodes) made.model.graph.nodes.push_back(node);
    const Verdict verdict = compared(made.model, hand_fold(made.model), {one_batch({{"x", made.input}})});
    const OutputFigures& figures = verdict.outputs[0];
    EXPECT_TRUE(end_to_end(verdict).passed)
        << seed << ": e_F " << figures.folded_error << " e_U " << figures.unfolded_error << " σ " << figures.noise;
    EXPECT_EQ(figures.compared, 1);
    EXPECT_EQ(figures.last_bound, 0);
  }
}

TEST(EndToEnd, NoFalseAlarmsInDoubleAndHalf) {
  for (const DType dtype : {DType::kDouble, DType::kFloat16, DType::kBfloat16})
    for (unsigned seed = 1; seed <= 8; ++seed) {
      const Chain made = chain(Kind::kBenign, 20, 3, seed, dtype);
      const Verdict verdict = compared(made.model, hand_fold(made.model), {one_batch({{"x", made.input}})});
      EXPECT_TRUE(end_to_end(verdict).passed)
          << dtype_name(dtype) << seed << ": e_F " << verdict.outputs[0].folded_error << " e_U "
          << verdict.outputs[0].unfolded_error << " noise " << verdict.outputs[0].noise;
    }
}

TEST(EndToEnd, NoisePredictsHowFarTheNetworksLieApart) {
  for (const Kind kind : {Kind::kBenign, Kind::kBigMean})
    for (const int depth : {2, 8}) {
      const Chain made = chain(kind, 64, depth, 5);
      const Verdict verdict = compared(made.model, hand_fold(made.model), {one_batch({{"x", made.input}})});
      const OutputFigures& figures = verdict.outputs[0];
      EXPECT_LT(figures.max_abs_difference, 8 * figures.noise) << depth;
      EXPECT_GT(figures.max_abs_difference, figures.noise / 16) << depth;
    }
}

TEST(EndToEnd, EveryMistakeOfAFoldFails) {
  for (const Kind kind : {Kind::kBenign, Kind::kBigMean}) {
    const Chain made = chain(kind, 48, 3, 9);
    const Model right = hand_fold(made.model);
    const auto fails = [&](const Model& wrong) {
      return !end_to_end(compared(made.model, wrong, {one_batch({{"x", made.input}})})).passed;
    };
    EXPECT_FALSE(fails(right));
    Model shift = right;
    change(shift, "n1.b", 4, static_cast<float>(to_doubles(constant(shift, "n1.b")).value()[4] + 0.01));
    EXPECT_TRUE(fails(shift));
    Model dropped = made.model;
    constant(dropped, "b1") = Tensor::of(Shape{48}, std::vector<float>(48, 0));
    EXPECT_TRUE(fails(hand_fold(dropped)));
    Model sign = made.model;
    change(sign, "g2", 7, -1);
    EXPECT_TRUE(fails(hand_fold(sign)));
    Model epsilon = made.model;
    for (Node& node : epsilon.graph.nodes)
      if (node.is("BatchNormalization")) node.attributes = {Attribute::number("epsilon", 1e-3F)};
    EXPECT_TRUE(fails(hand_fold(epsilon)));
  }
}

TEST(EndToEnd, AFailureTellsTheWorstElement) {
  const Model model = small_lenet();
  Model wrong = hand_fold(model);
  change(wrong, "b5", 3, 9);
  const Verdict verdict = compared(model, wrong, {one_batch({{"x", random_tensor({2, 1, 16, 16}, 3)}}, "mine")});
  ASSERT_TRUE(end_to_end(verdict).first_failure.has_value());
  const Finding& failure = *end_to_end(verdict).first_failure;
  EXPECT_EQ(failure.tensor, "y");
  EXPECT_EQ(failure.samples, "mine");
  EXPECT_EQ(failure.batch, 0);
  EXPECT_EQ(failure.element % 10, 3);
  EXPECT_GT(failure.ratio, 1);
  EXPECT_TRUE(classes(verdict).passed);
}

/// y = BatchNormalization(x·w), one channel.
Model one_channel(float w, float gamma, float mean, float variance) {
  ModelBuilder builder;
  builder.input("x", {-1, 1}).output("y").constant("w", Tensor::of<float>({1, 1}, {w}));
  builder.constant("g", Tensor::of<float>({1}, {gamma})).constant("b", Tensor::of<float>({1}, {0}));
  builder.constant("m", Tensor::of<float>({1}, {mean})).constant("v", Tensor::of<float>({1}, {variance}));
  builder.node("MatMul", {"x", "w"}, {"z"})
      .node("BatchNormalization", {"z", "g", "b", "m", "v"}, {"y"}, {Attribute::number("epsilon", 0)});
  return builder.model();
}

TEST(EndToEnd, OverflowInAnotherOrderIsExcused) {
  // Unfolded, z overflows; folded, the small scale comes first.
  const Model model = one_channel(1e30F, 1e-20F, 0, 1);
  const Verdict verdict =
      compared(model, hand_fold(model), {one_batch({{"x", Tensor::of<float>({2, 1}, {1e20F, 1})}})});
  expect_same_function(verdict);
  EXPECT_NE(classes(verdict).text.find("another order"), std::string::npos) << classes(verdict).text;
}

TEST(EndToEnd, AnInfinityThatOnlyAWrongFoldMakesIsNoOverflowInAnotherOrder) {
  const Model model = one_channel(1, 1, 0, 1);
  Model wrong = hand_fold(model);
  change(wrong, "y.w", 0, INFINITY);
  const Verdict verdict = compared(model, wrong, {one_batch({{"x", Tensor::of<float>({2, 1}, {1, 2})}})});
  EXPECT_FALSE(classes(verdict).passed);
  EXPECT_EQ(verdict.outputs[0].class_mismatches, 2);
  ASSERT_TRUE(classes(verdict).first_failure.has_value());
  EXPECT_EQ(classes(verdict).first_failure->element, 0);
}

TEST(EndToEnd, AFiniteButWrongResultBesideAnOverflowFails) {
  // The folded network overflows where the unfolded one does not, and is wrong in double as well.
  const Model model = one_channel(1, 1, 0, 1);
  Model wrong = hand_fold(model);
  change(wrong, "y.w", 0, 3e38F);
  const Verdict verdict = compared(model, wrong, {one_batch({{"x", Tensor::of<float>({1, 1}, {10})}})});
  EXPECT_FALSE(end_to_end(verdict).passed);
}

TEST(EndToEnd, NaNAndInfinityInTheSamePlacesPass) {
  const Model model = one_channel(2, 1, 0, 1);
  const Verdict verdict =
      compared(model, hand_fold(model), {one_batch({{"x", Tensor::of<float>({3, 1}, {NAN, INFINITY, 1})}})});
  expect_same_function(verdict);
}

TEST(EndToEnd, WithoutSamplesNothingPasses) {
  const Model model = small_lenet();
  const Verdict verdict = compared(model, hand_fold(model), {});
  EXPECT_FALSE(end_to_end(verdict).holds());
  EXPECT_FALSE(classes(verdict).holds());
}

TEST(EndToEnd, OtherOutputsAreRefused) {
  const Model model = small_lenet();
  Model other = hand_fold(model);
  other.graph.outputs[0].name = "relu4";
  EXPECT_FALSE(EndToEnd::create(model, other, 1).has_value());
}

TEST(EndToEnd, TakesTheUnfoldedValuesOfWhoHasThem) {
  const Model model = small_lenet();
  const Model folded = hand_fold(model);
  const auto rungs = EndToEnd::create(model, folded, 1).value();
  const NamedTensors inputs{{"x", random_tensor({2, 1, 16, 16}, 3)}};
  const NamedTensors own = Evaluator(model, Arithmetic::kOwn, 1).run(inputs, rungs->wanted()).value();
  ASSERT_TRUE(rungs->compare(inputs, one_batch(inputs), 0, &own).has_value());
  Verdict given;
  rungs->fill(given);
  const Verdict itself = compared(model, folded, {one_batch(inputs)});
  EXPECT_EQ(given.outputs[0].unfolded_error, itself.outputs[0].unfolded_error);
  EXPECT_EQ(given.outputs[0].noise, itself.outputs[0].noise);
}

TEST(PlainTolerance, ReplacesTheDerivedOne) {
  const Model model = small_lenet();
  const Model folded = hand_fold(model);
  const std::vector<SampleSet> sets{one_batch({{"x", random_tensor({5, 1, 16, 16}, 3)}})};
  const auto passes = [&](PlainTolerance plain) {
    EndToEndOptions options;
    options.plain = plain;
    return end_to_end(compared(model, folded, sets, options)).passed;
  };
  EXPECT_TRUE(passes({1e-3, 1e-5}));
  EXPECT_FALSE(passes({0, 0}));
  EXPECT_TRUE(passes({0, 0, 1 << 24}));
  EXPECT_FALSE(passes({0, 0, 0}));
  Model wrong = folded;
  change(wrong, "b5", 0, 100);
  EndToEndOptions loose;
  loose.plain = PlainTolerance{10, 1000};
  EXPECT_TRUE(end_to_end(compared(model, wrong, sets, loose)).passed) << "the user's number is the user's number";
}

TEST(PlainTolerance, ComparesAsNumPyDoes) {
  const PlainTolerance plain{0.1, 1};
  EXPECT_TRUE(plain.agrees(12, 10, true));
  EXPECT_FALSE(plain.agrees(12.1, 10, true));
  EXPECT_TRUE(plain.agrees(NAN, NAN, true));
  EXPECT_FALSE(plain.agrees(NAN, 1, true));
  EXPECT_TRUE(plain.agrees(INFINITY, INFINITY, true));
  EXPECT_FALSE(plain.agrees(INFINITY, -INFINITY, true));
  const PlainTolerance ulp{0, 0, 2};
  EXPECT_TRUE(ulp.agrees(std::nextafter(1.0F, 2.0F), 1, true));
  EXPECT_FALSE(ulp.agrees(1.0F + 0x1p-21F, 1, true));
  EXPECT_FALSE(ulp.agrees(std::nextafter(1.0F, 2.0F), 1, false));
}

TEST(StoredOutputs, AreShownForBothNetworks) {
  const Model model = small_lenet();
  Model wrong = hand_fold(model);
  change(wrong, "b5", 0, 100);
  const NamedTensors inputs{{"x", random_tensor({1, 1, 16, 16}, 3)}};
  SampleSet set = one_batch(inputs);
  set.stored = Evaluator(model, Arithmetic::kOwn, 1).run(inputs, {"y"}).value();
  const Verdict verdict = compared(model, wrong, {set});
  ASSERT_EQ(verdict.stored.size(), 1U);
  EXPECT_TRUE(verdict.stored[0].unfolded_within);
  EXPECT_EQ(verdict.stored[0].unfolded_difference, 0);
  EXPECT_FALSE(verdict.stored[0].folded_within);
  EXPECT_GT(verdict.stored[0].folded_difference, 90);
}

TEST(Confusion, CountsLabelledSamples) {
  const Model model = small_lenet();
  const Model folded = hand_fold(model);
  SampleSet set;
  set.name = "labelled";
  set.samples = 6;
  set.batches = 2;
  set.labels = {0, 1, 2, 3, 4, 9};
  set.class_names = {"zero", "one"};
  set.batch = [](std::int64_t b) -> Result<NamedTensors> {
    return NamedTensors{{"x", random_tensor({3, 1, 16, 16}, static_cast<unsigned>(b))}};
  };
  const Verdict verdict = compared(model, folded, {set});
  ASSERT_EQ(verdict.confusions.size(), 1U);
  const Confusion& confusion = verdict.confusions[0];
  EXPECT_EQ(confusion.names.size(), 10U);
  EXPECT_EQ(confusion.names[1], "one");
  EXPECT_EQ(confusion.names[9], "9");
  ASSERT_EQ(confusion.unfolded.size(), 100U);
  std::int64_t all = 0;
  for (std::size_t label = 0; label < 10; ++label) {
    std::int64_t row = 0;
    for (std::size_t c = 0; c < 10; ++c) row += confusion.folded[label * 10 + c];
    EXPECT_EQ(row, label < 5 || label == 9 ? 1 : 0) << label;
    all += row;
  }
  EXPECT_EQ(all, 6);
  EXPECT_EQ(confusion.unfolded, confusion.folded);
}

}  // namespace
}  // namespace pleat
