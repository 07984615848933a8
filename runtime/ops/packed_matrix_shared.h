#pragma once

#include "runtime/base/aligned_buffer.h"
#include "runtime/kernels/gemm.h"
#include "runtime/ops/float_shared.h"

namespace pleat {

/// The right operand of a product, packed for gemm once where it is constant.
class PackedMatrix {
 public:
  /// `shapes` tells n, k and the steps of b.
  template <class T>
  Status pack(GemmProblem<T> shapes, const Tensor& b) {
    buffer_ = AlignedBuffer(packed_b_elements<T>(shapes.n, shapes.k) * sizeof(T));
    if (buffer_.failed()) return fail(Error::resource("not enough memory for packed weights"));
    shapes.b = b.data<T>().data();
    pack_b(shapes, reinterpret_cast<T*>(buffer_.data()));
    return {};
  }

  /// Null where nothing was packed.
  template <class T>
  const T* data() const {
    return reinterpret_cast<const T*>(buffer_.data());
  }

  /// What gemm then needs besides.
  std::size_t scratch_bytes(DType dtype, std::int64_t k, int threads) const {
    if (buffer_.data() != nullptr) return 0;
    return with_float(dtype, [&](auto zero) { return gemm_scratch_bytes<decltype(zero)>(k, threads); });
  }

 private:
  AlignedBuffer buffer_;
};

}  // namespace pleat
