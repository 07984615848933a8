#include "runtime/tensor/tensor.h"

#include <cstring>

#include "runtime/base/aligned_buffer.h"
#include "runtime/base/files.h"
#include "runtime/tensor/half.h"

namespace pleat {

Result<Tensor> Tensor::allocate(DType dtype, Shape shape) {
  PLEAT_ASSIGN(const std::int64_t count, checked_elements(shape.dims(), size_of(dtype)));
  auto buffer = std::make_shared<AlignedBuffer>(static_cast<std::size_t>(count) * size_of(dtype));
  if (buffer->failed())
    return fail(Error::resource("not enough memory for a tensor").saw(std::string(dtype_name(dtype)) + shape.text()));
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = std::move(shape);
  tensor.data_ = buffer->data();
  tensor.owner_ = std::move(buffer);
  tensor.writable_ = true;
  return tensor;
}

Tensor Tensor::view_of(DType dtype, Shape shape, std::shared_ptr<const void> owner, const void* data) {
  PLEAT_CHECK(size_of(dtype) == 0 || reinterpret_cast<std::uintptr_t>(data) % size_of(dtype) == 0);
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = std::move(shape);
  tensor.owner_ = std::move(owner);
  tensor.data_ = data;
  return tensor;
}

Tensor Tensor::in_file(DType dtype, Shape shape, std::shared_ptr<const void> owner, const void* data) {
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = std::move(shape);
  tensor.owner_ = std::move(owner);
  tensor.data_ = data;
  tensor.in_file_ = true;
  return tensor;
}

bool Tensor::aligned() const {
  return size_of(dtype_) == 0 || reinterpret_cast<std::uintptr_t>(data_) % size_of(dtype_) == 0;
}

Result<Tensor> Tensor::loaded() const {
  if (aligned()) return *this;
  PLEAT_ASSIGN(Tensor copy, allocate(dtype_, shape_));
  std::memcpy(copy.mutable_bytes(), data_, byte_size());
  return copy;
}

void Tensor::release() const {
  if (in_file_) release_file_pages(bytes());
}

void* Tensor::mutable_bytes() {
  PLEAT_CHECK(writable_ && owner_.use_count() == 1);
  return const_cast<void*>(data_);
}

Tensor Tensor::reshaped(Shape shape) const {
  PLEAT_CHECK(shape.elements() == elements());
  Tensor tensor = *this;
  tensor.shape_ = std::move(shape);
  return tensor;
}

namespace {

template <class T>
std::vector<double> widened(const Tensor& tensor) {
  const auto values = tensor.data<T>();
  return {values.begin(), values.end()};
}

std::vector<double> widened_halves(const Tensor& tensor, double (*widen)(std::uint16_t)) {
  std::vector<double> out(static_cast<std::size_t>(tensor.elements()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t bits;
    std::memcpy(&bits, tensor.bytes().data() + 2 * i, 2);
    out[i] = widen(bits);
  }
  return out;
}

}  // namespace

Result<std::vector<double>> to_doubles(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::kFloat: return widened<float>(tensor);
    case DType::kDouble: return widened<double>(tensor);
    case DType::kInt8: return widened<std::int8_t>(tensor);
    case DType::kUint8: return widened<std::uint8_t>(tensor);
    case DType::kInt16: return widened<std::int16_t>(tensor);
    case DType::kUint16: return widened<std::uint16_t>(tensor);
    case DType::kInt32: return widened<std::int32_t>(tensor);
    case DType::kUint32: return widened<std::uint32_t>(tensor);
    case DType::kInt64: return widened<std::int64_t>(tensor);
    case DType::kUint64: return widened<std::uint64_t>(tensor);
    case DType::kBool: return widened<bool>(tensor);
    case DType::kFloat16: return widened_halves(tensor, half_to_double);
    case DType::kBfloat16: return widened_halves(tensor, bfloat16_to_double);
    default:
      return fail(
          Error::unsupported("elements have no value as a real number").saw(std::string(dtype_name(tensor.dtype()))));
  }
}

Result<Tensor> from_doubles(DType dtype, Shape shape, std::span<const double> values) {
  PLEAT_CHECK(static_cast<std::int64_t>(values.size()) == shape.elements());
  const bool is_float =
      dtype == DType::kFloat || dtype == DType::kDouble || dtype == DType::kFloat16 || dtype == DType::kBfloat16;
  if (!is_float) return fail(Error::unsupported("not a float type").saw(std::string(dtype_name(dtype))));
  PLEAT_ASSIGN(Tensor tensor, Tensor::allocate(dtype, std::move(shape)));
  auto* bytes = static_cast<std::byte*>(tensor.mutable_bytes());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (dtype == DType::kFloat) {
      const auto value = static_cast<float>(values[i]);
      std::memcpy(bytes + 4 * i, &value, 4);
    } else if (dtype == DType::kDouble) {
      std::memcpy(bytes + 8 * i, &values[i], 8);
    } else {
      const std::uint16_t value = dtype == DType::kFloat16 ? double_to_half(values[i]) : double_to_bfloat16(values[i]);
      std::memcpy(bytes + 2 * i, &value, 2);
    }
  }
  return tensor;
}

}  // namespace pleat
