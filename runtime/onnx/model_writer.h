#pragma once

#include "runtime/graph/model.h"
#include "runtime/onnx/data_layout.h"
#include "runtime/onnx/proto_writer.h"

namespace pleat::wire {

/// Encodes the fields of a ModelProto; the larger tensors go to `data` where that is given. `model` must outlive both.
/// Throws Malformed.
void write_model_fields(ProtoWriter& out, const Model& model, DataLayout* data);

/// Fails with kResource where the message is larger than protobuf's 2 GB.
Status check_size(const ProtoWriter& message);

}  // namespace pleat::wire
