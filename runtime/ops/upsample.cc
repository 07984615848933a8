#include "runtime/graph/attributes.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/resize_shared.h"

namespace pleat {
namespace {

/// The forerunner of Resize: opset 1 names two scales, opset 7 a list, opset 9 makes it an input.
Result<std::unique_ptr<Operator>> make_upsample(const Node& node, std::int64_t opset) {
  if (opset >= 10)
    return fail(Error::invalid("Upsample ended with opset 9").saw("opset " + std::to_string(opset)).fix("use Resize"));
  AttributeReader reader(node);
  ResizeForm form;
  form.legacy_nearest = true;
  const std::string mode = reader.text("mode", "nearest");
  const char* linear = opset < 7 ? "bilinear" : "linear";
  if (mode != "nearest" && mode != linear)
    return fail(Error::invalid("unknown mode").expect("nearest or " + std::string(linear)).saw(mode));
  form.filter.mode = mode == "nearest" ? ResizeMode::kNearest : ResizeMode::kLinear;
  if (opset >= 9) {
    form.scales_input = 1;
  } else if (opset >= 7) {
    if (!reader.has("scales")) return fail(Error::invalid("the attribute 'scales' is missing"));
    form.scales = reader.numbers("scales");
  } else {
    if (!reader.has("height_scale") || !reader.has("width_scale"))
      return fail(Error::invalid("the attribute 'height_scale' or 'width_scale' is missing"));
    form.scales = {1, 1, reader.number("height_scale", 1), reader.number("width_scale", 1)};
  }
  PLEAT_TRY(reader.finish());
  return make_resize_operator(std::move(form));
}

}  // namespace

void register_upsample(OpRegistry& registry) { registry.add("Upsample", make_upsample); }

}  // namespace pleat
