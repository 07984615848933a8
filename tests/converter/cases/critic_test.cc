#include "tests/support/fold_critic.h"

#include <gtest/gtest.h>

#include "tests/converter/cases/shared.h"

namespace pleat {
namespace {

struct Subject {
  Model model;
  FoldResult result;
};

Subject folded() {
  Sketch g;
  conv_of_image(g, CaseSizes::distinct());
  g.bn("c", CaseSizes::distinct().out, "y");
  Subject subject{g.model(), {}};
  subject.result = fold(subject.model).value();
  return subject;
}

bool objects(const Subject& subject) { return !objections(subject.model, subject.result, {}).empty(); }

ExactConstant& constant_of_rank(Subject& subject, int rank) {
  for (auto& [name, constant] : subject.result.constants)
    if (constant.shape.rank() == rank) return constant;
  throw std::runtime_error("the fold brought no such constant");
}

/// The same constant with element 0 off by one part in 10^13, far below the rounding of float.
void nudge(ExactConstant& constant) {
  const auto value = constant.value;
  constant.value = [=](std::size_t i) {
    DoubleDouble exact = value(i);
    if (i == 0) exact.hi *= 1 + 1e-13;
    return exact;
  };
}

TEST(Critic, HasNothingAgainstARightFold) {
  const Subject subject = folded();
  for (const std::string& objection : objections(subject.model, subject.result, {})) ADD_FAILURE() << objection;
}

TEST(Critic, SeesOnePartInTenToTheThirteen) {
  for (const int rank : {1, 4}) {
    Subject subject = folded();
    nudge(constant_of_rank(subject, rank));
    EXPECT_TRUE(objects(subject)) << "in a constant of rank " << rank;
  }
}

TEST(Critic, SeesAStoredValueOffByOneUnit) {
  Subject subject = folded();
  Tensor& tensor = subject.result.folded.graph.initializers[0].tensor;
  std::vector<float> values(tensor.data<float>().begin(), tensor.data<float>().end());
  values[1] = std::nextafter(values[1], 10.0F);
  tensor = Tensor::of(tensor.shape(), values);
  EXPECT_TRUE(objects(subject));
}

TEST(Critic, SeesWhatIsLostOrRenamed) {
  Subject renamed = folded();
  renamed.result.folded.graph.outputs[0].name = renamed.result.folded.graph.nodes[0].outputs[0] = "other";
  EXPECT_TRUE(objects(renamed));
  Subject lost = folded();
  lost.result.folded.graph.nodes[0].attributes.clear();
  EXPECT_TRUE(objects(lost));
  Subject stale = folded();
  stale.result.folded.graph.value_info = stale.model.graph.inputs;
  stale.result.folded.graph.value_info[0].name = "gone";
  EXPECT_TRUE(objects(stale));
}

TEST(Critic, SeesAnIgnoredEpsilon) {
  Subject subject = folded();
  for (Attribute& attribute : subject.model.graph.nodes[1].attributes)
    if (attribute.name == "epsilon") attribute.value = 1e-10F;
  EXPECT_TRUE(objects(subject));
}

}  // namespace
}  // namespace pleat
