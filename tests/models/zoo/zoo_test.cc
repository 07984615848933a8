#include "models/zoo/zoo.h"

#include <gmock/gmock.h>

#include <cmath>

#include "models/zoo/architecture_json.h"
#include "models/zoo/state.h"

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string all_bytes(const Checkpoint& checkpoint) {
  std::string bytes;
  for (const auto& entry : checkpoint.tensors) {
    bytes += entry.name;
    const auto data = entry.tensor.bytes();
    bytes.append(reinterpret_cast<const char*>(data.data()), data.size());
  }
  return bytes;
}

Batch<float> some_images() {
  Batch<float> x(33, {1, 28, 28});
  Random random(8);
  for (int n = 0; n < 33; ++n) {
    for (int f = 0; f < 784; ++f) x.at(n, f) = static_cast<float>(random.uniform(0, 1));
  }
  return x;
}

TEST(Zoo, NamesItsModels) { EXPECT_THAT(model_names(), ElementsAre("lenet_bn", "mlp_bn")); }

TEST(Zoo, UnknownNameIsToldWithTheKnown) {
  const auto model = make_model<float>("lenet");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kUsage);
  EXPECT_THAT(model.error().text(), HasSubstr("lenet_bn, mlp_bn"));
}

TEST(Zoo, LenetBnHasPyTorchsStateDict) {
  auto network = make_model<float>("lenet_bn").value();
  const Checkpoint checkpoint = to_checkpoint(network);
  std::vector<std::string> lines;
  for (const auto& e : checkpoint.tensors) lines.push_back(e.name + " " + e.tensor.shape().text());
  EXPECT_THAT(
      lines, ElementsAre("0.weight [6,1,5,5]", "0.bias [6]", "1.weight [6]", "1.bias [6]", "1.running_mean [6]",
                         "1.running_var [6]", "1.num_batches_tracked []", "4.weight [16,6,5,5]", "4.bias [16]",
                         "5.weight [16]", "5.bias [16]", "5.running_mean [16]", "5.running_var [16]",
                         "5.num_batches_tracked []", "9.weight [120,256]", "9.bias [120]", "10.weight [120]",
                         "10.bias [120]", "10.running_mean [120]", "10.running_var [120]", "10.num_batches_tracked []",
                         "12.weight [84,120]", "12.bias [84]", "13.weight [84]", "13.bias [84]", "13.running_mean [84]",
                         "13.running_var [84]", "13.num_batches_tracked []", "15.weight [10,84]", "15.bias [10]"));
}

TEST(Zoo, WeightsAreXavierUniform) {
  auto network = make_model<float>("lenet_bn", {.seed = 3}).value();
  const auto parameters = network.layers.layer(9).parameters();
  const double bound = std::sqrt(6.0 / (256 + 120));
  float largest = 0;
  for (const float w : parameters[0].value) largest = std::max(largest, std::abs(w));
  EXPECT_LE(largest, bound);
  EXPECT_GT(largest, 0.99 * bound);
  for (const float b : parameters[1].value) EXPECT_LE(std::abs(b), 1.0f / 16);
}

TEST(Zoo, TheSeedFixesTheParameters) {
  const auto bytes = [](std::uint64_t seed) {
    auto network = make_model<float>("lenet_bn", {.seed = seed}).value();
    return all_bytes(to_checkpoint(network));
  };
  EXPECT_EQ(bytes(1), bytes(1));
  EXPECT_NE(bytes(1), bytes(2));
}

TEST(Zoo, ArchitectureJsonStandsAsAgreed) {
  auto network = make_model<float>("lenet_bn").value();
  const std::string json = architecture_json(network);
  EXPECT_THAT(json, StartsWith(R"({"format":"pleat.architecture/1","name":"lenet_bn","input":{"name":"input",)"
                               R"("shape":[1,28,28],"color":"gray","mean":[0],"std":[255]},"output":{"name":"output"},)"
                               R"("labels":["T-shirt/top","Trouser")"));
  EXPECT_THAT(json, HasSubstr(R"("layers":[{"type":"Conv2d","in_channels":1,"out_channels":6,"kernel_size":[5,5],)"
                              R"("stride":[1,1],"padding":[0,0],"bias":true},{"type":"BatchNorm2d","num_features":6,)"
                              R"("eps":1e-05,"momentum":0.1},{"type":"Sigmoid"},{"type":"AvgPool2d",)"
                              R"("kernel_size":[2,2],"stride":[2,2],"padding":[0,0]})"));
}

TEST(Zoo, CheckpointsComeBackToTheSameFunction) {
  for (const std::string_view name : model_names()) {
    auto network = make_model<float>(name, {.seed = 5}).value();
    const Batch<float> x = some_images();
    ThreadPool pool;
    ASSERT_TRUE(network.layers.forward(x, Mode::kTraining, pool));
    const Checkpoint checkpoint = to_checkpoint(network);
    auto again = from_checkpoint<float>(checkpoint);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(all_bytes(to_checkpoint(*again)), all_bytes(checkpoint));
    EXPECT_EQ(to_checkpoint(*again).metadata, checkpoint.metadata);
    const Batch<float>* y = network.layers.forward(x, Mode::kEvaluation, pool).value();
    const Batch<float>* z = again->layers.forward(x, Mode::kEvaluation, pool).value();
    for (int n = 0; n < 33; ++n) {
      for (int f = 0; f < 10; ++f) ASSERT_EQ(y->at(n, f), z->at(n, f));
    }
  }
}

TEST(Zoo, CheckpointsThatDoNotFitAreRefusedByTensorName) {
  auto network = make_model<float>("mlp_bn").value();
  const Checkpoint good = to_checkpoint(network);

  Checkpoint lacking = good;
  lacking.tensors.erase(lacking.tensors.begin());
  EXPECT_THAT(from_checkpoint<float>(lacking).error().text(), HasSubstr("lacks the tensor '1.weight'"));

  Checkpoint superfluous = good;
  superfluous.tensors.push_back({"7.weight", Tensor::scalar<float>(1)});
  EXPECT_THAT(from_checkpoint<float>(superfluous).error().text(), HasSubstr("'7.weight'"));

  Checkpoint reshaped = good;
  reshaped.tensors[1].tensor = Tensor::of<float>(Shape{2}, {1.f, 2.f});
  EXPECT_THAT(from_checkpoint<float>(reshaped).error().text(), HasSubstr("float [256]"));

  Checkpoint silent = good;
  silent.metadata.clear();
  EXPECT_THAT(from_checkpoint<float>(silent).error().text(), HasSubstr("architecture"));
}

}  // namespace
}  // namespace pleat
