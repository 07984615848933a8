#pragma once

#include <algorithm>
#include <cstring>

#include "runtime/base/buffer_arena.h"
#include "runtime/base/files.h"
#include "runtime/kernels/gemm.h"
#include "runtime/ops/float_shared.h"

namespace pleat {

/// The right operand of a product, packed for gemm once where it is constant.
class PackedMatrix {
 public:
  /// `shapes` tells n, k and the steps of b, which is dense. b need not be aligned.
  template <class T>
  Status pack(GemmProblem<T> shapes, const Tensor& b, BufferArena& memory) {
    buffer_ = memory.take(packed_b_elements<T>(shapes.n, shapes.k) * sizeof(T));
    if (buffer_.failed()) return fail(no_memory());
    if (!b.aligned()) return pack_in_parts(shapes, b);
    shapes.b = b.data<T>().data();
    pack_b(shapes, packed<T>());
    return {};
  }

  /// Null where nothing was packed.
  template <class T>
  const T* data() const {
    return reinterpret_cast<const T*>(buffer_.data());
  }

 private:
  /// Columns that are aligned at a time, whole panels.
  static constexpr std::int64_t kPart = 4 * kPanelWidth<float>;

  static Error no_memory() { return Error::resource("not enough memory for packed weights"); }

  template <class T>
  T* packed() {
    return reinterpret_cast<T*>(buffer_.data());
  }

  /// The copy of b beside its packed form is never more than some columns.
  template <class T>
  Status pack_in_parts(const GemmProblem<T>& shapes, const Tensor& b) {
    AlignedBuffer part(static_cast<std::size_t>(std::min(kPart, shapes.n) * shapes.k) * sizeof(T));
    if (part.failed()) return fail(no_memory());
    const bool by_columns = shapes.b_k == 1;
    for (std::int64_t first = 0; first < shapes.n; first += kPart) {
      GemmProblem<T> columns = shapes;
      columns.n = std::min(kPart, shapes.n - first);
      columns.b = reinterpret_cast<const T*>(part.data());
      if (!by_columns) columns.b_k = columns.n;
      const std::int64_t runs = by_columns ? 1 : shapes.k;
      const std::size_t run = static_cast<std::size_t>(columns.n * shapes.k / runs) * sizeof(T);
      const std::byte* from = b.bytes().data() + static_cast<std::size_t>(first * shapes.b_column) * sizeof(T);
      for (std::int64_t i = 0; i < runs; ++i)
        std::memcpy(part.data() + static_cast<std::size_t>(i) * run,
                    from + static_cast<std::size_t>(i * shapes.b_k) * sizeof(T), run);
      pack_b(columns, packed<T>() + first * shapes.k);
      if (by_columns) release_file_pages({from, run});  // what is not aligned lies in a file
    }
    return {};
  }

  AlignedBuffer buffer_;
};

}  // namespace pleat
