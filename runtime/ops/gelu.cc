#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_gelu(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const std::string approximate = reader.text("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return fail(Error::invalid("no such approximation").expect("'none' or 'tanh'").saw("'" + approximate + "'"));
  return make_unary(approximate == "none" ? Unary::kGelu : Unary::kGeluTanh, reader, opset);
}

}  // namespace

void register_gelu(OpRegistry& registry) { registry.add("Gelu", make_gelu); }

}  // namespace pleat
