#include "runtime/tensor/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Tensor, TheDefaultOneIsAbsent) {
  EXPECT_FALSE(Tensor().present());
  EXPECT_FALSE(Tensor().view().present());
  EXPECT_FALSE(TensorView().present());
}

TEST(Tensor, AllocatesZeroedAlignedElements) {
  Tensor tensor = Tensor::allocate(DType::kFloat, {2, 3}).value();
  EXPECT_EQ(tensor.byte_size(), 24U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes().data()) % 64, 0U);
  EXPECT_THAT(tensor.data<float>(), ::testing::Each(0.0F));
  tensor.mutable_data<float>()[5] = 7;
  EXPECT_EQ(tensor.data<float>()[5], 7);
}

TEST(Tensor, OfNoElementsIsPresent) {
  const Tensor tensor = Tensor::allocate(DType::kInt64, {0, 3}).value();
  EXPECT_TRUE(tensor.present());
  EXPECT_EQ(tensor.elements(), 0);
  EXPECT_TRUE(tensor.data<std::int64_t>().empty());
}

TEST(Tensor, RefusesWhatCannotBeAllocated) {
  EXPECT_EQ(Tensor::allocate(DType::kFloat, {-1}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(Tensor::allocate(DType::kFloat, {1LL << 62}).error().code, ErrorCode::kResource);
}

TEST(Tensor, OfCopiesItsValues) {
  std::vector<std::int32_t> values = {1, 2, 3, 4};
  const Tensor tensor = Tensor::of({2, 2}, values);
  values[0] = 9;
  EXPECT_EQ(tensor.dtype(), DType::kInt32);
  EXPECT_THAT(tensor.data<std::int32_t>(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(Tensor::scalar(2.5).shape().rank(), 0);
  EXPECT_EQ(Tensor::scalar(2.5).data<double>()[0], 2.5);
}

TEST(Tensor, AViewKeepsItsOwnerAlive) {
  auto owner = std::make_shared<std::vector<float>>(std::vector<float>{1, 2});
  const std::weak_ptr<std::vector<float>> watch = owner;
  const float* data = owner->data();
  {
    const Tensor tensor = Tensor::view_of(DType::kFloat, {2}, std::move(owner), data);
    EXPECT_THAT(tensor.data<float>(), ElementsAre(1, 2));
    const Tensor copy = tensor;
    EXPECT_EQ(copy.bytes().data(), tensor.bytes().data());
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

TEST(Tensor, ReshapedSharesTheElements) {
  const Tensor tensor = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor flat = tensor.reshaped({6});
  EXPECT_EQ(flat.shape(), Shape({6}));
  EXPECT_EQ(flat.bytes().data(), tensor.bytes().data());
}

TEST(TensorDeathTest, OnlyASoleOwnerMayWrite) {
  Tensor tensor = Tensor::of<float>({1}, {1});
  const Tensor copy = tensor;
  EXPECT_EXIT(tensor.mutable_bytes(), ::testing::ExitedWithCode(70), "use_count");
}

TEST(TensorDeathTest, AViewMayNotBeWritten) {
  const float value = 1;
  Tensor tensor = Tensor::view_of(DType::kFloat, {1}, std::make_shared<int>(), &value);
  EXPECT_EXIT(tensor.mutable_bytes(), ::testing::ExitedWithCode(70), "writable_");
}

TEST(TensorDeathTest, TheElementTypeMustBeTheOneAskedFor) {
  const Tensor tensor = Tensor::of<float>({1}, {1});
  EXPECT_EXIT(static_cast<void>(tensor.data<double>()), ::testing::ExitedWithCode(70), "dtype_");
  EXPECT_EXIT(static_cast<void>(tensor.view().as<std::int32_t>()), ::testing::ExitedWithCode(70), "dtype");
}

template <class T>
class ToDoublesTest : public ::testing::Test {};
using Numbers = ::testing::Types<float, double, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                                 std::uint32_t, std::int64_t, std::uint64_t>;
TYPED_TEST_SUITE(ToDoublesTest, Numbers);

TYPED_TEST(ToDoublesTest, WidensTheLeastAndTheLargest) {
  using Limits = std::numeric_limits<TypeParam>;
  const Tensor tensor = Tensor::of<TypeParam>({3}, {Limits::lowest(), 1, Limits::max()});
  EXPECT_THAT(to_doubles(tensor).value(),
              ElementsAre(static_cast<double>(Limits::lowest()), 1, static_cast<double>(Limits::max())));
}

TEST(ToDoubles, ReadsBooleansAndTheNarrowFloats) {
  EXPECT_THAT(to_doubles(Tensor::of<bool>({2}, {true, false})).value(), ElementsAre(1, 0));
  const auto halves = std::make_shared<std::vector<std::uint16_t>>(std::vector<std::uint16_t>{0x3C00, 0xC000});
  EXPECT_THAT(to_doubles(Tensor::view_of(DType::kFloat16, {2}, halves, halves->data())).value(), ElementsAre(1, -2));
  EXPECT_THAT(to_doubles(Tensor::view_of(DType::kBfloat16, {2}, halves, halves->data())).value(),
              ElementsAre(0.0078125, -2));
}

TEST(ToDoubles, RefusesWhatIsNoRealNumber) {
  for (DType dtype : {DType::kUndefined, DType::kString, DType::kComplex64, static_cast<DType>(99)})
    EXPECT_EQ(to_doubles(Tensor::view_of(dtype, {0}, nullptr, nullptr)).error().code, ErrorCode::kUnsupported);
}

TEST(FromDoubles, RoundsOnceToEachFloatType) {
  const std::vector<double> values = {1.0, 0.1, 1e300, -0.0};
  const Tensor f = from_doubles(DType::kFloat, {4}, values).value();
  EXPECT_THAT(f.data<float>(), ElementsAre(1.0F, 0.1F, std::numeric_limits<float>::infinity(), -0.0F));
  EXPECT_TRUE(std::signbit(f.data<float>()[3]));
  EXPECT_THAT(from_doubles(DType::kDouble, {4}, values).value().data<double>(), ::testing::ElementsAreArray(values));
  EXPECT_THAT(to_doubles(from_doubles(DType::kFloat16, {2}, std::vector<double>{1.0, 70000}).value()).value(),
              ElementsAre(1.0, std::numeric_limits<double>::infinity()));
  EXPECT_THAT(to_doubles(from_doubles(DType::kBfloat16, {2}, std::vector<double>{1.0, 257}).value()).value(),
              ElementsAre(1.0, 256));
}

TEST(FromDoubles, RefusesTypesThatAreNotFloat) {
  const auto tensor = from_doubles(DType::kInt32, {1}, std::vector<double>{1});
  ASSERT_FALSE(tensor.has_value());
  EXPECT_EQ(tensor.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(tensor.error().got, HasSubstr("int32"));
  EXPECT_FALSE(from_doubles(DType::kString, {0}, {}).has_value()) << "even where there is nothing to round";
}

}  // namespace
}  // namespace pleat
