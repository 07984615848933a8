// Reading and writing a model gives a message that protobuf calls equal.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "tests/runtime/onnx/official_models.h"

namespace pleat {
namespace {

using google::protobuf::util::MessageDifferencer;
using test::official_files;

Result<Model> parse(const std::string& bytes) { return parse_model(std::as_bytes(std::span(bytes)), nullptr); }

/// Empty where the model survives the round trip, else what differs.
std::string difference(const std::string& path) {
  const auto model = read_model(path);
  if (!model) return model.error().text();
  const auto bytes = serialize(**model);
  if (!bytes) return bytes.error().text();
  ::onnx::ModelProto before, after;
  if (!before.ParseFromString(test::slurp(path))) return "protobuf cannot parse the file";
  if (!after.ParseFromString(*bytes)) return "protobuf cannot parse what was written";
  std::string report;
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  differencer.ReportDifferencesToString(&report);
  if (!differencer.Compare(before, after)) return report;
  const auto again = parse(*bytes);
  if (!again) return "written, it cannot be read: " + again.error().text();
  const auto twice = serialize(*again);
  return twice && *twice == *bytes ? "" : "written twice, the bytes differ";
}

void expect_round_trips(const test::fs::path& root) {
  const auto files = official_files(root, "model.onnx");
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) EXPECT_EQ(difference(file.string()), "") << file;
  std::printf("%zu models\n", files.size());
}

TEST(RoundTrip, EveryModelOfDebiansTestData) {
  if (!test::fs::exists(test::debian_root())) GTEST_SKIP() << "the package libonnx-testdata is not installed";
  expect_round_trips(test::debian_root());
}

TEST(RoundTrip, EveryModelOfAnotherRelease) {
  const char* root = std::getenv("PLEAT_CONFORMANCE");
  if (root == nullptr) GTEST_SKIP() << "PLEAT_CONFORMANCE names no folder of unpacked backend tests";
  expect_round_trips(root);
}

TEST(RoundTrip, KeepsFieldsOfLaterReleases) {
  ::onnx::ModelProto model;
  model.set_ir_version(13);
  model.mutable_unknown_fields()->AddLengthDelimited(26, "configuration");
  auto* graph = model.mutable_graph();
  graph->mutable_unknown_fields()->AddLengthDelimited(16, "metadata");
  auto* node = graph->add_node();
  node->set_op_type("Relu");
  node->add_output("y");
  node->mutable_unknown_fields()->AddLengthDelimited(8, "overload");
  node->mutable_unknown_fields()->AddVarint(1000, 7);
  graph->add_output()->set_name("y");
  graph->mutable_output(0)->mutable_unknown_fields()->AddFixed32(99, 5);
  graph->add_quantization_annotation()->set_tensor_name("y");
  model.add_functions()->set_name("f");
  model.add_training_info();
  const std::string bytes = model.SerializeAsString();
  const auto read = parse(bytes);
  ASSERT_TRUE(read) << read.error().text();
  ::onnx::ModelProto after;
  ASSERT_TRUE(after.ParseFromString(serialize(*read).value()));
  EXPECT_TRUE(MessageDifferencer::Equals(model, after));
}

/// A function with every field that protobuf's classes know, and those of later releases as unknown fields.
void add_function(::onnx::ModelProto& model) {
  auto* function = model.add_functions();
  function->set_name("F");
  function->set_domain("local");
  function->set_doc_string("");
  function->add_input("a");
  function->add_output("b");
  function->add_attribute("alpha");
  auto* import = function->add_opset_import();
  import->set_domain("");
  import->set_version(17);
  auto* node = function->add_node();
  node->set_op_type("LeakyRelu");
  node->add_input("a");
  node->add_output("b");
  auto* attribute = node->add_attribute();
  attribute->set_name("alpha");
  attribute->set_ref_attr_name("alpha");
  attribute->set_type(::onnx::AttributeProto::FLOAT);
  ::onnx::AttributeProto otherwise;
  otherwise.set_name("beta");
  otherwise.set_type(::onnx::AttributeProto::FLOAT);
  otherwise.set_f(0.5F);
  ::onnx::ValueInfoProto info;
  info.set_name("b");
  auto* later = function->mutable_unknown_fields();
  later->AddLengthDelimited(11, otherwise.SerializeAsString());
  later->AddLengthDelimited(12, info.SerializeAsString());
  later->AddLengthDelimited(13, "fast");
  later->AddLengthDelimited(14, "metadata");
}

TEST(RoundTrip, KeepsFunctions) {
  ::onnx::ModelProto model;
  model.set_ir_version(10);
  auto* call = model.mutable_graph()->add_node();
  call->set_op_type("F");
  call->set_domain("local");
  call->add_input("");
  call->add_output("y");
  call->mutable_unknown_fields()->AddLengthDelimited(8, "fast");
  add_function(model);
  const std::string bytes = model.SerializeAsString();
  const auto read = parse(bytes);
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->functions.size(), 1U);
  const Function& function = read->functions[0];
  EXPECT_EQ(function.attributes, std::vector<std::string>{"alpha"});
  ASSERT_EQ(function.attribute_defaults.size(), 1U);
  EXPECT_EQ(std::get<float>(function.attribute_defaults[0].value), 0.5F);
  EXPECT_EQ(function.nodes.at(0).attributes.at(0).ref_attr_name, "alpha");
  EXPECT_EQ(function.opset_imports.at(0).version, 17);
  EXPECT_EQ(function.value_info.at(0).name, "b");
  EXPECT_EQ(function.overload, "fast");
  EXPECT_EQ(read->graph.nodes.at(0).overload, "fast");
  ::onnx::ModelProto after;
  ASSERT_TRUE(after.ParseFromString(serialize(*read).value()));
  EXPECT_TRUE(MessageDifferencer::Equals(model, after)) << after.DebugString();
  model.mutable_functions(0)->mutable_node(0)->set_input(0, "unknown");
  const auto broken = parse(model.SerializeAsString());
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().where.find("function 'F':fast of domain 'local'"), std::string::npos)
      << broken.error().text();
}

