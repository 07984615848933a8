#pragma once

#include <cstdint>

/// Field numbers of the messages in onnx.proto that are modelled here.
namespace pleat::wire {

namespace model_proto {
enum : std::uint32_t {
  kIrVersion = 1,
  kProducerName = 2,
  kProducerVersion = 3,
  kDomain = 4,
  kModelVersion = 5,
  kDocString = 6,
  kGraph = 7,
  kOpsetImport = 8,
  kMetadataProps = 14,
  kTrainingInfo = 20,
  kFunctions = 25,
};
}
namespace function_proto {
enum : std::uint32_t {
  kName = 1,
  kInput = 4,
  kOutput = 5,
  kAttribute = 6,
  kNode = 7,
  kDocString = 8,
  kOpsetImport = 9,
  kDomain = 10,
  kAttributeProto = 11,
  kValueInfo = 12,
  kOverload = 13,
};
}
namespace opset_proto {
enum : std::uint32_t { kDomain = 1, kVersion = 2 };
}
namespace entry_proto {
enum : std::uint32_t { kKey = 1, kValue = 2 };
}
namespace graph_proto {
enum : std::uint32_t {
  kNode = 1,
  kName = 2,
  kInitializer = 5,
  kDocString = 10,
  kInput = 11,
  kOutput = 12,
  kValueInfo = 13,
};
}
namespace node_proto {
enum : std::uint32_t {
  kInput = 1,
  kOutput = 2,
  kName = 3,
  kOpType = 4,
  kAttribute = 5,
  kDocString = 6,
  kDomain = 7,
  kOverload = 8,
};
}
namespace attribute_proto {
enum : std::uint32_t {
  kName = 1,
  kFloat = 2,
  kInt = 3,
  kString = 4,
  kTensor = 5,
  kGraph = 6,
  kFloats = 7,
  kInts = 8,
  kStrings = 9,
  kDocString = 13,
  kType = 20,
  kRefAttrName = 21,
};
}
namespace value_info_proto {
enum : std::uint32_t { kName = 1, kType = 2, kDocString = 3 };
}
namespace type_proto {
enum : std::uint32_t { kTensorType = 1, kDenotation = 6 };
}
namespace tensor_type_proto {
enum : std::uint32_t { kElemType = 1, kShape = 2 };
}
namespace shape_proto {
enum : std::uint32_t { kDim = 1 };
}
namespace dim_proto {
enum : std::uint32_t { kValue = 1, kParam = 2, kDenotation = 3 };
}
namespace tensor_proto {
enum : std::uint32_t {
  kDims = 1,
  kDataType = 2,
  kSegment = 3,
  kFloatData = 4,
  kInt32Data = 5,
  kStringData = 6,
  kInt64Data = 7,
  kName = 8,
  kRawData = 9,
  kDoubleData = 10,
  kUint64Data = 11,
  kDocString = 12,
  kExternalData = 13,
  kDataLocation = 14,
};
}

}  // namespace pleat::wire
