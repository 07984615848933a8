#include "runtime/onnx/writer.h"

#include <new>

#include "runtime/onnx/model_writer.h"
#include "runtime/onnx/tensor_writer.h"
#include "runtime/onnx/wire.h"

namespace pleat {
namespace {

std::string joined(const wire::ProtoWriter& message) {
  std::string bytes;
  bytes.reserve(message.size());
  message.for_each_piece([&](std::string_view piece) { bytes += piece; });
  return bytes;
}

}  // namespace

Result<std::string> serialize(const Model& model) {
  try {
    wire::ProtoWriter message;
    wire::write_model_fields(message, model, nullptr);
    PLEAT_TRY(wire::check_size(message));
    return joined(message);
  } catch (wire::Malformed& malformed) {
    return fail(std::move(malformed.error));
  } catch (const std::bad_alloc&) {
    return fail(Error::resource("not enough memory to write the model"));
  }
}

std::string serialize_tensor(const std::string& name, const Tensor& tensor) {
  wire::ProtoWriter message;
  wire::write_tensor_fields(message, {name, tensor});
  return joined(message);
}

}  // namespace pleat
