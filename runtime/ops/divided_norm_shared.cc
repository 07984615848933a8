#include "runtime/ops/divided_norm_shared.h"

#include <algorithm>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/divided_norm.h"
#include "runtime/ops/planes_shared.h"

namespace pleat {
namespace {

class DividedNormOperator final : public Operator {
 public:
  explicit DividedNormOperator(const DividedNormForm& form) : form_(form) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    const Shape& x = inputs[0].shape;
    Shape rows = x, out = x;
    if (form_.channels.second_in) rows = {x[0], x[2], x[3], x[1]};
    out = rows;
    if (form_.channels.second_out) out = {rows[0], rows[3], rows[1], rows[2]};
    lines_ = x.elements() / form_.length;
    if (rows.rank() == 4) image_ = rows[1] * rows[2];
    return std::vector<Fact>{{inputs[0].dtype, out, std::nullopt}};
  }

  std::optional<int> in_place_of() const override {
    return form_.channels.second_in == form_.channels.second_out ? std::optional(0) : std::nullopt;
  }

  std::optional<PlanesForm> planes_form(std::span<const Fact> inputs, std::span<const Fact> outputs) const override {
    const auto [in, out] = form_.channels;
    if (!in && !out) return std::nullopt;
    PlanesForm form;
    form.inputs.resize(inputs.size());
    if (in) form.inputs[0] = blocked_planes(inputs[0]);
    form.outputs = {out ? blocked_planes(outputs[0]) : Layout()};
    if ((in && !form.inputs[0]) || (out && !form.outputs[0])) return std::nullopt;
    form.leads = out;
    return form;
  }
  void use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) override {
    in_ = inputs[0];
    out_ = outputs[0];
  }

  /// One line for each thread, where channels lie apart.
  std::size_t scratch_bytes(int threads) const override {
    return is_across() ? static_cast<std::size_t>(threads * padded_length()) * sizeof(float) : 0;
  }

  void run(const RunContext& context) const noexcept override {
    if (in_ || out_) return run_on_planes(context);
    if (is_across()) return run_across(context);
    DividedNorm norm = problem(context);
    const float* x = norm.x;
    float* y = norm.y;
    context.pool->parallel_for(lines_, kGrain, [&](std::int64_t begin, std::int64_t end) {
      norm_of_lines(norm, end - begin, x + begin * form_.length, y + begin * form_.length);
    });
  }

 private:
  /// Lines worth another thread.
  static constexpr std::int64_t kGrain = 8;

  bool is_across() const { return form_.channels.second_in || form_.channels.second_out; }
  std::int64_t padded_length() const { return (form_.length + kChannelBlock - 1) / kChannelBlock * kChannelBlock; }

  static void norm_of_lines(DividedNorm norm, std::int64_t lines, const float* x, float* y) {
    norm.lines = lines;
    norm.x = x;
    norm.y = y;
    divided_norm(norm);
  }

  DividedNorm problem(const RunContext& context) const {
    const std::size_t shift = form_.scaled ? 2 : 1;
    return {.lines = 0,
            .length = form_.length,
            .x = context.inputs[0].as<float>(),
            .x_line = form_.length,
            .x_group = kChannelBlock,
            .scale = form_.scaled ? context.inputs[1].as<float>() : nullptr,
            .shift = form_.shifted ? context.inputs[shift].as<float>() : nullptr,
            .epsilon = form_.epsilon,
            .y = context.outputs[0].as<float>(),
            .y_line = form_.length,
            .y_group = kChannelBlock,
            .fill_group = false};
  }

  /// Each pixel's channels are a line; on the side that has no planes they lie side by side.
  void run_on_planes(const RunContext& context) const {
    const Planes& sizes = in_ ? *in_ : *out_;
    DividedNorm norm = problem(context);
    if (in_) norm.x_line = kChannelBlock, norm.x_group = in_->block();
    if (out_) norm.y_line = kChannelBlock, norm.y_group = out_->block(), norm.fill_group = true;
    const bool joined = (!in_ || rows_join(*in_)) && (!out_ || rows_join(*out_));
    const float* x = norm.x;
    float* y = norm.y;
    const Planes rows = {sizes.batch, 1, sizes.height, sizes.width, 1, {}};
    parallel_rows(rows, kGrain / sizes.width + 1, *context.pool, [&](std::int64_t n, std::int64_t, Interval range) {
      for (std::int64_t b = 0; out_ && b < out_->blocks(); ++b) clear_halo(*out_, y, n, b, range);
      const std::int64_t step = joined ? range.size() : 1;
      for (std::int64_t row = range.begin; row < range.end; row += step) {
        const std::int64_t line = (n * sizes.height + row) * sizes.width;
        norm_of_lines(norm, step * sizes.width, x + (in_ ? in_->offset(n, 0, row, 0) : line * form_.length),
                      y + (out_ ? out_->offset(n, 0, row, 0) : line * form_.length));
      }
    });
  }

  void run_across(const RunContext& context) const {
    const DividedNorm norm = problem(context);
    const float* x = norm.x;
    float* y = norm.y;
    const auto [in, out] = form_.channels;
    context.pool->parallel_slots(
        lines_, 1, [&, in = in, out = out](std::int64_t thread, std::int64_t begin, std::int64_t end) {
          float* line = reinterpret_cast<float*>(context.scratch) + thread * padded_length();
          for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t across = i / image_ * image_ * form_.length + i % image_, along = i * form_.length;
            for (std::int64_t c = 0; c < form_.length; ++c) line[c] = in ? x[across + c * image_] : x[along + c];
            norm_of_lines(norm, 1, line, line);
            for (std::int64_t c = 0; c < form_.length; ++c) (out ? y[across + c * image_] : y[along + c]) = line[c];
          }
        });
  }

  DividedNormForm form_;
  std::int64_t lines_ = 0, image_ = 1;
  Layout in_, out_;
};

}  // namespace

std::unique_ptr<Operator> make_divided_norm(const DividedNormForm& form) {
  return std::make_unique<DividedNormOperator>(form);
}

}  // namespace pleat
