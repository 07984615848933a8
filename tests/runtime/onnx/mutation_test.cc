// Damaged files give a Result: no crash, no endless work. The same under the sanitizers is what gives this test its
// teeth.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <random>

#include "runtime/graph/inline_functions.h"
#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "tests/runtime/onnx/official_models.h"

namespace pleat {
namespace {

/// Copied to memory of its exact size, so that a read past the end is seen.
void read_damaged(const std::string& bytes) {
  const std::vector<std::byte> exact(reinterpret_cast<const std::byte*>(bytes.data()),
                                     reinterpret_cast<const std::byte*>(bytes.data()) + bytes.size());
  const auto model = parse_model(exact, nullptr);
  if (model) {
    EXPECT_TRUE(serialize(*model));
    const auto inlined = inline_functions(*model);
    const Status sound = inlined ? check(*inlined) : Status();
    EXPECT_TRUE(sound) << sound.error().text();
  } else {
    EXPECT_NE(model.error().code, ErrorCode::kInternal) << model.error().text();
    EXPECT_FALSE(model.error().what.empty());
  }
}

/// Outer(x) → y calls Inner twice, once from an inner graph.
std::string model_with_functions() {
  ::onnx::ModelProto model;
  model.set_ir_version(10);
  model.add_opset_import()->set_version(17);
  const auto add_node = [](auto* to, const char* op, const char* domain, const char* input, const char* output) {
    auto* node = to->add_node();
    node->set_op_type(op);
    node->set_domain(domain);
    node->set_name(op);
    node->add_input(input);
    node->add_output(output);
    return node;
  };
  auto* outer = model.add_functions();
  outer->set_name("Outer");
  outer->set_domain("d");
  outer->add_input("a");
  outer->add_output("b");
  outer->add_opset_import()->set_version(17);
  add_node(outer, "Inner", "d", "a", "i");
  auto* branch = add_node(outer, "If", "", "i", "b")->add_attribute();
  branch->set_name("then_branch");
  branch->set_type(::onnx::AttributeProto::GRAPH);
  add_node(branch->mutable_g(), "Inner", "d", "a", "g");
  branch->mutable_g()->add_output()->set_name("g");
  auto* inner = model.add_functions();
  inner->CopyFrom(*outer);
  inner->set_name("Inner");
  inner->clear_node();
  add_node(inner, "Relu", "", "a", "b");
  model.mutable_graph()->add_input()->set_name("x");
  add_node(model.mutable_graph(), "Outer", "d", "x", "y");
  model.mutable_graph()->add_output()->set_name("y");
  return model.SerializeAsString();
}

std::vector<std::string> small_models() {
  std::vector<std::string> models = {model_with_functions()};
  for (const char* name : {"test_if", "test_loop11", "test_constant", "test_conv_with_strides_padding", "test_scan_sum",
                           "test_batchnorm_epsilon", "test_sequence_map_identity_1_sequence"}) {
    const auto path = test::debian_root() / "node" / name / "model.onnx";
    if (test::fs::exists(path)) models.push_back(test::slurp(path));
  }
  return models;
}

TEST(Mutation, StartsFromModelsThatAreSound) {
  const std::string bytes = model_with_functions();
  const auto model = parse_model(std::as_bytes(std::span(bytes)), nullptr);
  ASSERT_TRUE(model) << model.error().text();
  const auto inlined = inline_functions(*model);
  ASSERT_TRUE(inlined) << inlined.error().text();
  EXPECT_TRUE(inlined->functions.empty());
  EXPECT_EQ(inlined->graph.nodes.size(), 2U);
}

TEST(Mutation, EveryTruncationGivesAResult) {
  const auto models = small_models();
  for (const std::string& model : models)
    for (std::size_t size = 0; size < model.size(); ++size) read_damaged(model.substr(0, size));
}

TEST(Mutation, FlippedBytesGiveAResult) {
  const auto models = small_models();
  std::mt19937 random(20260721);
  for (const std::string& model : models) {
    for (int i = 0; i < 3000; ++i) {
      std::string damaged = model;
      for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      read_damaged(damaged);
    }
  }
}

TEST(Mutation, BytesMovedOrRepeatedGiveAResult) {
  const auto models = small_models();
  std::mt19937 random(7);
  for (const std::string& model : models) {
    for (int i = 0; i < 1000; ++i) {
      std::string damaged = model;
      const std::size_t from = random() % damaged.size();
      damaged.insert(random() % damaged.size(), model.substr(from, 1 + random() % 40));
      read_damaged(damaged);
    }
  }
}

}  // namespace
}  // namespace pleat
