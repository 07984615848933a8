/// Counts what Session::run takes from the heap. Replaces the global operator new, so it is a program of its own.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "runtime/session/session.h"
#include "tests/support/model_builder.h"

namespace {

std::atomic<bool> counting{false};
std::atomic<long> allocations{0};

void* counted(std::size_t size) noexcept {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size > 0 ? size : 1);
}

void* counted(std::size_t size, std::align_val_t alignment) noexcept {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1, std::memory_order_relaxed);
  const auto unit = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(unit, (size / unit + 1) * unit);
}

}  // namespace

// Out of line, else GCC 12 takes the pair of new and free for a mistake. The forms that do not throw stand here too: a
// sanitizer would answer them with memory of its own.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = counted(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  if (void* memory = counted(size, alignment)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted(size, alignment);
}
[[gnu::noinline]] void* operator new[](std::size_t size) { return operator new(size); }
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace pleat {
namespace {

Tensor ramp(Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) * 0.125f - 0.25f;
  return Tensor::of(std::move(shape), values);
}

/// LeNet with batch normalization, for 28 x 28 pictures.
std::shared_ptr<const Model> lenet() {
  ModelBuilder builder;
  builder.input("x", {1, 1, 28, 28}).output("scores");
  const auto normalized = [&](const std::string& from, const std::string& name, std::int64_t channels) {
    for (const char* part : {".scale", ".bias", ".mean", ".var"})
      builder.constant(name + part, Tensor::of(Shape{channels}, std::vector<float>(channels, 0.5f)));
    builder.node("BatchNormalization", {from, name + ".scale", name + ".bias", name + ".mean", name + ".var"}, {name});
    builder.node("Sigmoid", {name}, {name + ".sigmoid"});
  };
  const auto pooled = [&](const std::string& from, const std::string& to) {
    builder.node("AveragePool", {from}, {to},
                 {Attribute::integers("kernel_shape", {2, 2}), Attribute::integers("strides", {2, 2})});
  };
  const auto linear = [&](const std::string& from, const std::string& to, std::int64_t in, std::int64_t out) {
    builder.constant(to + ".weight", ramp({out, in})).constant(to + ".bias", ramp({out}));
    builder.node("Gemm", {from, to + ".weight", to + ".bias"}, {to}, {Attribute::integer("transB", 1)});
  };
  builder.constant("w1", ramp({6, 1, 5, 5})).constant("w2", ramp({16, 6, 5, 5}));
  builder.node("Conv", {"x", "w1"}, {"c1"}, {Attribute::integers("pads", {2, 2, 2, 2})});
  normalized("c1", "n1", 6);
  pooled("n1.sigmoid", "p1");
  builder.node("Conv", {"p1", "w2"}, {"c2"});
  normalized("c2", "n2", 16);
  pooled("n2.sigmoid", "p2");
  builder.node("Flatten", {"p2"}, {"flat"});
  linear("flat", "f1", 400, 120);
  normalized("f1", "n3", 120);
  linear("n3.sigmoid", "f2", 120, 84);
  normalized("f2", "n4", 84);
  linear("n4.sigmoid", "f3", 84, 10);
  builder.node("Softmax", {"f3"}, {"scores"});
  return builder.share();
}

class Allocation : public testing::TestWithParam<int> {};

TEST_P(Allocation, RunTakesNothingFromTheHeap) {
  PlanOptions options;
  options.threads = GetParam();
  auto plan = Plan::make(lenet(), options);
  ASSERT_TRUE(plan.has_value()) << plan.error().text();
  auto session = Session::create(*plan, {GetParam()});
  ASSERT_TRUE(session.has_value()) << session.error().text();
  std::vector<std::int64_t> nanoseconds((*plan)->steps().size());
  allocations = 0;
  counting = true;
  for (int run = 0; run < 3; ++run) (*session)->run();
  (*session)->run_profiled(nanoseconds);
  const TensorView scores = (*session)->output(0);
  counting = false;
  EXPECT_EQ(allocations.load(), 0);
  EXPECT_EQ(*scores.shape, (Shape{1, 10}));
}

INSTANTIATE_TEST_SUITE_P(Threads, Allocation, testing::Values(1, 2));

TEST(AllocationCounter, Counts) {
  allocations = 0;
  counting = true;
  operator delete(operator new(1));  // called by name: clang leaves out what only a new-expression asks for
  counting = false;
  EXPECT_GE(allocations.load(), 1);
}

}  // namespace
}  // namespace pleat
