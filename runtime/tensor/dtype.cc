#include "runtime/tensor/dtype.h"

namespace pleat {

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::kUint8:
    case DType::kInt8:
    case DType::kBool: return 1;
    case DType::kUint16:
    case DType::kInt16:
    case DType::kFloat16:
    case DType::kBfloat16: return 2;
    case DType::kFloat:
    case DType::kInt32:
    case DType::kUint32: return 4;
    case DType::kDouble:
    case DType::kInt64:
    case DType::kUint64:
    case DType::kComplex64: return 8;
    case DType::kComplex128: return 16;
    case DType::kUndefined:
    case DType::kString: break;
  }
  return 0;
}

std::string_view dtype_name(DType dtype) {
  constexpr std::string_view kNames[] = {"undefined", "float",  "uint8",     "int8",       "uint16",  "int16",
                                         "int32",     "int64",  "string",    "bool",       "float16", "double",
                                         "uint32",    "uint64", "complex64", "complex128", "bfloat16"};
  const auto index = static_cast<std::size_t>(dtype);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

}  // namespace pleat
