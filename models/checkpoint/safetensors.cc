#include "models/checkpoint/safetensors.h"

#include <array>
#include <utility>

namespace pleat::safetensors {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 13> kNames{{
    {"BOOL", DType::kBool},
    {"U8", DType::kUint8},
    {"I8", DType::kInt8},
    {"U16", DType::kUint16},
    {"I16", DType::kInt16},
    {"F16", DType::kFloat16},
    {"BF16", DType::kBfloat16},
    {"U32", DType::kUint32},
    {"I32", DType::kInt32},
    {"F32", DType::kFloat},
    {"U64", DType::kUint64},
    {"I64", DType::kInt64},
    {"F64", DType::kDouble},
}};

}  // namespace

std::string_view name_of(DType dtype) {
  for (const auto& [name, type] : kNames)
    if (type == dtype) return name;
  return {};
}

DType dtype_named(std::string_view name) {
  for (const auto& [known, type] : kNames)
    if (known == name) return type;
  return DType::kUndefined;
}

}  // namespace pleat::safetensors
