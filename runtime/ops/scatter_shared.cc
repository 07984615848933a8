#include "runtime/ops/scatter_shared.h"

namespace pleat {

Result<ScatterReduction> read_reduction(AttributeReader& reader, std::int64_t opset) {
  if (opset < 16) return ScatterReduction::kNone;
  const std::string name = reader.text("reduction", "none");
  if (name == "none") return ScatterReduction::kNone;
  if (name == "add") return ScatterReduction::kAdd;
  if (name == "mul") return ScatterReduction::kMul;
  if (name == "max" && opset >= 18) return ScatterReduction::kMax;
  if (name == "min" && opset >= 18) return ScatterReduction::kMin;
  return fail(Error::invalid("no such reduction in opset " + std::to_string(opset)).saw("'" + name + "'"));
}

Status expect_reducible(const Fact& data, ScatterReduction reduction) {
  if (reduction == ScatterReduction::kNone) return expect_movable(data);
  if (is_number(data.dtype)) return {};
  return fail(Error::unsupported("no reduction of this element type").saw(std::string(dtype_name(data.dtype))));
}

}  // namespace pleat
