#include <algorithm>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/gemm.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/packed_matrix_shared.h"
#include "runtime/ops/product_epilogue_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = A·B as numpy.matmul: the last two axes are matrices, those before broadcast; a vector A gains a row axis and a
/// vector B a column axis, which the output loses again. Each output is one chain of fused multiply-adds over k
/// ascending, started from 0.
class MatMul final : public Operator {
  // Ahead of its callers, else clang 14 leaves it out: their generic lambdas are instantiated before it.
  template <class T>
  GemmProblem<T> shapes() const {
    GemmProblem<T> p;
    p.m = m_;
    p.n = n_;
    p.k = k_;
    p.a_row = k_;
    p.a_k = 1;
    p.b_k = n_;
    p.b_column = 1;
    p.packed_b = packed_.data<T>();
    return p;
  }

 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    PLEAT_TRY(expect_one_float_type(inputs));
    const Shape& a = inputs[0].shape;
    const Shape& b = inputs[1].shape;
    if (a.rank() == 0 || b.rank() == 0)
      return fail(
          Error::invalid("a scalar cannot be multiplied as a matrix").saw("A" + a.text() + " and B" + b.text()));
    m_ = a.rank() > 1 ? a[a.rank() - 2] : 1;
    k_ = a[a.rank() - 1];
    n_ = b.rank() > 1 ? b[b.rank() - 1] : 1;
    const std::int64_t b_k = b[std::max(0, b.rank() - 2)];
    if (k_ != b_k)
      return fail(Error::invalid("the inner sizes of A and B differ")
                      .expect("K = " + std::to_string(k_) + " of A" + a.text())
                      .saw("K = " + std::to_string(b_k) + " of B" + b.text()));
    const Shape a_batch = leading(a);
    const Shape b_batch = leading(b);
    PLEAT_ASSIGN(const Shape batch, broadcast(a_batch, b_batch));
    std::vector<std::int64_t> dims = batch.dims();
    if (a.rank() > 1) dims.push_back(m_);
    if (b.rank() > 1) dims.push_back(n_);
    PLEAT_TRY(checked_elements(dims, size_of(inputs[0].dtype)));
    a_offsets_ = offsets(a_batch, batch, m_ * k_);
    b_offsets_ = offsets(b_batch, batch, k_ * n_);
    if (b_batch.elements() == 1) fold_batch(a_batch == batch);
    dtype_ = inputs[0].dtype;
    out_ = Shape(std::move(dims));
    return std::vector<Fact>{{dtype_, out_, std::nullopt}};
  }

  bool fuse(const Activation& f) override { return is_fusible() && epilogue_.take(f); }
  bool fuse_addend(const Fact& addend) override { return is_fusible() && epilogue_.take_addend(addend, out_); }

  Status prepare(std::span<const Fact> inputs, std::span<const Fact>, BufferArena& memory) override {
    if (!inputs[1].constant || leading(inputs[1].shape).elements() != 1) return {};
    return with_float(dtype_,
                      [&](auto zero) { return packed_.pack(shapes<decltype(zero)>(), *inputs[1].constant, memory); });
  }

  bool takes_unaligned_constants() const override { return true; }
  bool reads_constant(std::size_t input) const override { return input != 1 || packed_.data<std::byte>() == nullptr; }

  std::size_t scratch_bytes(int threads) const override {
    return with_float(dtype_, [&](auto zero) {
      return gemm_scratch_bytes(shapes<decltype(zero)>(), static_cast<std::int64_t>(a_offsets_.size()), threads);
    });
  }

  void run(const RunContext& context) const noexcept override {
    with_float(dtype_, [&](auto zero) {
      using T = decltype(zero);
      T* y = context.outputs[0].as<T>();
      const auto count = static_cast<std::int64_t>(a_offsets_.size());
      const auto problem = [&](std::int64_t i) {
        auto p = shapes<T>();
        p.a = context.inputs[0].as<T>() + a_offsets_[static_cast<std::size_t>(i)];
        if (p.packed_b == nullptr) p.b = context.inputs[1].as<T>() + b_offsets_[static_cast<std::size_t>(i)];
        p.y = y + i * m_ * n_;
        epilogue_.place(context, i * m_, p);
        return p;
      };
      gemm<T>(count, problem, context.scratch, *context.pool);
    });
  }

  std::int64_t macs() const override { return static_cast<std::int64_t>(a_offsets_.size()) * m_ * n_ * k_; }

 private:
  /// Rows of the output are those of the products, one after the other.
  bool is_fusible() const { return dtype_ == DType::kFloat && out_.rank() >= 2 && n_ == out_[out_.rank() - 1]; }

  static Shape leading(const Shape& shape) {
    return Shape(std::vector<std::int64_t>(shape.begin(), shape.begin() + std::max(0, shape.rank() - 2)));
  }

  /// Where the matrix for each batch index of the output starts.
  static std::vector<std::int64_t> offsets(const Shape& own, const Shape& batch, std::int64_t matrix) {
    const auto steps = own.strides();
    std::vector<std::int64_t> out(static_cast<std::size_t>(batch.elements()));
    for (std::size_t flat = 0; flat < out.size(); ++flat) {
      auto left = static_cast<std::int64_t>(flat);
      std::int64_t position = 0;
      for (int axis = batch.rank() - 1; axis >= 0; --axis) {
        const int mine = axis - (batch.rank() - own.rank());
        if (mine >= 0 && own[mine] > 1) position += left % batch[axis] * steps[static_cast<std::size_t>(mine)];
        left /= batch[axis];
      }
      out[flat] = position * matrix;
    }
    return out;
  }

  /// One matrix B for dense A: all rows of all A are the rows of one product.
  void fold_batch(bool a_is_dense) {
    if (!a_is_dense || a_offsets_.size() < 2) return;
    m_ *= static_cast<std::int64_t>(a_offsets_.size());
    a_offsets_ = {0};
    b_offsets_ = {0};
  }

  std::int64_t m_ = 0, n_ = 0, k_ = 0;
  std::vector<std::int64_t> a_offsets_, b_offsets_;
  DType dtype_ = DType::kUndefined;
  PackedMatrix packed_;
  Shape out_;
  ProductEpilogue epilogue_;
};

Result<std::unique_ptr<Operator>> make_mat_mul(const Node& node, std::int64_t) {
  PLEAT_TRY(AttributeReader(node).finish());
  return std::make_unique<MatMul>();
}

}  // namespace

void register_mat_mul(OpRegistry& registry) { registry.add("MatMul", make_mat_mul); }

}  // namespace pleat
