#include "runtime/onnx/training_info.h"

#include "runtime/onnx/field_numbers.h"
#include "runtime/onnx/wire.h"

namespace pleat {

bool has_training_info(const Model& model) {
  try {
    wire::Fields fields(model.unmodelled, "ModelProto", model.unmodelled.data());
    while (fields.next())
      if (fields.number() == wire::model_proto::kTrainingInfo) return true;
  } catch (const wire::Malformed&) {
    return true;
  }
  return false;
}

}  // namespace pleat
