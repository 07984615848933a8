// What elementwise functions and normalizations cost for each element, in the cache.
#include <memory>
#include <vector>

#include "runtime/kernels/layer_norm.h"
#include "runtime/kernels/softmax.h"
#include "runtime/kernels/unary.h"
#include "tests/bench/bench.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

constexpr std::int64_t kCount = 4096;

struct Data {
  std::vector<float> x = random_values<float>(kCount, 1, -6, 6);
  std::vector<float> y = std::vector<float>(kCount);
};

/// `body` makes `count` elements of what it is given.
void add(const std::string& name, std::int64_t count, void (*body)(Data& data, std::int64_t parameter),
         std::int64_t parameter) {
  add_benchmark(name, {static_cast<double>(count), Work::Unit::kElements}, [=](ThreadPool&) -> std::function<void()> {
    return [=, data = std::make_shared<Data>()] { body(*data, parameter); };
  });
}

void add_all() {
  const std::pair<const char*, Unary> functions[] = {{"relu", Unary::kRelu},
                                                     {"exp", Unary::kExp},
                                                     {"sigmoid", Unary::kSigmoid},
                                                     {"silu", Unary::kSilu},
                                                     {"tanh", Unary::kTanh},
                                                     {"erf", Unary::kErf},
                                                     {"gelu", Unary::kGelu},
                                                     {"gelu of steps", Unary::kGeluHalvedLast},
                                                     {"gelu by tanh", Unary::kGeluTanh},
                                                     {"hard swish", Unary::kHardSwish}};
  for (const auto& [name, function] : functions)
    add(
        name, kCount,
        [](Data& d, std::int64_t f) {
          activate({static_cast<Unary>(f), 0.1F, 1}, d.x.data(), d.y.data(), kCount);
        },
        static_cast<std::int64_t>(function));
  for (const std::int64_t length : {197, 1000})
    add(
        "softmax of " + std::to_string(length), length,
        [](Data& d, std::int64_t count) { softmax(d.x.data(), d.y.data(), count); }, length);
  for (const std::int64_t length : {96, 768})
    add(
        "layer norm of " + std::to_string(length), kCount / length * length,
        [](Data& d, std::int64_t count) {
          layer_norm<float>({kCount / count, count, d.x.data(), d.x.data(), d.x.data(), 1e-5F, d.y.data()});
        },
        length);
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) { return pleat::run_benchmarks(argc, argv, pleat::add_all); }
