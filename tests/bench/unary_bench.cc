#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/isa.h"
#include "runtime/kernels/layer_norm.h"
#include "runtime/kernels/softmax.h"
#include "runtime/kernels/unary.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

constexpr std::int64_t kCount = 4096;

/// The calling thread's own time, so that what else the machine does is not counted.
double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Best of many slices, in nanoseconds per element.
void report(const char* name, std::int64_t count, const std::function<void()>& call) {
  double best = 1e9;
  for (int slice = 0; slice < 100; ++slice) {
    const double start = now();
    for (int i = 0; i < 50; ++i) call();
    best = std::min(best, (now() - start) / 50 / static_cast<double>(count) * 1e9);
  }
  std::printf("  %-20s %7.4f ns\n", name, best);
}

void report_all() {
  const auto x = random_values<float>(kCount, 1, -6, 6);
  std::vector<float> y(x.size());
  const auto function = [&](const char* name, Unary f) {
    report(name, kCount, [&] { activate({f, 0.1F, 1}, x.data(), y.data(), kCount); });
  };
  function("relu", Unary::kRelu);
  function("exp", Unary::kExp);
  function("sigmoid", Unary::kSigmoid);
  function("silu", Unary::kSilu);
  function("tanh", Unary::kTanh);
  function("erf", Unary::kErf);
  function("gelu", Unary::kGelu);
  function("gelu of steps", Unary::kGeluHalvedLast);
  function("gelu by tanh", Unary::kGeluTanh);
  function("hard swish", Unary::kHardSwish);
  for (std::int64_t length : {197, 1000})
    report(length == 197 ? "softmax of 197" : "softmax of 1000", length, [&] { softmax(x.data(), y.data(), length); });
  for (std::int64_t length : {96, 768})
    report(length == 96 ? "layer norm of 96" : "layer norm of 768", kCount / length * length, [&] {
      layer_norm<float>({kCount / length, length, x.data(), x.data(), x.data(), 1e-5F, y.data()});
    });
}

}  // namespace
}  // namespace pleat

int main() {
  for (pleat::Isa isa : pleat::supported_isas()) {
    if (isa == pleat::Isa::kReference || !pleat::force_isa(isa)) continue;
    std::printf("%s\n", std::string(pleat::isa_name(isa)).c_str());
    pleat::report_all();
  }
  return 0;
}
