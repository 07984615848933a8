// Models made from scratch, as an exporter makes them.
#include "runtime/onnx/writer.h"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstring>

#include "runtime/onnx/reader.h"

namespace pleat {
namespace {

ValueInfo value(std::string name, std::vector<Dim> dims) {
  ValueInfo info;
  info.name = std::move(name);
  info.type.dtype = DType::kFloat;
  info.type.shape = std::move(dims);
  return info;
}

Node node(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs) {
  Node made;
  made.op_type = std::move(op);
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

Initializer constant(std::string name, Tensor tensor) {
  Initializer made;
  made.name = std::move(name);
  made.tensor = std::move(tensor);
  return made;
}

Model small_model() {
  Model model;
  model.opset_imports.push_back({"", 17});
  model.producer_name = "pleat";
  Dim batch, open;
  batch.param = "N";
  Dim two;
  two.value = 2;
  model.graph.name = "g";
  model.graph.inputs.push_back(value("x", {batch, two, open}));
  model.graph.outputs.push_back(value("y", {}));
  model.graph.initializers.push_back(constant("w", Tensor::of<float>({2}, {1.5F, -2.0F})));
  Node add = node("Add", {"x", "w"}, {"y"});
  add.attributes = {Attribute::number("a", 0.5F),      Attribute::integer("b", -3),
                    Attribute::text("c", ""),          Attribute::integers("d", {}),
                    Attribute::integers("e", {1, -1}), Attribute::tensor("f", Tensor::scalar<std::int64_t>(7))};
  auto inner = std::make_shared<Graph>();
  inner->nodes.push_back(node("Relu", {"x"}, {"z"}));
  inner->outputs.push_back(value("z", {}));
  Attribute graph;
  graph.name = "h";
  graph.value = inner;
  add.attributes.push_back(graph);
  model.graph.nodes.push_back(add);
  return model;
}

::onnx::ModelProto parsed(const Model& model) {
  ::onnx::ModelProto proto;
  EXPECT_TRUE(proto.ParseFromString(serialize(model).value()));
  return proto;
}

TEST(Writer, WritesWhatProtobufReads) {
  const auto proto = parsed(small_model());
  EXPECT_EQ(proto.ir_version(), 8);
  EXPECT_FALSE(proto.has_model_version());
  EXPECT_EQ(proto.opset_import(0).version(), 17);
  const auto& graph = proto.graph();
  const auto& input = graph.input(0).type().tensor_type();
  EXPECT_EQ(input.elem_type(), 1);
  ASSERT_EQ(input.shape().dim_size(), 3);
  EXPECT_EQ(input.shape().dim(0).dim_param(), "N");
  EXPECT_EQ(input.shape().dim(1).dim_value(), 2);
  EXPECT_EQ(input.shape().dim(2).value_case(), ::onnx::TensorShapeProto::Dimension::VALUE_NOT_SET);
  EXPECT_TRUE(graph.output(0).type().tensor_type().has_shape()) << "a scalar has a shape";
  EXPECT_EQ(graph.initializer(0).dims(0), 2);
  float last = 0;
  ASSERT_EQ(graph.initializer(0).raw_data().size(), 8U);
  std::memcpy(&last, graph.initializer(0).raw_data().data() + 4, 4);
  EXPECT_EQ(last, -2.0F);
}

TEST(Writer, WritesEveryKindOfAttribute) {
  const auto proto = parsed(small_model());
  const auto& attributes = proto.graph().node(0).attribute();
  ASSERT_EQ(attributes.size(), 7);
  EXPECT_EQ(attributes[0].f(), 0.5F);
  EXPECT_EQ(attributes[1].i(), -3);
  EXPECT_TRUE(attributes[2].has_s());
  EXPECT_EQ(attributes[3].type(), ::onnx::AttributeProto::INTS);
  EXPECT_EQ(attributes[3].ints_size(), 0);
  EXPECT_EQ(attributes[4].ints(1), -1);
  EXPECT_EQ(attributes[5].t().data_type(), 7);
  EXPECT_EQ(attributes[6].type(), ::onnx::AttributeProto::GRAPH);
  EXPECT_EQ(attributes[6].g().node(0).op_type(), "Relu");
}

TEST(Writer, GivesEqualBytesForEqualModels) { EXPECT_EQ(*serialize(small_model()), *serialize(small_model())); }

TEST(Writer, ReadsBackWhatItWrote) {
  const std::string bytes = *serialize(small_model());
  const auto model = parse_model(std::as_bytes(std::span(bytes)), nullptr);
  ASSERT_TRUE(model) << model.error().text();
  EXPECT_EQ(*serialize(*model), bytes);
  EXPECT_EQ(model->graph.initializers[0].tensor.data<float>()[0], 1.5F);
  const auto* ints = model->graph.nodes[0].attribute("d");
  ASSERT_NE(ints, nullptr);
  EXPECT_TRUE(std::holds_alternative<std::vector<std::int64_t>>(ints->value));
}

TEST(Writer, FollowsARenamedConstantAndAChangedType) {
  const std::string bytes = *serialize(small_model());
  auto model = parse_model(std::as_bytes(std::span(bytes)), nullptr);
  ASSERT_TRUE(model);
  model->graph.initializers[0].name = "weights";
  model->graph.inputs[0].encoded_type.clear();
  (*model->graph.inputs[0].type.shape)[1].value = 5;
  const auto proto = parsed(*model);
  EXPECT_EQ(proto.graph().initializer(0).name(), "weights");
  EXPECT_EQ(proto.graph().initializer(0).raw_data().size(), 8U);
  EXPECT_EQ(proto.graph().input(0).type().tensor_type().shape().dim(1).dim_value(), 5);
  EXPECT_EQ(proto.graph().input(0).type().tensor_type().shape().dim(0).dim_param(), "N");
}

TEST(Writer, RefusesWhatOneFileCannotHold) {
  Model model = small_model();
  const auto huge = Tensor::view_of(DType::kFloat, {1 << 15, 1 << 15}, nullptr, nullptr);
  model.graph.initializers.push_back(constant("huge", huge));
  const auto bytes = serialize(model);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::kResource);
  EXPECT_FALSE(bytes.error().remedy.empty());
}

TEST(Writer, WritesATensorFile) {
  ::onnx::TensorProto proto;
  ASSERT_TRUE(proto.ParseFromString(serialize_tensor("t", Tensor::of<std::int64_t>({1, 2}, {4, -5}))));
  EXPECT_EQ(proto.name(), "t");
  EXPECT_EQ(proto.data_type(), 7);
  EXPECT_EQ(proto.dims_size(), 2);
  EXPECT_EQ(proto.raw_data().size(), 16U);
}

}  // namespace
}  // namespace pleat
