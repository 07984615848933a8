#include <gtest/gtest.h>

#include <cstring>

#include "runtime/base/isa.h"
#include "runtime/session/session.h"
#include "tests/support/each_isa.h"
#include "tests/support/small_models.h"

namespace pleat {
namespace {

constexpr std::int64_t kImages = 256;
constexpr std::int64_t kPixels = std::int64_t{16} * 16;
constexpr std::int64_t kClasses = 10;

/// What `model` answers to `images`, so many at a time.
std::vector<float> answers(const std::shared_ptr<const Model>& model, const Tensor& images, std::int64_t batch,
                           int threads) {
  PlanOptions options;
  options.open_size = batch;
  options.threads = threads;
  const auto plan = Plan::make(model, options).value();
  const auto session = Session::create(plan, {threads}).value();
  std::vector<float> all;
  for (std::int64_t first = 0; first < kImages; first += batch) {
    std::memcpy(session->input(0).data, images.data<float>().data() + first * kPixels,
                static_cast<std::size_t>(batch * kPixels) * sizeof(float));
    session->run();
    const float* scores = session->output(0).as<float>();
    all.insert(all.end(), scores, scores + batch * kClasses);
  }
  return all;
}

TEST(SameBits, AloneInABatchOnAnyThreadsAndInstructionSet) {
  const auto model = std::make_shared<const Model>(small_lenet());
  const Tensor images = random_tensor({kImages, 1, 16, 16}, 99);
  std::vector<float> first;
  for_each_isa([&](Isa isa) {
    for (const int threads : {1, 2}) {
      for (const std::int64_t batch : {std::int64_t{1}, std::int64_t{4}, kImages}) {
        const std::vector<float> now = answers(model, images, batch, threads);
        if (first.empty()) first = now;
        ASSERT_EQ(now.size(), static_cast<std::size_t>(kImages * kClasses));
        EXPECT_EQ(std::memcmp(now.data(), first.data(), now.size() * sizeof(float)), 0)
            << isa_name(isa) << ", " << threads << " threads, batch " << batch;
      }
    }
  });
}

}  // namespace
}  // namespace pleat
