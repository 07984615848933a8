#include "runtime/onnx/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/files.h"
#include "tests/runtime/onnx/official_models.h"

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NpyTest : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  Result<Tensor> read(const std::string& header, const std::string& data, char version = 1) {
    std::string bytes = "\x93NUMPY";
    bytes += {version, '\0', static_cast<char>(header.size()), '\0'};
    if (version > 1) bytes += {'\0', '\0'};
    EXPECT_TRUE(write_file(path_, bytes + header + data));
    return read_npy(path_);
  }

  const std::string path_ = test::temporary("array.npy");
};

TEST_F(NpyTest, ReadsBackWhatItWrote) {
  for (const DType dtype : {DType::kFloat, DType::kDouble, DType::kFloat16}) {
    const Tensor tensor = *from_doubles(dtype, {2, 2}, std::vector<double>{1, -2, 0.5, 1024});
    ASSERT_TRUE(write_npy(path_, tensor));
    EXPECT_EQ(std::filesystem::file_size(path_) - tensor.byte_size(), 128U) << "data begin at a multiple of 64";
    const auto back = read_npy(path_);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->shape(), tensor.shape());
    EXPECT_EQ(*to_doubles(*back), *to_doubles(tensor));
  }
  ASSERT_TRUE(write_npy(path_, Tensor::scalar<std::int64_t>(-9)));
  EXPECT_THAT(read_npy(path_)->data<std::int64_t>(), ElementsAre(-9));
  ASSERT_TRUE(write_npy(path_, Tensor::of<bool>({3}, {true, false, true})));
  EXPECT_THAT(read_npy(path_)->data<bool>(), ElementsAre(true, false, true));
}

TEST_F(NpyTest, ReadsEveryVersionAndOrderOfKeys) {
  for (const char version : {1, 2, 3}) {
    const auto tensor = read("{'shape': (3,), 'fortran_order': False, 'descr': '|u1', }\n", "abc", version);
    ASSERT_TRUE(tensor) << tensor.error().text();
    EXPECT_THAT(tensor->data<std::uint8_t>(), ElementsAre('a', 'b', 'c'));
  }
}

TEST_F(NpyTest, TransposesFortranOrder) {
  const auto tensor = read("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n", "adbecf");
  ASSERT_TRUE(tensor) << tensor.error().text();
  EXPECT_EQ(tensor->shape(), (Shape{2, 3}));
  EXPECT_THAT(tensor->data<std::uint8_t>(), ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
}

TEST_F(NpyTest, RefusesTheRestWithAReason) {
  EXPECT_EQ(read("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "abcd").error().code,
            ErrorCode::kUnsupported);
  EXPECT_EQ(read("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "abcd").error().code,
            ErrorCode::kUnsupported);
  EXPECT_THAT(read("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "abcd").error().expected,
              HasSubstr("8 bytes"));
  EXPECT_FALSE(read("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999,9999999999999), }", "abcd"));
  EXPECT_FALSE(read("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", ""));
  EXPECT_FALSE(read("{}", ""));
  EXPECT_FALSE(read("{'descr': '", ""));
  EXPECT_FALSE(read("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "abcd", 9));
  ASSERT_TRUE(write_file(path_, "\x93NUMPY"));
  EXPECT_FALSE(read_npy(path_));
  EXPECT_EQ(write_npy(path_, Tensor{}).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace pleat
