#include "runtime/base/function_ref.h"

#include <gtest/gtest.h>

#include <memory>

namespace pleat {
namespace {

int call(FunctionRef<int(int)> f, int x) { return f(x); }

TEST(FunctionRef, CallsMutableAndConstObjects) {
  int calls = 0;
  EXPECT_EQ(call([&](int x) { return ++calls, x + 1; }, 4), 5);
  EXPECT_EQ(calls, 1);
  const auto negate = [](int x) { return -x; };
  EXPECT_EQ(call(negate, 4), -4);
}

TEST(FunctionRef, BorrowsRatherThanCopies) {
  struct Counter {
    int n = 0;
    int operator()(int step) { return n += step; }
  } counter;
  const FunctionRef<int(int)> f = counter;
  f(2), f(3);
  EXPECT_EQ(counter.n, 5);
}

TEST(FunctionRef, ForwardsMoveOnlyArguments) {
  const auto take = [](std::unique_ptr<int> p) { return *p; };
  const FunctionRef<int(std::unique_ptr<int>)> f = take;
  EXPECT_EQ(f(std::make_unique<int>(9)), 9);
}

}  // namespace
}  // namespace pleat
