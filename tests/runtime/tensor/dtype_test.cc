#include "runtime/tensor/dtype.h"

#include <gtest/gtest.h>

namespace pleat {
namespace {

TEST(DType, SizesAndNamesAreOnnxs) {
  struct {
    int number;
    std::size_t size;
    const char* name;
  } const kExpected[] = {{0, 0, "undefined"}, {1, 4, "float"},    {2, 1, "uint8"},      {3, 1, "int8"},
                         {4, 2, "uint16"},    {5, 2, "int16"},    {6, 4, "int32"},      {7, 8, "int64"},
                         {8, 0, "string"},    {9, 1, "bool"},     {10, 2, "float16"},   {11, 8, "double"},
                         {12, 4, "uint32"},   {13, 8, "uint64"},  {14, 8, "complex64"}, {15, 16, "complex128"},
                         {16, 2, "bfloat16"}, {17, 0, "unknown"}, {-1, 0, "unknown"},   {1 << 30, 0, "unknown"}};
  for (const auto& expected : kExpected) {
    const auto dtype = static_cast<DType>(expected.number);
    EXPECT_EQ(size_of(dtype), expected.size) << expected.number;
    EXPECT_EQ(dtype_name(dtype), expected.name) << expected.number;
  }
}

TEST(DType, CppTypesHaveTheSizeTheyStandFor) {
  static_assert(dtype_of<float> == DType::kFloat && dtype_of<bool> == DType::kBool);
  EXPECT_EQ(size_of(dtype_of<float>), sizeof(float));
  EXPECT_EQ(size_of(dtype_of<double>), sizeof(double));
  EXPECT_EQ(size_of(dtype_of<bool>), sizeof(bool));
  EXPECT_EQ(size_of(dtype_of<std::int8_t>), sizeof(std::int8_t));
  EXPECT_EQ(size_of(dtype_of<std::uint16_t>), sizeof(std::uint16_t));
  EXPECT_EQ(size_of(dtype_of<std::int32_t>), sizeof(std::int32_t));
  EXPECT_EQ(size_of(dtype_of<std::uint64_t>), sizeof(std::uint64_t));
}

}  // namespace
}  // namespace pleat
