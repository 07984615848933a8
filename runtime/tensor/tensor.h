#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/tensor/dtype.h"
#include "runtime/tensor/shape.h"

namespace pleat {

/// A borrowed block of row-major elements that may be written.
struct MutableTensorView {
  DType dtype = DType::kUndefined;
  const Shape* shape = nullptr;
  void* data = nullptr;

  bool present() const { return dtype != DType::kUndefined; }
  std::int64_t elements() const { return shape->elements(); }
  template <class T>
  T* as() const {
    PLEAT_CHECK(dtype == dtype_of<T>);
    return static_cast<T*>(data);
  }
};

/// A borrowed block of row-major elements. Absent (an omitted optional input) when dtype is undefined.
struct TensorView {
  DType dtype = DType::kUndefined;
  const Shape* shape = nullptr;
  const void* data = nullptr;

  TensorView() = default;
  TensorView(DType t, const Shape* s, const void* d) : dtype(t), shape(s), data(d) {}
  TensorView(const MutableTensorView& v) : dtype(v.dtype), shape(v.shape), data(v.data) {}  // NOLINT

  bool present() const { return dtype != DType::kUndefined; }
  std::int64_t elements() const { return shape->elements(); }
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * size_of(dtype); }
  template <class T>
  const T* as() const {
    PLEAT_CHECK(dtype == dtype_of<T>);
    return static_cast<const T*>(data);
  }
};

/// A row-major block of elements with shared storage. Copies share; only a sole owner may write.
/// Storage is aligned for its element type and belongs to the tensor or, for a view, to `owner`.
class Tensor {
 public:
  Tensor() = default;

  /// Zeroed, 64-byte aligned. Fails with kResource where memory does not suffice.
  static Result<Tensor> allocate(DType dtype, Shape shape);

  /// Shares bytes that `owner` keeps alive. `data` must be aligned for `dtype` and hold the whole shape.
  static Tensor view_of(DType dtype, Shape shape, std::shared_ptr<const void> owner, const void* data);

  /// Bytes of a file mapped read-only that `owner` keeps open, wherever they lie in it: the elements of a tensor that
  /// is not aligned() can be read through loaded() only.
  static Tensor in_file(DType dtype, Shape shape, std::shared_ptr<const void> owner, const void* data);
  bool aligned() const;
  /// This tensor where it is aligned, else a copy. Fails with kResource where memory does not suffice.
  Result<Tensor> loaded() const;
  /// Lets the system take back the memory of bytes in a file until they are read again.
  void release() const;

  /// A copy of `values`, whose count must be the shape's.
  template <class T>
  static Tensor of(Shape shape, std::span<const T> values);
  template <class T>
  static Tensor of(Shape shape, const std::vector<T>& values) {
    return of(std::move(shape), std::span<const T>(values));
  }
  template <class T>
  static Tensor of(Shape shape, std::initializer_list<T> values) {
    return of(std::move(shape), std::span<const T>(values.begin(), values.size()));
  }
  template <class T>
  static Tensor scalar(T value) {
    return of<T>(Shape{}, {value});
  }

  bool present() const { return dtype_ != DType::kUndefined; }
  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::int64_t elements() const { return shape_.elements(); }
  std::size_t byte_size() const { return static_cast<std::size_t>(elements()) * size_of(dtype_); }
  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), byte_size()}; }

  template <class T>
  std::span<const T> data() const {
    PLEAT_CHECK(dtype_ == dtype_of<T> && aligned());
    return {static_cast<const T*>(data_), static_cast<std::size_t>(elements())};
  }
  template <class T>
  std::span<T> mutable_data() {
    PLEAT_CHECK(dtype_ == dtype_of<T>);
    return {static_cast<T*>(mutable_bytes()), static_cast<std::size_t>(elements())};
  }
  void* mutable_bytes();

  TensorView view() const { return {dtype_, &shape_, data_}; }
  MutableTensorView mutable_view() { return {dtype_, &shape_, mutable_bytes()}; }

  /// The same elements under another shape of equal count.
  Tensor reshaped(Shape shape) const;

 private:
  DType dtype_ = DType::kUndefined;
  Shape shape_;
  std::shared_ptr<const void> owner_;
  const void* data_ = nullptr;
  bool writable_ = false;
  bool in_file_ = false;
};

/// Elements of any float, integer or bool type as doubles, widened or rounded to nearest (64-bit integers).
/// float16 and bfloat16 included. Fails for strings and complex numbers.
Result<std::vector<double>> to_doubles(const Tensor& tensor);

/// Doubles rounded once, to nearest even, straight to `dtype` (float, double, float16 or bfloat16).
Result<Tensor> from_doubles(DType dtype, Shape shape, std::span<const double> values);

template <class T>
Tensor Tensor::of(Shape shape, std::span<const T> values) {  // NOLINT(performance-unnecessary-value-param): it is moved
  PLEAT_CHECK(static_cast<std::int64_t>(values.size()) == shape.elements());
  auto tensor = allocate(dtype_of<T>, std::move(shape));
  PLEAT_CHECK(tensor.has_value());
  auto out = tensor->template mutable_data<T>();
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = values[i];
  return std::move(*tensor);
}

}  // namespace pleat
