#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "runtime/graph/attributes.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

constexpr std::size_t kMostOperands = 8;

/// A letter, or for the axes of an ellipsis their distance from its last one, negated: 0, -1 …
using Label = int;
using Labels = std::vector<Label>;

/// One size that is walked and how far each operand moves with it.
struct Loop {
  std::int64_t size = 1;
  std::array<std::int64_t, kMostOperands> steps{};
};

struct Equation {
  std::vector<std::string> operands;  ///< as written, without spaces: "b...ij"
  std::optional<std::string> output;
};

Equation parse(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  Equation equation;
  const std::size_t arrow = text.find("->");
  if (arrow != std::string::npos) equation.output = text.substr(arrow + 2);
  const std::string left = text.substr(0, arrow);
  for (std::size_t at = 0;;) {
    const std::size_t comma = left.find(',', at);
    equation.operands.push_back(left.substr(at, comma - at));
    if (comma == std::string::npos) return equation;
    at = comma + 1;
  }
}

/// The labels of a term whose ellipsis, if it has one, stands for `hidden` axes.
Result<Labels> labels_of(const std::string& term, std::int64_t hidden) {
  Labels labels;
  bool ellipsis = false;
  for (std::size_t i = 0; i < term.size(); ++i) {
    const char c = term[i];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      labels.push_back(c);
    } else if (term.compare(i, 3, "...") == 0 && !ellipsis) {
      ellipsis = true;
      for (std::int64_t axis = hidden; axis-- > 0;) labels.push_back(static_cast<Label>(-axis));
      i += 2;
    } else {
      return fail(Error::invalid("the equation is malformed").expect("letters and at most one ellipsis").saw(term));
    }
  }
  return labels;
}

/// The axes an ellipsis stands for in a term of this rank.
std::int64_t hidden_axes(const std::string& term, int rank) {
  if (term.find("...") == std::string::npos) return 0;
  return std::max<std::int64_t>(0, rank + 3 - static_cast<std::int64_t>(term.size()));
}

/// Every output element is a sum of products over all labels the output lacks, in row-major order of these labels
/// (letters sorted by name): fma(a·b·…, z, sum) from 0.
class Einsum final : public Operator {
 public:
  explicit Einsum(Equation equation) : equation_(std::move(equation)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    const std::size_t count = equation_.operands.size();
    PLEAT_TRY(expect_inputs(inputs, count, count));
    PLEAT_TRY(expect_one_float_type(inputs));
    if (count > kMostOperands)
      return fail(Error::unsupported("too many operands").expect("at most " + std::to_string(kMostOperands)));
    std::map<Label, Loop> loops;
    std::map<Label, int> uses;
    std::int64_t hidden = 0;
    for (std::size_t i = 0; i < count; ++i) {
      PLEAT_TRY(add_operand(i, inputs[i].shape, loops, uses));
      hidden = std::max(hidden, hidden_axes(equation_.operands[i], inputs[i].shape.rank()));
    }
    PLEAT_ASSIGN(const Labels output, output_labels(uses, hidden));
    std::vector<std::int64_t> dims;
    kept_.clear();
    for (Label label : output) {
      const auto found = loops.find(label);
      if (found == loops.end()) return fail(Error::invalid("the output repeats a label or has one no operand has"));
      dims.push_back(found->second.size);
      kept_.push_back(found->second);
      loops.erase(found);
    }
    summed_.clear();
    for (const auto& [label, loop] : loops) summed_.push_back(loop);
    PLEAT_TRY(checked_elements(dims, size_of(inputs[0].dtype)));
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    if (context.outputs[0].elements() == 0) return;
    with_float(context.outputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      Operands<T> at{};
      for (std::size_t i = 0; i < context.inputs.size(); ++i) at[i] = context.inputs[i].as<T>();
      fill(0, at, context.outputs[0].as<T>());
    });
  }

 private:
  template <class T>
  using Operands = std::array<const T*, kMostOperands>;

  Status add_operand(std::size_t i, const Shape& shape, std::map<Label, Loop>& loops, std::map<Label, int>& uses) {
    const std::string& term = equation_.operands[i];
    PLEAT_ASSIGN(const Labels labels, labels_of(term, hidden_axes(term, shape.rank())));
    if (labels.size() != static_cast<std::size_t>(shape.rank()))
      return fail(Error::invalid("an operand's rank is not that of its term").expect(term).saw(shape.text()));
    const std::vector<std::int64_t> strides = shape.strides();
    for (std::size_t axis = 0; axis < labels.size(); ++axis) {
      Loop& loop = loops[labels[axis]];
      ++uses[labels[axis]];
      const std::int64_t size = shape[static_cast<int>(axis)];
      if (uses[labels[axis]] > 1 && size != loop.size && size != 1 && loop.size != 1)
        return fail(Error::invalid("a label has two sizes")
                        .expect(std::to_string(loop.size))
                        .saw(std::to_string(size) + " in " + term));
      if (size != 1) loop.size = size;
      if (size != 1) loop.steps[i] += strides[axis];
    }
    return {};
  }

  /// Without an arrow: the ellipsis, then the letters used once, by name.
  Result<Labels> output_labels(const std::map<Label, int>& uses, std::int64_t hidden) const {
    if (equation_.output) return labels_of(*equation_.output, hidden);
    PLEAT_ASSIGN(Labels labels, labels_of("...", hidden));
    for (const auto& [label, times] : uses)
      if (label > 0 && times == 1) labels.push_back(label);
    return labels;
  }

  /// Writes the elements of the kept loops from `depth` on; returns where the next one goes.
  template <class T>
  T* fill(std::size_t depth, Operands<T> at, T* out) const {
    if (depth == kept_.size()) {
      *out = add_up(0, at, T{0});
      return out + 1;
    }
    for (std::int64_t i = 0; i < kept_[depth].size; ++i) {
      out = fill(depth + 1, at, out);
      advance(at, kept_[depth]);
    }
    return out;
  }

  template <class T>
  T add_up(std::size_t depth, Operands<T> at, T sum) const {
    const std::size_t count = equation_.operands.size();
    if (depth == summed_.size()) {
      T product = *at[0];
      for (std::size_t i = 1; i + 1 < count; ++i) product *= *at[i];
      return count == 1 ? sum + product : std::fma(product, *at[count - 1], sum);
    }
    for (std::int64_t i = 0; i < summed_[depth].size; ++i) {
      sum = add_up(depth + 1, at, sum);
      advance(at, summed_[depth]);
    }
    return sum;
  }

  template <class T>
  void advance(Operands<T>& at, const Loop& loop) const {
    for (std::size_t i = 0; i < equation_.operands.size(); ++i) at[i] += loop.steps[i];
  }

  Equation equation_;
  std::vector<Loop> kept_, summed_;
};

Result<std::unique_ptr<Operator>> make_einsum(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  if (!reader.has("equation")) return fail(Error::invalid("the attribute 'equation' is missing"));
  Equation equation = parse(reader.text("equation", {}));
  PLEAT_TRY(reader.finish());
  return std::make_unique<Einsum>(std::move(equation));
}

}  // namespace

void register_einsum(OpRegistry& registry) { registry.add("Einsum", make_einsum); }

}  // namespace pleat
