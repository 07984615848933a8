// libFuzzer entry: any bytes must be read or refused, and what was read must be writable and readable again; its
// functions unfold to a sound model or not at all.
#include <cstdint>
#include <cstdlib>

#include "runtime/graph/inline_functions.h"
#include "runtime/graph/text.h"
#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pleat;
  const auto model = parse_model(std::as_bytes(std::span(data, size)), nullptr);
  if (!model) return 0;
  static_cast<void>(to_text(*model));
  const auto bytes = serialize(*model);
  if (!bytes) std::abort();
  const auto again = parse_model(std::as_bytes(std::span(*bytes)), nullptr);
  if (!again || serialize(*again) != *bytes) std::abort();
  const auto inlined = inline_functions(*model);
  if (inlined && !check(*inlined)) std::abort();
  return 0;
}
