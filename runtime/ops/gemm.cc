#include <cmath>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/gemm.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/packed_matrix_shared.h"
#include "runtime/ops/product_epilogue_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y[M,N] = alpha·A'·B' + beta·C, C broadcast to [M,N]. With alpha = 1 each output is one chain of fused multiply-adds
/// over k ascending, started from beta·C (rounded once; C itself where beta is 1; 0 where C is absent). Otherwise the
/// chain starts from 0 and Y = fma(alpha, chain, beta·C).
class Gemm final : public Operator {
  // Ahead of its callers, else clang 14 leaves it out: their generic lambdas are instantiated before it.
  template <class T>
  GemmProblem<T> shapes() const {
    GemmProblem<T> p;
    p.m = m_;
    p.n = n_;
    p.k = k_;
    p.a_row = attributes_.trans_a ? 1 : k_;
    p.a_k = attributes_.trans_a ? m_ : 1;
    p.b_k = attributes_.trans_b ? 1 : n_;
    p.b_column = attributes_.trans_b ? k_ : 1;
    p.packed_b = packed_.data<T>();
    return p;
  }

 public:
  struct Attributes {
    float alpha, beta;
    bool trans_a, trans_b;
    bool c_required;
    bool c_broadcasts;
  };
  explicit Gemm(Attributes attributes) : attributes_(attributes) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, attributes_.c_required ? 3 : 2, 3));
    PLEAT_TRY(expect_one_float_type(inputs));
    const Shape& a = inputs[0].shape;
    const Shape& b = inputs[1].shape;
    if (a.rank() != 2 || b.rank() != 2)
      return fail(
          Error::invalid("A and B must be matrices").expect("rank 2").saw("A" + a.text() + " and B" + b.text()));
    m_ = a[attributes_.trans_a ? 1 : 0];
    k_ = a[attributes_.trans_a ? 0 : 1];
    n_ = b[attributes_.trans_b ? 0 : 1];
    const std::int64_t b_k = b[attributes_.trans_b ? 1 : 0];
    if (k_ != b_k)
      return fail(Error::invalid("the inner sizes of A and B differ")
                      .expect("K = " + std::to_string(k_) + " of A" + a.text())
                      .saw("K = " + std::to_string(b_k) + " of B" + b.text()));
    if (inputs.size() > 2 && inputs[2].present()) PLEAT_TRY(place_c(inputs[2].shape));
    PLEAT_TRY(checked_elements(std::vector<std::int64_t>{m_, n_}, size_of(inputs[0].dtype)));
    dtype_ = inputs[0].dtype;
    has_c_ = inputs.size() > 2 && inputs[2].present();
    return std::vector<Fact>{{dtype_, Shape{m_, n_}, std::nullopt}};
  }

  bool fuse(const Activation& f) override { return is_fusible() && epilogue_.take(f); }
  bool fuse_addend(const Fact& addend) override { return is_fusible() && epilogue_.take_addend(addend, {m_, n_}); }

  Status prepare(std::span<const Fact> inputs, std::span<const Fact>, BufferArena& memory) override {
    if (!inputs[1].constant) return {};
    return with_float(dtype_,
                      [&](auto zero) { return packed_.pack(shapes<decltype(zero)>(), *inputs[1].constant, memory); });
  }

  bool takes_unaligned_constants() const override { return true; }
  bool reads_constant(std::size_t input) const override { return input != 1 || packed_.data<std::byte>() == nullptr; }

  std::size_t scratch_bytes(int threads) const override {
    return with_float(dtype_, [&](auto zero) { return gemm_scratch_bytes(shapes<decltype(zero)>(), 1, threads); });
  }

  void run(const RunContext& context) const noexcept override {
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const T* c = has_c_ ? context.inputs[2].as<T>() : nullptr;
      T* y = context.outputs[0].as<T>();
      const auto problem = [&](std::int64_t) {
        auto p = shapes<T>();
        p.a = context.inputs[0].as<T>();
        if (p.packed_b == nullptr) p.b = context.inputs[1].as<T>();
        p.y = y;
        epilogue_.place(context, 0, p);
        if (attributes_.alpha == 1 && has_c_) {
          p.bias = starts_in_place() ? c : y;
          p.bias_row = starts_in_place() ? c_row_ : n_;
        }
        return p;
      };
      if (attributes_.alpha == 1 && has_c_ && !starts_in_place()) start_from(c, y);
      gemm<T>(1, problem, context.scratch, *context.pool);
      if (attributes_.alpha != 1) scale_and_add(c, y);
    });
  }

  std::int64_t macs() const override { return m_ * n_ * k_; }

 private:
  bool is_fusible() const { return dtype_ == DType::kFloat && attributes_.alpha == 1; }

  Status place_c(const Shape& c) {
    const Shape out = {m_, n_};
    const auto both = attributes_.c_broadcasts ? broadcast(c, out) : Result<Shape>(c);
    if (!both || *both != out)
      return fail(Error::invalid("C does not broadcast to the output").expect(out.text()).saw("C" + c.text()));
    const std::int64_t columns = c.rank() >= 1 ? c[c.rank() - 1] : 1;
    c_column_ = columns == 1 ? 0 : 1;
    c_row_ = c.rank() < 2 || c[0] == 1 ? 0 : columns;
    return {};
  }

  /// Rows of C as they lie are what the sums start from.
  bool starts_in_place() const { return attributes_.beta == 1 && (c_column_ == 1 || n_ == 1); }

  template <class T>
  T scaled_c(const T* c, std::int64_t i, std::int64_t j) const {
    if (c == nullptr) return T{0};
    const T value = c[i * c_row_ + j * c_column_];
    return attributes_.beta == 1 ? value : static_cast<T>(attributes_.beta) * value;
  }

  template <class T>
  void start_from(const T* c, T* y) const {
    for (std::int64_t i = 0; i < m_; ++i)
      for (std::int64_t j = 0; j < n_; ++j) y[i * n_ + j] = scaled_c(c, i, j);
  }

  template <class T>
  void scale_and_add(const T* c, T* y) const {
    for (std::int64_t i = 0; i < m_; ++i)
      for (std::int64_t j = 0; j < n_; ++j)
        y[i * n_ + j] = std::fma(static_cast<T>(attributes_.alpha), y[i * n_ + j], scaled_c(c, i, j));
  }

  Attributes attributes_;
  std::int64_t m_ = 0, n_ = 0, k_ = 0;
  std::int64_t c_row_ = 0, c_column_ = 0;  // 0 where C repeats
  DType dtype_ = DType::kUndefined;
  bool has_c_ = false;
  PackedMatrix packed_;
  ProductEpilogue epilogue_;
};

Result<std::unique_ptr<Operator>> make_gemm(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  Gemm::Attributes attributes = {.alpha = reader.number("alpha", 1),
                                 .beta = reader.number("beta", 1),
                                 .trans_a = reader.integer("transA", 0) != 0,
                                 .trans_b = reader.integer("transB", 0) != 0,
                                 .c_required = opset < 11,
                                 .c_broadcasts = opset >= 7 || reader.integer("broadcast", 0) != 0};
  PLEAT_TRY(reader.finish());
  return std::make_unique<Gemm>(attributes);
}

}  // namespace

void register_gemm(OpRegistry& registry) { registry.add("Gemm", make_gemm); }

}  // namespace pleat
