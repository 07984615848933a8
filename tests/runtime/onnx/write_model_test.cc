// Models in one file and in two.
#include "runtime/onnx/write_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "runtime/graph/text.h"
#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"
#include "tests/runtime/onnx/official_models.h"

namespace pleat {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr WriteOptions kAlways{WriteOptions::ExternalData::kAlways};
constexpr WriteOptions kNever{WriteOptions::ExternalData::kNever};

Initializer constant(std::string name, Tensor tensor) {
  Initializer made;
  made.name = std::move(name);
  made.tensor = std::move(tensor);
  return made;
}

Tensor floats(std::int64_t count, float first) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
  return Tensor::of<float>({count}, values);
}

Model model_of(std::vector<Initializer> initializers) {
  Model model;
  model.opset_imports = {{"", 17}};
  model.graph.name = "g";
  model.graph.initializers = std::move(initializers);
  return model;
}

/// Large, small and twice the same; an attribute and an inner graph with tensors of their own.
Model mixed_model() {
  Model model = model_of({constant("small", floats(4, 0)), constant("a", floats(300, 1)), constant("b", floats(300, 2)),
                          constant("a_again", floats(300, 1)), constant("page", floats(1 << 18, 3)),
                          constant("edge", floats(256, 4))});
  Node made;
  made.op_type = "Constant";
  made.outputs = {"c"};
  made.attributes = {Attribute::tensor("value", floats(400, 5))};
  auto inner = std::make_shared<Graph>();
  inner->initializers = {constant("i", floats(500, 6))};
  Attribute graph;
  graph.name = "body";
  graph.value = inner;
  Node loop;
  loop.op_type = "Loop";
  loop.outputs = {"l"};
  loop.attributes = {graph};
  model.graph.nodes = {made, loop};
  return model;
}

/// Every tensor of a graph and its inner graphs.
std::vector<Tensor> tensors_of(const Graph& graph) {
  std::vector<Tensor> tensors;
  for (const Initializer& initializer : graph.initializers) tensors.push_back(initializer.tensor);
  for (const Node& node : graph.nodes) {
    for (const Attribute& attribute : node.attributes) {
      if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) tensors.push_back(*tensor);
      if (const Graph* inner = attribute.graph())
        for (Tensor& tensor : tensors_of(*inner)) tensors.push_back(std::move(tensor));
    }
  }
  return tensors;
}

void expect_equal(const Model& a, const Model& b) {
  EXPECT_EQ(to_text(a), to_text(b));
  const auto tensors = tensors_of(a.graph);
  const auto others = tensors_of(b.graph);
  ASSERT_EQ(tensors.size(), others.size());
  for (std::size_t i = 0; i < tensors.size(); ++i)
    EXPECT_TRUE(std::ranges::equal(tensors[i].bytes(), others[i].bytes())) << i;
}

std::map<std::string, std::string> entries(const ::onnx::TensorProto& tensor) {
  std::map<std::string, std::string> found;
  for (const auto& entry : tensor.external_data()) found[entry.key()] = entry.value();
  return found;
}

/// A folder of its own for each test.
class WriteModel : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "pleat_write_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_)) out.push_back(entry.path().filename().string());
    return out;
  }
  std::shared_ptr<const Model> read(const std::string& name) const {
    auto model = read_model(path(name));
    EXPECT_TRUE(model) << model.error().text();
    return model ? *model : std::make_shared<const Model>();
  }
  ::onnx::ModelProto proto(const std::string& name) const {
    ::onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(test::slurp(path(name))));
    return model;
  }

 private:
  fs::path folder_;
};

TEST_F(WriteModel, OneFileIsWhatSerializeGives) {
  const Model model = mixed_model();
  ASSERT_TRUE(write_model(model, path("m.onnx")));
  EXPECT_THAT(names(), ElementsAre("m.onnx"));
  EXPECT_EQ(test::slurp(path("m.onnx")), *serialize(model));
}

