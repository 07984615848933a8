#include "models/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string idx(std::initializer_list<int> dims, const std::string& values) {
  std::string out{0, 0, 8, static_cast<char>(dims.size())};
  for (int dim : dims) out += std::string(3, '\0') + static_cast<char>(dim);
  return out + values;
}

class DatasetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "dataset_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    write("train-images-idx3-ubyte", idx({3, 1, 2}, "abcdef"));
    write("train-labels-idx1-ubyte", idx({3}, std::string{0, 2, 1}));
    write("t10k-images.idx3-ubyte", idx({1, 1, 2}, "xy"));
    write("t10k-labels.idx1-ubyte", idx({1}, std::string{1}));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << bytes;
  }
  std::string failure() const {
    const auto dataset = read_dataset(folder_);
    return dataset ? "no error" : dataset.error().text();
  }
  std::string folder_;
};

TEST_F(DatasetTest, ReadsBothHalves) {
  const auto dataset = read_dataset(folder_);
  ASSERT_TRUE(dataset) << dataset.error().text();
  EXPECT_EQ(dataset->train.count(), 3U);
  EXPECT_EQ(dataset->train.rows, 1);
  EXPECT_EQ(dataset->train.cols, 2);
  EXPECT_EQ(dataset->train.classes(), 3);
  EXPECT_THAT(dataset->train.image(1), ElementsAre('c', 'd'));
  EXPECT_THAT(dataset->train.labels, ElementsAre(0, 2, 1));
  EXPECT_THAT(dataset->test.image(0), ElementsAre('x', 'y'));
}

TEST_F(DatasetTest, ReadsTheTestHalfAlone) {
  std::filesystem::remove(folder_ + "/train-images-idx3-ubyte");
  const auto test = read_split(folder_, Split::kTest);
  ASSERT_TRUE(test) << test.error().text();
  EXPECT_EQ(test->count(), 1U);
  EXPECT_FALSE(read_split(folder_, Split::kTrain));
}

TEST_F(DatasetTest, NamesTheMissingFileAndWhereToGetOne) {
  std::filesystem::remove(folder_ + "/train-labels-idx1-ubyte");
  EXPECT_THAT(failure(), HasSubstr("train-labels-idx1-ubyte"));
  EXPECT_THAT(failure(), HasSubstr("dataset-fashion-mnist"));
}

TEST_F(DatasetTest, RefusesCountsThatDiffer) {
  write("train-labels-idx1-ubyte", idx({2}, "ab"));
  EXPECT_THAT(failure(), HasSubstr("as many labels as images"));
}

TEST_F(DatasetTest, RefusesHalvesOfDifferentSize) {
  write("t10k-images.idx3-ubyte", idx({1, 2, 2}, "wxyz"));
  EXPECT_THAT(failure(), HasSubstr("differ in size"));
}

TEST_F(DatasetTest, RefusesAnEmptySet) {
  write("train-images-idx3-ubyte", idx({0, 1, 2}, ""));
  write("train-labels-idx1-ubyte", idx({0}, ""));
  EXPECT_THAT(failure(), HasSubstr("empty"));
}

TEST_F(DatasetTest, RefusesImagesWithoutPixels) {
  write("train-images-idx3-ubyte", idx({3, 0, 2}, ""));
  EXPECT_THAT(failure(), HasSubstr("0 x 2"));
}

TEST(FashionMnist, IsWholeAndBalanced) {
  if (!std::filesystem::exists(kFashionMnistFolder)) GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const auto dataset = read_dataset(kFashionMnistFolder);
  ASSERT_TRUE(dataset) << dataset.error().text();
  EXPECT_EQ(dataset->train.count(), 60000U);
  EXPECT_EQ(dataset->test.count(), 10000U);
  EXPECT_EQ(dataset->test.rows, 28);
  EXPECT_EQ(dataset->test.cols, 28);
  for (int label = 0; label < 10; ++label) {
    EXPECT_EQ(std::count(dataset->train.labels.begin(), dataset->train.labels.end(), label), 6000);
    EXPECT_EQ(std::count(dataset->test.labels.begin(), dataset->test.labels.end(), label), 1000);
  }
}

}  // namespace
}  // namespace pleat