TEST(RoundTrip, KeepsThePresenceOfEmptyFields) {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("");
  model.set_model_version(0);
  model.add_opset_import()->set_domain("");
  model.mutable_opset_import(0)->set_version(17);
  model.mutable_graph()->set_name("");
  auto* node = model.mutable_graph()->add_node();
  node->set_op_type("If");
  node->set_name("");
  node->set_domain("");
  node->add_input("");
  auto* branch = node->add_attribute();
  branch->set_name("then_branch");
  branch->set_type(::onnx::AttributeProto::GRAPH);
  branch->set_doc_string("");
  branch->set_i(3);
  branch->mutable_g();
  model.mutable_graph()->add_value_info()->mutable_type();
  model.mutable_graph()->mutable_value_info(0)->set_name("v");
  const std::string bytes = model.SerializeAsString();
  const auto read = parse(bytes);
  ASSERT_TRUE(read) << read.error().text();
  ::onnx::ModelProto after;
  ASSERT_TRUE(after.ParseFromString(serialize(*read).value()));
  EXPECT_TRUE(MessageDifferencer::Equals(model, after)) << after.DebugString();
}

TEST(RoundTrip, MergesASingularMessageThatStandsTwice) {
  ::onnx::ModelProto first, second;
  first.set_ir_version(8);
  first.mutable_graph()->set_name("a");
  first.mutable_graph()->add_input()->set_name("x");
  second.mutable_graph()->set_name("b");
  second.mutable_graph()->add_output()->set_name("x");
  const std::string bytes = first.SerializeAsString() + second.SerializeAsString();
  ::onnx::ModelProto before, after;
  ASSERT_TRUE(before.ParseFromString(bytes));
  const auto read = parse(bytes);
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_TRUE(after.ParseFromString(serialize(*read).value()));
  EXPECT_TRUE(MessageDifferencer::Equals(before, after));
}

TEST(RoundTrip, TheLastOfRepeatedSingularFieldsHolds) {
  using namespace std::string_literals;
  const std::string graph = "\x3a\x00"s;
  for (const std::string& fields :
       {"\x08\x00\x08\x08"s, "\x08\x08\x08\x00"s, "\x12\x00\x12\x01p"s, "\x12\x01p\x12\x00"s}) {
    const std::string bytes = fields + graph;
    ::onnx::ModelProto before, after;
    ASSERT_TRUE(before.ParseFromString(bytes));
    const auto read = parse(bytes);
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_TRUE(after.ParseFromString(serialize(*read).value()));
    EXPECT_TRUE(MessageDifferencer::Equals(before, after)) << after.DebugString();
  }
}

}  // namespace
}  // namespace pleat
