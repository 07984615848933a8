#include "converter/judge/module/judge_module.h"

#include <google/protobuf/stubs/logging.h>
#include <onnx/checker.h>
#include <onnx/common/version.h>
#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

namespace {

struct Finding {
  int verdict = PLEAT_JUDGE_ACCEPTED;
  std::string reason;
};

Finding rejected(std::string reason) { return {PLEAT_JUDGE_REJECTED, std::move(reason)}; }
Finding not_judged(std::string reason) { return {PLEAT_JUDGE_NOT_JUDGED, std::move(reason)}; }

/// Without a second copy of the file in memory.
bool read(const std::string& path, onnx::ModelProto& model) {
  std::ifstream file(path, std::ios::binary);
  return file && model.ParseFromIstream(&file);
}

/// Why the installed libonnx cannot judge the model, if it cannot.
std::optional<std::string> beyond_this_libonnx(const onnx::ModelProto& model) {
  if (model.ir_version() > onnx::Version::IR_VERSION)
    return "libonnx knows IR versions up to " + std::to_string(onnx::Version::IR_VERSION) + ", the model has " +
           std::to_string(model.ir_version());
  const auto& known = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  for (const auto& opset : model.opset_import()) {
    const auto range = known.find(opset.domain() == "ai.onnx" ? "" : opset.domain());
    if (range == known.end()) return "libonnx does not know the operators of domain '" + opset.domain() + "'";
    if (opset.version() > range->second.second)
      return "libonnx knows opsets up to " + std::to_string(range->second.second) + " of domain '" + opset.domain() +
             "', the model imports " + std::to_string(opset.version());
  }
  return std::nullopt;
}

/// How an inferred type contradicts the declared one; sizes that either leaves open contradict nothing.
std::optional<std::string> contradiction(const onnx::TypeProto& declared, const onnx::TypeProto& inferred) {
  if (!declared.has_tensor_type() || !inferred.has_tensor_type()) return std::nullopt;
  const auto& a = declared.tensor_type();
  const auto& b = inferred.tensor_type();
  if (a.elem_type() != b.elem_type())
    return "element type " + std::to_string(a.elem_type()) + " is declared, " + std::to_string(b.elem_type()) +
           " inferred";
  if (!a.has_shape() || !b.has_shape()) return std::nullopt;
  if (a.shape().dim_size() != b.shape().dim_size())
    return "rank " + std::to_string(a.shape().dim_size()) + " is declared, " + std::to_string(b.shape().dim_size()) +
           " inferred";
  for (int i = 0; i < a.shape().dim_size(); ++i) {
    const auto& x = a.shape().dim(i);
    const auto& y = b.shape().dim(i);
    if (x.has_dim_value() && y.has_dim_value() && x.dim_value() != y.dim_value())
      return "size " + std::to_string(x.dim_value()) + " is declared on axis " + std::to_string(i) + ", " +
             std::to_string(y.dim_value()) + " inferred";
  }
  return std::nullopt;
}

/// Infers the outputs from the inputs alone: what the model declares of them must not help.
Finding compare_outputs(const onnx::ModelProto& model) {
  onnx::ModelProto bare = model;
  for (auto& output : *bare.mutable_graph()->mutable_output()) output.clear_type();
  bare.mutable_graph()->clear_value_info();
  onnx::shape_inference::InferShapes(bare, onnx::OpSchemaRegistry::Instance(), {true, 1, true});
  for (int i = 0; i < model.graph().output_size(); ++i)
    if (const auto why = contradiction(model.graph().output(i).type(), bare.graph().output(i).type()))
      return rejected("output '" + model.graph().output(i).name() + "': " + *why);
  return {};
}

/// What the checker has seen and shape inference does not read: the elements of larger floating-point constants. Copies
/// of the model are small without them.
void drop_elements(onnx::ModelProto& model) {
  constexpr int kSmall = 1024;
  for (onnx::TensorProto& constant : *model.mutable_graph()->mutable_initializer()) {
    const int type = constant.data_type();
    if (type != onnx::TensorProto::FLOAT && type != onnx::TensorProto::DOUBLE && type != onnx::TensorProto::FLOAT16 &&
        type != onnx::TensorProto::BFLOAT16)
      continue;
    if (constant.raw_data().size() > kSmall) constant.clear_raw_data();
    if (constant.float_data_size() > kSmall) constant.clear_float_data();
    if (constant.double_data_size() > kSmall) constant.clear_double_data();
    if (constant.int32_data_size() > kSmall) constant.clear_int32_data();
  }
}

/// `path` serves external data; empty where the model has none.
Finding judge(onnx::ModelProto& model, const std::string& path) {
  if (const auto why = beyond_this_libonnx(model)) return not_judged(*why);
  const bool external =
      std::any_of(model.graph().initializer().begin(), model.graph().initializer().end(),
                  [](const onnx::TensorProto& t) { return t.data_location() == onnx::TensorProto::EXTERNAL; });
  if (external && !path.empty()) {
    model.Clear();
    onnx::checker::check_model(path);
    read(path, model);
  } else {
    onnx::checker::check_model(model);
  }
  drop_elements(model);
  onnx::ModelProto inferred = model;
  onnx::shape_inference::InferShapes(inferred, onnx::OpSchemaRegistry::Instance(), {true, 1, true});
  return compare_outputs(model);
}

Finding judge(const char* bytes, size_t size) {
  onnx::ModelProto model;
  if (size > INT_MAX || !model.ParseFromArray(bytes, static_cast<int>(size)))
    return rejected("the bytes are no ModelProto");
  return judge(model, {});
}

Finding judge_file(const std::string& path) {
  onnx::ModelProto model;
  if (!read(path, model)) return rejected("the file holds no ModelProto");
  return judge(model, path);
}

/// Runs `judging`, whose exceptions end here, and hands out what it finds.
template <class Judging>
int report(Judging judging, char* message, size_t capacity) {
  const google::protobuf::LogSilencer silence;
  Finding finding;
  try {
    finding = judging();
  } catch (const std::exception& e) {
    finding = rejected(e.what());
  } catch (...) {
    finding = rejected("libonnx failed without a reason");
  }
  const size_t length = std::min(finding.reason.size(), capacity - 1);
  std::memcpy(message, finding.reason.data(), length);
  message[length] = '\0';
  return finding.verdict;
}

}  // namespace

int pleat_judge(const char* bytes, size_t size, char* message, size_t capacity) {
  return report([&] { return judge(bytes, size); }, message, capacity);
}

int pleat_judge_file(const char* path, char* message, size_t capacity) {
  return report([&] { return judge_file(path); }, message, capacity);
}
