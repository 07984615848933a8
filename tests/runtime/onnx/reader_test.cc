// What the reader refuses, and external data.
#include "runtime/onnx/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "runtime/onnx/writer.h"
#include "tests/runtime/onnx/official_models.h"

namespace pleat {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

Result<Model> parse(const std::string& bytes) { return parse_model(std::as_bytes(std::span(bytes)), nullptr); }

Error error_of(const std::string& bytes) {
  auto model = parse(bytes);
  EXPECT_FALSE(model);
  return model ? Error::internal("read") : std::move(model).error();
}

::onnx::ModelProto minimal() {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  model.mutable_graph()->add_input()->set_name("x");
  model.mutable_graph()->add_output()->set_name("x");
  return model;
}

TEST(Reader, SaysWhatAFileIsThatIsNotOnnx) {
  EXPECT_THAT(error_of("").got, HasSubstr("empty"));
  EXPECT_THAT(error_of("\x89PNG\r\n").got, HasSubstr("PNG"));
  EXPECT_THAT(error_of("<!DOCTYPE html><html>").got, HasSubstr("HTML"));
  EXPECT_THAT(error_of("version https://git-lfs.github.com/spec/v1\n").got, HasSubstr("LFS"));
  EXPECT_THAT(error_of("\x40\0\0\0\0\0\0\0{\"a\":{}}"s).got, HasSubstr("safetensors"));
  EXPECT_THAT(error_of("PK\x03\x04").got, HasSubstr("zip"));
  EXPECT_THAT(error_of("\x08\x08").what, HasSubstr("no graph"));
}

TEST(Reader, NamesFieldAndPlaceOfMalformedBytes) {
  const Error cut = error_of(minimal().SerializeAsString() + "\x12\x05xy"s);
  EXPECT_EQ(cut.code, ErrorCode::kInvalid);
  EXPECT_THAT(cut.where, HasSubstr("field 2 at byte"));
  EXPECT_THAT(error_of("\x0a\x01x").what, HasSubstr("wire type")) << "ir_version as text";
  const std::string long_length = "\x12\x85\x80\x80\x80\x10hello";
  EXPECT_EQ(error_of(long_length).code, ErrorCode::kInvalid) << "2^32 + 5 is not 5";
}

TEST(Reader, NamesTheNodeOfABadAttribute) {
  auto model = minimal();
  auto* node = model.mutable_graph()->add_node();
  node->set_name("c1");
  node->set_op_type("Constant");
  node->add_output("c");
  auto* attribute = node->add_attribute();
  attribute->set_name("value");
  attribute->set_type(::onnx::AttributeProto::TENSOR);
  attribute->mutable_t()->set_data_type(1);
  attribute->mutable_t()->add_dims(3);
  const std::string where = error_of(model.SerializeAsString()).where;
  EXPECT_THAT(where, HasSubstr("node 'c1' (Constant)"));
  EXPECT_THAT(where, HasSubstr("attribute 'value'"));
}

TEST(Reader, RefusesDeepNestingAndAcceptsSome) {
  const auto nested = [](int depth) {
    auto model = minimal();
    auto* graph = model.mutable_graph();
    for (int i = 0; i < depth; ++i) {
      auto* node = graph->add_node();
      node->set_op_type("If");
      auto* attribute = node->add_attribute();
      attribute->set_name("then_branch");
      attribute->set_type(::onnx::AttributeProto::GRAPH);
      graph = attribute->mutable_g();
    }
    return model.SerializeAsString();
  };
  EXPECT_TRUE(parse(nested(100)));
  EXPECT_THAT(error_of(nested(101)).what, HasSubstr("nested too deep"));
}

TEST(Reader, KeepsTensorsOfTypesItDoesNotModel) {
  auto model = minimal();
  auto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name("f8");
  tensor->set_data_type(17);
  tensor->add_dims(2);
  tensor->set_raw_data("ab");
  const std::string bytes = model.SerializeAsString();
  const auto read = parse(bytes);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_FALSE(read->graph.initializers[0].tensor.present());
  EXPECT_FALSE(read->graph.initializers[0].encoded.empty());
}

TEST(Reader, ReadsAttributesWithoutATypeAsOldFilesHaveThem) {
  auto model = minimal();
  auto* node = model.mutable_graph()->add_node();
  node->set_op_type("Old");
  auto* attribute = node->add_attribute();
  attribute->set_name("axes");
  attribute->add_ints(4);
  const std::string bytes = model.SerializeAsString();
  const auto read = parse(bytes);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(read->graph.nodes[0].attributes[0].value).at(0), 4);
}

/// A model in a folder of its own, with external data beside it.
class ExternalDataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "inside");
    const float values[] = {1, 2, 3, 4};
    ASSERT_TRUE(write_file((folder_ / "weights").string(), {reinterpret_cast<const char*>(values), sizeof(values)}));
  }
  void TearDown() override { fs::remove_all(folder_); }

  Result<std::shared_ptr<const Model>> read(const std::string& location, const std::string& offset,
                                            const std::string& length) {
    auto model = minimal();
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name("w");
    tensor->set_data_type(1);
    tensor->add_dims(2);
    tensor->set_data_location(::onnx::TensorProto::EXTERNAL);
    const auto add = [&](const std::string& key, const std::string& value) {
      if (value.empty()) return;
      auto* entry = tensor->add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    };
    add("location", location);
    add("offset", offset);
    add("length", length);
    const std::string path = (folder_ / "inside/../model.onnx").string();
    EXPECT_TRUE(write_file(path, model.SerializeAsString()));
    return read_model(path);
  }

  const fs::path folder_ = test::temporary("external");
};

TEST_F(ExternalDataTest, IsReadAndWrittenInline) {
  for (const char* length : {"", "8"}) {
    const auto model = read("weights", "4", length);
    ASSERT_TRUE(model) << model.error().text();
    const auto& w = (*model)->graph.initializers[0];
    EXPECT_THAT(w.tensor.data<float>(), ::testing::ElementsAre(2, 3));
    const std::string bytes = serialize(**model).value();
    EXPECT_THAT(parse(bytes)->graph.initializers[0].tensor.data<float>(), ::testing::ElementsAre(2, 3));
  }
}

TEST_F(ExternalDataTest, OutsideTheFolderIsRefused) {
  fs::create_symlink("/etc/passwd", folder_ / "link");
  for (const char* location : {"/etc/passwd", "../x", "inside/../../x", "", "link"}) {
    const auto model = read(location, "", "");
    ASSERT_FALSE(model) << location;
    EXPECT_EQ(model.error().code, ErrorCode::kInvalid);
    EXPECT_THAT(model.error().what, HasSubstr("outside")) << location;
  }
}

TEST_F(ExternalDataTest, SizesAreChecked) {
  EXPECT_THAT(read("weights", "12", "").error().what, HasSubstr("too early"));
  EXPECT_THAT(read("weights", "18446744073709551615", "").error().what, HasSubstr("too early"));
  EXPECT_THAT(read("weights", "0", "4").error().what, HasSubstr("another size"));
  EXPECT_THAT(read("weights", "-1", "").error().what, HasSubstr("no number"));
  EXPECT_THAT(read("absent", "", "").error().what, HasSubstr("cannot open"));
  EXPECT_THAT(read("inside", "", "").error().what, HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace pleat
