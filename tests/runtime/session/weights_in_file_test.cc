#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/base/files.h"
#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "runtime/session/session.h"
#include "tests/support/model_builder.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

Tensor weights(Shape shape, unsigned seed) {
  const std::int64_t elements = shape.elements();
  return Tensor::of<float>(std::move(shape), random_values<float>(elements, seed));
}

/// Large weights for each operator that packs them, and one that nothing packs.
ModelBuilder model_with_large_weights(const std::string& name) {
  ModelBuilder builder;
  builder.input("x", {1, 32, 12, 12}).output("y").constant(name, weights({64, 32, 3, 3}, 1));
  builder.constant("fc", weights({300, 6400}, 2)).constant("more", weights({300, 200}, 3));
  builder.constant("offsets", weights({100, 200}, 4));
  builder.node("Conv", {"x", name}, {"a"}).node("Flatten", {"a"}, {"b"});
  builder.node("Gemm", {"b", "fc"}, {"c"}, {Attribute::integer("transB", 1)});
  builder.node("MatMul", {"c", "more"}, {"d"}).node("Sub", {"d", "offsets"}, {"y"});
  return builder;
}

TEST(WeightsInFile, GiveTheSameAnswerWhereverTheyLie) {
  const auto path = (std::filesystem::temp_directory_path() / ("pleat-weights-" + std::to_string(::getpid()))).string();
  const std::map<std::string, Tensor> inputs = {{"x", weights({1, 32, 12, 12}, 5)}};
  bool any_unaligned = false;
  for (const std::string name : {"w", "ww", "www", "wwww"}) {
    ModelBuilder builder = model_with_large_weights(name);
    ASSERT_TRUE(write_file(path, serialize(builder.model()).value()).has_value());
    const auto copied = read_model(path).value();
    const auto in_file = read_model(path, Weights::kInFile).value();
    for (const Initializer& initializer : in_file->graph.initializers)
      any_unaligned = any_unaligned || !initializer.tensor.aligned();
    for (const Initializer& initializer : copied->graph.initializers) EXPECT_TRUE(initializer.tensor.aligned());
    const Tensor expected = evaluate(copied, inputs).value().at("y");
    for (int turn = 0; turn < 2; ++turn) {
      const Tensor got = evaluate(in_file, inputs).value().at("y");
      EXPECT_TRUE(std::equal(got.bytes().begin(), got.bytes().end(), expected.bytes().begin())) << name;
    }
  }
  EXPECT_TRUE(any_unaligned);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace pleat