TEST_F(WriteModel, PutsTensorsOfOneKibibyteOrMoreBesideTheModel) {
  const Model model = mixed_model();
  ASSERT_TRUE(write_model(model, path("m.onnx"), kAlways));
  EXPECT_THAT(names(), UnorderedElementsAre("m.onnx", "m.onnx.data"));
  const auto graph = proto("m.onnx").graph();
  EXPECT_EQ(graph.initializer(0).raw_data().size(), 16U);
  std::map<std::string, std::map<std::string, std::string>> placed;
  for (int i = 1; i < graph.initializer_size(); ++i) {
    const auto& tensor = graph.initializer(i);
    EXPECT_EQ(tensor.data_location(), ::onnx::TensorProto::EXTERNAL);
    EXPECT_FALSE(tensor.has_raw_data());
    placed[tensor.name()] = entries(tensor);
    EXPECT_EQ(placed[tensor.name()].at("location"), "m.onnx.data");
    EXPECT_EQ(std::stoul(placed[tensor.name()].at("offset")) % 64, 0U);
  }
  EXPECT_EQ(placed["a"].at("length"), "1200");
  EXPECT_EQ(placed["edge"].at("length"), "1024");
  EXPECT_EQ(placed["a"], placed["a_again"]) << "equal contents once";
  EXPECT_NE(placed["a"], placed["b"]);
  EXPECT_EQ(std::stoul(placed["page"].at("offset")) % 4096, 0U);
  EXPECT_FALSE(entries(graph.node(0).attribute(0).t()).empty());
  EXPECT_FALSE(entries(graph.node(1).attribute(0).g().initializer(0)).empty());
  const auto data = test::slurp(path("m.onnx.data"));
  EXPECT_EQ(std::memcmp(data.data() + std::stoul(placed["page"].at("offset")),
                        model.graph.initializers[4].tensor.bytes().data(), 1 << 20),
            0);
  expect_equal(*read("m.onnx"), model);
}

TEST_F(WriteModel, EqualModelsGiveEqualFiles) {
  ASSERT_TRUE(write_model(mixed_model(), path("m.onnx"), kAlways));
  const auto model = test::slurp(path("m.onnx"));
  const auto data = test::slurp(path("m.onnx.data"));
  ASSERT_TRUE(write_model(*read("m.onnx"), path("m.onnx"), kAlways)) << "over the very files it was read from";
  EXPECT_EQ(test::slurp(path("m.onnx")), model);
  EXPECT_EQ(test::slurp(path("m.onnx.data")), data);
  const auto source = read("m.onnx");
  ASSERT_TRUE(write_model(*source, path("m.onnx")));
  ASSERT_TRUE(fs::remove(path("m.onnx.data")));
  expect_equal(*read("m.onnx"), mixed_model());
  expect_equal(*source, mixed_model());
}

TEST_F(WriteModel, MovesWhatCameEncodedInAnyField) {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  auto* typed = model.mutable_graph()->add_initializer();
  typed->set_name("typed");
  typed->set_doc_string("kept");
  typed->add_dims(300);
  typed->set_data_type(::onnx::TensorProto::FLOAT);
  for (int i = 0; i < 300; ++i) typed->add_float_data(static_cast<float>(i));
  auto* eight = model.mutable_graph()->add_initializer();
  eight->set_name("float8");
  eight->add_dims(2000);
  eight->set_data_type(17);
  eight->set_raw_data(std::string(2000, '\x3c'));
  auto* texts = model.mutable_graph()->add_initializer();
  texts->set_name("texts");
  texts->add_dims(1);
  texts->set_data_type(::onnx::TensorProto::STRING);
  texts->add_string_data(std::string(3000, 's'));
  auto* node = model.mutable_graph()->add_node();
  node->set_op_type("Constant");
  node->add_output("c");
  auto* value = node->add_attribute();
  value->set_name("value");
  value->set_type(::onnx::AttributeProto::TENSOR);
  value->mutable_t()->CopyFrom(*eight);
  const std::string bytes = model.SerializeAsString();
  auto read_first = parse_model(std::as_bytes(std::span(bytes)), nullptr);
  ASSERT_TRUE(read_first) << read_first.error().text();
  read_first->graph.initializers[0].name = "renamed";
  ASSERT_TRUE(write_model(*read_first, path("m.onnx"), kAlways));
  const auto written = proto("m.onnx");
  const auto& moved = written.graph().initializer(0);
  EXPECT_EQ(moved.name(), "renamed");
  EXPECT_EQ(moved.doc_string(), "kept");
  EXPECT_EQ(moved.float_data_size(), 0);
  EXPECT_EQ(entries(moved).at("length"), "1200");
  EXPECT_EQ(entries(written.graph().initializer(1)).at("length"), "2000");
  EXPECT_EQ(written.graph().initializer(2).string_data(0).size(), 3000U) << "strings have no raw form";
  const auto& attribute = written.graph().node(0).attribute(0);
  EXPECT_EQ(attribute.type(), ::onnx::AttributeProto::TENSOR);
  EXPECT_EQ(entries(attribute.t()), entries(written.graph().initializer(1)));

  const auto again = read("m.onnx");
  ASSERT_TRUE(write_model(*again, path("one.onnx"), kNever));
  const auto one = proto("one.onnx");
  EXPECT_EQ(one.graph().initializer(1).raw_data(), eight->raw_data());
  EXPECT_EQ(one.graph().node(0).attribute(0).t().raw_data(), eight->raw_data()) << "not left pointing elsewhere";
  EXPECT_FALSE(one.graph().node(0).attribute(0).t().has_data_location());
}

