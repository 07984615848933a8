// Tensors in every encoding ONNX allows, as `.pb` files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx-data_pb.h>

#include <cstring>

#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "tests/runtime/onnx/official_models.h"

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Proto = ::onnx::TensorProto;

Result<std::pair<std::string, Tensor>> read_bytes(const std::string& bytes) {
  const std::string path = test::temporary("one.pb");
  EXPECT_TRUE(write_file(path, bytes));
  auto tensor = read_tensor(path);
  test::fs::remove(path);
  return tensor;
}

Result<std::pair<std::string, Tensor>> read(const google::protobuf::MessageLite& proto) {
  return read_bytes(proto.SerializeAsString());
}

Proto proto_of(Proto::DataType type, std::initializer_list<std::int64_t> dims) {
  Proto proto;
  proto.set_name("t");
  proto.set_data_type(type);
  for (const std::int64_t dim : dims) proto.add_dims(dim);
  return proto;
}

TEST(TensorReader, ReadsTypedFields) {
  Proto floats = proto_of(Proto::FLOAT, {2});
  floats.add_float_data(1.5F);
  floats.add_float_data(-0.25F);
  EXPECT_THAT(read(floats)->second.data<float>(), ElementsAre(1.5F, -0.25F));
  Proto doubles = proto_of(Proto::DOUBLE, {1});
  doubles.add_double_data(1e300);
  EXPECT_THAT(read(doubles)->second.data<double>(), ElementsAre(1e300));
  Proto longs = proto_of(Proto::INT64, {2});
  longs.add_int64_data(INT64_MIN);
  longs.add_int64_data(INT64_MAX);
  EXPECT_THAT(read(longs)->second.data<std::int64_t>(), ElementsAre(INT64_MIN, INT64_MAX));
  Proto unsigned_longs = proto_of(Proto::UINT64, {1});
  unsigned_longs.add_uint64_data(UINT64_MAX);
  EXPECT_THAT(read(unsigned_longs)->second.data<std::uint64_t>(), ElementsAre(UINT64_MAX));
}

TEST(TensorReader, ReadsSmallTypesFromInt32Data) {
  Proto bytes = proto_of(Proto::INT8, {2});
  bytes.add_int32_data(-128);
  bytes.add_int32_data(127);
  EXPECT_THAT(read(bytes)->second.data<std::int8_t>(), ElementsAre(-128, 127));
  Proto flags = proto_of(Proto::BOOL, {3});
  for (const int flag : {0, 1, 5}) flags.add_int32_data(flag);
  EXPECT_THAT(read(flags)->second.data<bool>(), ElementsAre(false, true, true));
  Proto halves = proto_of(Proto::FLOAT16, {1});
  halves.add_int32_data(0x3c00);
  EXPECT_THAT(*to_doubles(read(halves)->second), ElementsAre(1.0));
  Proto unsigned_ints = proto_of(Proto::UINT32, {1});
  unsigned_ints.add_uint64_data(UINT32_MAX);
  EXPECT_THAT(read(unsigned_ints)->second.data<std::uint32_t>(), ElementsAre(UINT32_MAX));
}

TEST(TensorReader, ReadsNumbersThatAreNotPacked) {
  // dims 2, data_type FLOAT, then float_data twice as single numbers of wire type fixed32.
  const std::string bytes("\x08\x02\x10\x01\x25\x00\x00\x80\x3f\x25\x00\x00\x00\x40", 14);
  EXPECT_THAT(read_bytes(bytes)->second.data<float>(), ElementsAre(1.0F, 2.0F));
}

TEST(TensorReader, ReadsRawDataOfAnyAlignment) {
  for (std::size_t padding = 0; padding < 8; ++padding) {
    Proto proto = proto_of(Proto::DOUBLE, {2});
    proto.set_name(std::string(padding, 'n'));
    const double values[] = {1.0, -2.5};
    proto.set_raw_data(values, sizeof(values));
    EXPECT_THAT(read(proto)->second.data<double>(), ElementsAre(1.0, -2.5));
  }
  Proto flags = proto_of(Proto::BOOL, {2});
  flags.set_raw_data(std::string("\x02\x00", 2));
  EXPECT_THAT(read(flags)->second.data<bool>(), ElementsAre(true, false));
}

TEST(TensorReader, ReadsScalarsAndEmptyTensors) {
  Proto scalar = proto_of(Proto::INT32, {});
  scalar.add_int32_data(-7);
  EXPECT_EQ(read(scalar)->second.shape().rank(), 0);
  EXPECT_EQ(read(proto_of(Proto::FLOAT, {0, 3}))->second.elements(), 0);
}

TEST(TensorReader, RefusesSizesThatDoNotMatch) {
  Proto proto = proto_of(Proto::FLOAT, {2, 3});
  EXPECT_EQ(read(proto).error().code, ErrorCode::kInvalid);
  proto.set_raw_data(std::string(23, 'x'));
  const auto wrong = read(proto);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(wrong.error().expected, "24 bytes");
  EXPECT_EQ(wrong.error().got, "23 bytes");
  Proto overflow = proto_of(Proto::FLOAT, {std::int64_t{1} << 62, std::int64_t{1} << 62});
  EXPECT_EQ(read(overflow).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(read(proto_of(Proto::FLOAT, {-1})).error().code, ErrorCode::kInvalid);
  Proto misfit = proto_of(Proto::UINT8, {1});
  misfit.add_int32_data(300);
  EXPECT_THAT(read(misfit).error().what, HasSubstr("does not fit"));
}

TEST(TensorReader, RefusesWhatIsNoTensor) {
  ::onnx::SequenceProto sequence;
  sequence.set_name("s");
  sequence.set_elem_type(::onnx::SequenceProto::TENSOR);
  EXPECT_EQ(read(sequence).error().code, ErrorCode::kUnsupported);
  *sequence.add_tensor_values() = proto_of(Proto::FLOAT, {0});
  EXPECT_EQ(read(sequence).error().code, ErrorCode::kUnsupported);
  Proto strings = proto_of(Proto::STRING, {1});
  strings.add_string_data("a");
  EXPECT_EQ(read(strings).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(read_tensor(test::temporary("absent.pb")).error().code, ErrorCode::kInvalid);
}

TEST(TensorReader, ReadsEveryTensorOfDebiansTestData) {
  if (!test::fs::exists(test::debian_root())) GTEST_SKIP() << "the package libonnx-testdata is not installed";
  int count = 0;
  for (const auto& file : test::official_files(test::debian_root(), ".pb")) {
    const auto tensor = read_tensor(file.string());
    if (!tensor) {
      EXPECT_EQ(tensor.error().code, ErrorCode::kUnsupported) << tensor.error().text();
      continue;
    }
    Proto proto;
    ASSERT_TRUE(proto.ParseFromString(test::slurp(file)));
    EXPECT_EQ(static_cast<int>(tensor->second.dtype()), proto.data_type());
    EXPECT_EQ(tensor->first, proto.name());
    if (!proto.raw_data().empty()) {
      EXPECT_EQ(std::memcmp(proto.raw_data().data(), tensor->second.bytes().data(), tensor->second.byte_size()), 0);
    }
    ++count;
  }
  EXPECT_GT(count, 1000);
}

}  // namespace
}  // namespace pleat
