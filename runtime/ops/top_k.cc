#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/base/thread_pool.h"
#include "runtime/graph/attributes.h"
#include "runtime/ops/axis_lines_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

struct Options {
  std::optional<std::int64_t> k;  ///< an attribute before opset 10, then input 1
  std::int64_t axis;
  bool largest;
};

/// A total order: NaN is greater than every number.
template <class T>
bool is_less(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a);
  return a < b;
}

/// The k largest (or smallest) elements along an axis and where they stood, best first; equals in their first order.
/// Sorted even where the attribute `sorted` would allow any order.
class TopK final : public Operator {
 public:
  explicit TopK(Options options) : options_(options) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    const std::size_t count = options_.k ? 1 : 2;
    PLEAT_TRY(expect_inputs(inputs, count, count));
    const Fact& x = inputs[0];
    if (!is_number(x.dtype))
      return fail(Error::unsupported("no order of this element type").saw(std::string(dtype_name(x.dtype))));
    PLEAT_ASSIGN(const int axis, normalize_axis(options_.axis, x.shape.rank()));
    lines_ = AxisLines(x.shape, axis);
    if (options_.k) {
      k_ = *options_.k;
    } else {
      PLEAT_ASSIGN(const std::vector<std::int64_t> k, constant_integers(inputs[1], "K"));
      if (k.size() != 1) return fail(Error::invalid("K must be one number").saw(std::to_string(k.size()) + " numbers"));
      k_ = k[0];
    }
    if (k_ < 0 || k_ > lines_.length)
      return fail(Error::invalid("K does not fit the axis")
                      .expect("0 to " + std::to_string(lines_.length))
                      .saw(std::to_string(k_)));
    Shape out = x.shape;
    out[axis] = k_;
    return std::vector<Fact>{{x.dtype, out, std::nullopt}, {DType::kInt64, out, std::nullopt}};
  }

  /// The order of one line for each thread.
  std::size_t scratch_bytes(int threads) const override { return static_cast<std::size_t>(threads) * order_bytes(); }

  void run(const RunContext& context) const noexcept override {
    with_number(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      context.pool->parallel_slots(lines_.count(), 1, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
        auto* order =
            reinterpret_cast<std::int64_t*>(context.scratch + static_cast<std::size_t>(thread) * order_bytes());
        for (std::int64_t line = begin; line < end; ++line) run_line<T>(context, line, order);
      });
    });
  }

 private:
  template <class T>
  void run_line(const RunContext& context, std::int64_t line, std::int64_t* order) const {
    const T* x = context.inputs[0].as<T>() + lines_.first(line);
    const auto value = [&](std::int64_t i) { return x[i * lines_.inner]; };
    std::iota(order, order + lines_.length, std::int64_t{0});
    std::partial_sort(order, order + k_, order + lines_.length, [&](std::int64_t a, std::int64_t b) {
      const T left = value(options_.largest ? b : a), right = value(options_.largest ? a : b);
      return is_less(left, right) || (!is_less(right, left) && a < b);
    });
    const std::int64_t first = line / lines_.inner * k_ * lines_.inner + line % lines_.inner;
    for (std::int64_t i = 0; i < k_; ++i) {
      if (context.outputs[0].present()) context.outputs[0].as<T>()[first + i * lines_.inner] = value(order[i]);
      if (context.outputs.size() > 1 && context.outputs[1].present())
        context.outputs[1].as<std::int64_t>()[first + i * lines_.inner] = order[i];
    }
  }

  std::size_t order_bytes() const {
    return (static_cast<std::size_t>(lines_.length) * sizeof(std::int64_t) + 63) / 64 * 64;
  }

  Options options_;
  std::int64_t k_ = 0;
  AxisLines lines_;
};

Result<std::unique_ptr<Operator>> make_top_k(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  Options options{.k = std::nullopt, .axis = reader.integer("axis", -1), .largest = true};
  if (opset < 10) {
    if (!reader.has("k")) return fail(Error::invalid("the attribute 'k' is missing"));
    options.k = reader.integer("k", 0);
  }
  if (opset >= 11) {
    options.largest = reader.integer("largest", 1) != 0;
    reader.ignore("sorted");
  }
  PLEAT_TRY(reader.finish());
  return std::make_unique<TopK>(options);
}

}  // namespace

void register_top_k(OpRegistry& registry) { registry.add("TopK", make_top_k); }

}  // namespace pleat