TEST_F(WriteModel, BeyondTwoGigabytesTakesASecondFileByItself) {
  const Tensor shared = floats(1 << 18, 7);  // 1 MiB
  std::vector<Initializer> many;
  for (int i = 0; i < 2100; ++i) many.push_back(constant("w" + std::to_string(i), shared));
  const Model model = model_of(std::move(many));
  const Status refused = write_model(model, path("m.onnx"), kNever);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResource);
  EXPECT_TRUE(names().empty());
  ASSERT_TRUE(write_model(model, path("m.onnx")));
  EXPECT_EQ(fs::file_size(path("m.onnx.data")), 1U << 20) << "equal contents once";
  const auto again = read("m.onnx");
  EXPECT_EQ(to_text(*again), to_text(model));
  ASSERT_EQ(again->graph.initializers.size(), 2100U);
  const auto* first = again->graph.initializers[0].tensor.bytes().data();
  EXPECT_EQ(std::memcmp(first, shared.bytes().data(), shared.byte_size()), 0);
  for (const Initializer& w : again->graph.initializers)
    ASSERT_EQ(w.tensor.bytes().data(), first) << "views, no copies";
}

TEST_F(WriteModel, IsSeenOnlyWhenCommitted) {
  {
    auto pending = PendingModel::write(mixed_model(), path("m.onnx"), kAlways);
    ASSERT_TRUE(pending) << pending.error().text();
    EXPECT_FALSE(fs::exists(path("m.onnx")));
    const auto early = read_model(pending->temporary_path());
    ASSERT_TRUE(early) << early.error().text();
    expect_equal(**early, mixed_model());
    EXPECT_EQ(pending->bytes(),
              fs::file_size(pending->temporary_path()) + fs::file_size(fs::path(pending->temporary_path() + ".data")));
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(WriteModel, BothFilesAppearOrNone) {
  auto pending = PendingModel::write(mixed_model(), path("m.onnx"), kAlways);
  ASSERT_TRUE(pending);
  fs::create_directories(path("m.onnx/in the way"));
  {
    PendingModel taken = std::move(*pending);
    EXPECT_FALSE(std::move(taken).commit());
  }
  EXPECT_THAT(names(), ElementsAre("m.onnx"));

  std::ofstream(path("n.onnx.data")) << "old";
  auto second = PendingModel::write(mixed_model(), path("n.onnx"), kAlways);
  ASSERT_TRUE(second);
  fs::create_directories(path("n.onnx/in the way"));
  {
    PendingModel taken = std::move(*second);
    EXPECT_FALSE(std::move(taken).commit());
  }
  EXPECT_EQ(test::slurp(path("n.onnx.data")), "old") << "what was there comes back";
  EXPECT_THAT(names(), UnorderedElementsAre("m.onnx", "n.onnx", "n.onnx.data"));
}

TEST_F(WriteModel, TellsWhyItCannotWrite) {
  const Status nowhere = write_model(mixed_model(), path("no/such/m.onnx"), kAlways);
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().text(), HasSubstr("folder exists"));
  Model hollow = model_of({constant("w", Tensor{})});
  const Status internal = write_model(hollow, path("m.onnx"));
  ASSERT_FALSE(internal);
  EXPECT_EQ(internal.error().code, ErrorCode::kInternal);
  fs::create_directories(path("d.onnx.data"));
  EXPECT_FALSE(write_model(mixed_model(), path("d.onnx"), kAlways));
  EXPECT_THAT(names(), ElementsAre("d.onnx.data"));
}

TEST_F(WriteModel, EveryOfficialModelSurvivesExternalData) {
  if (!fs::exists(test::debian_root())) GTEST_SKIP() << "the package libonnx-testdata is not installed";
  const auto is_large = [](const Tensor& tensor) { return tensor.present() && tensor.byte_size() >= 1024; };
  std::size_t with_data = 0;
  for (const auto& file : test::official_files(test::debian_root(), "model.onnx")) {
    const auto model = read_model(file.string());
    ASSERT_TRUE(model) << model.error().text();
    if (std::ranges::none_of(tensors_of((*model)->graph), is_large)) continue;
    ASSERT_TRUE(write_model(**model, path("m.onnx"), kAlways));
    expect_equal(*read("m.onnx"), **model);
    ASSERT_TRUE(fs::remove(path("m.onnx.data"))) << file;
    ++with_data;
  }
  EXPECT_GT(with_data, 0U);
}

/// Two tensors whose pieces of one data file the test chooses.
class ExternalPieces : public WriteModel {
 protected:
  Status read_pieces(const std::string& first_offset, const std::string& second_offset,
                     const std::string& location = "d") {
    std::ofstream(path("d")) << std::string(64, 'x');
    ::onnx::ModelProto model;
    model.set_ir_version(8);
    for (const auto& [name, offset] : {std::pair("a", first_offset), std::pair("b", second_offset)}) {
      auto* tensor = model.mutable_graph()->add_initializer();
      tensor->set_name(name);
      tensor->add_dims(4);
      tensor->set_data_type(::onnx::TensorProto::FLOAT);
      tensor->set_data_location(::onnx::TensorProto::EXTERNAL);
      for (const auto& [key, value] : {std::pair<std::string, std::string>("location", location), {"offset", offset}}) {
        auto* entry = tensor->add_external_data();
        entry->set_key(key);
        entry->set_value(value);
      }
      tensor->add_external_data()->set_key("length");
      tensor->mutable_external_data(2)->set_value("16");
    }
    std::ofstream(path("m.onnx"), std::ios::binary) << model.SerializeAsString();
    const auto read = read_model(path("m.onnx"));
    if (!read) return fail(read.error());
    return {};
  }
  std::string error(const std::string& first_offset, const std::string& second_offset,
                    const std::string& location = "d") {
    const Status status = read_pieces(first_offset, second_offset, location);
    EXPECT_FALSE(status);
    return status ? std::string() : status.error().text();
  }
};

TEST_F(ExternalPieces, MayBeApartOrTheSame) {
  EXPECT_TRUE(read_pieces("0", "16"));
  EXPECT_TRUE(read_pieces("48", "0"));
  EXPECT_TRUE(read_pieces("16", "16"));
}

TEST_F(ExternalPieces, ThatOverlapOrLeaveTheFileAreRefused) {
  EXPECT_THAT(error("0", "8"), HasSubstr("overlap"));
  EXPECT_THAT(error("16", "4"), HasSubstr("overlap"));
  EXPECT_THAT(error("0", "52"), HasSubstr("ends too early"));
  EXPECT_THAT(error("0", "18446744073709551615"), HasSubstr("ends too early"));
  EXPECT_THAT(error("0", "-1"), HasSubstr("no number"));
  EXPECT_THAT(error("0", "16", "elsewhere"), HasSubstr("put the data file beside the model"));
  EXPECT_THAT(error("0", "16", "../d"), HasSubstr("outside the model's folder"));
  EXPECT_THAT(error("0", "16", "/etc/passwd"), HasSubstr("outside the model's folder"));
}

}  // namespace
}  // namespace pleat
