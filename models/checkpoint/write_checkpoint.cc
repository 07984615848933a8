#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/checkpoint/checkpoint.h"
#include "models/checkpoint/safetensors.h"
#include "runtime/base/files.h"

namespace pleat {
namespace {

using nlohmann::json;

/// Wide elements come first: then every tensor is aligned for its type, whatever the counts before it.
std::vector<const Checkpoint::Entry*> in_file_order(const Checkpoint& checkpoint) {
  std::vector<const Checkpoint::Entry*> order;
  for (const auto& entry : checkpoint.tensors) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return size_of(a->tensor.dtype()) > size_of(b->tensor.dtype());
  });
  return order;
}

Result<std::string> header_of(const Checkpoint& checkpoint, const std::vector<const Checkpoint::Entry*>& order) {
  json header = json::object();
  if (!checkpoint.metadata.empty()) header[safetensors::kMetadataKey] = checkpoint.metadata;
  std::size_t position = 0;
  for (const auto* entry : order) {
    const Tensor& tensor = entry->tensor;
    const std::string_view dtype = safetensors::name_of(tensor.dtype());
    if (dtype.empty())
      return fail(Error::unsupported("safetensors has no such element type")
                      .saw(std::string(dtype_name(tensor.dtype())))
                      .at(fmt::format("tensor '{}'", entry->name)));
    if (header.contains(entry->name) || entry->name == safetensors::kMetadataKey)
      return fail(Error::invalid("the name is taken").at(fmt::format("tensor '{}'", entry->name)));
    const std::size_t end = position + tensor.byte_size();
    header[entry->name] = {{"dtype", dtype}, {"shape", tensor.shape().dims()}, {"data_offsets", {position, end}}};
    position = end;
  }
  try {
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
  } catch (const json::exception&) {
    return fail(Error::invalid("a name or a metadata text is not UTF-8"));
  }
}

Result<std::string> serialize(const Checkpoint& checkpoint) {
  const auto order = in_file_order(checkpoint);
  PLEAT_ASSIGN(const std::string header, header_of(checkpoint, order));
  if (header.size() > safetensors::kLongestHeader)
    return fail(Error::unsupported("the header is longer than safetensors allows")
                    .expect(fmt::format("at most {} bytes", safetensors::kLongestHeader))
                    .saw(fmt::format("{}", header.size())));
  std::string bytes;
  for (std::size_t i = 0; i < safetensors::kLengthBytes; ++i)
    bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i) & 0xff);
  bytes += header;
  for (const auto* entry : order) {
    const auto data = entry->tensor.bytes();
    bytes.append(reinterpret_cast<const char*>(data.data()), data.size());
  }
  return bytes;
}

}  // namespace

Status write_checkpoint(const Checkpoint& checkpoint, const std::string& path) {
  auto bytes = serialize(checkpoint);
  if (!bytes) return fail(std::move(bytes).error().at(path));
  return write_file(path, *bytes);
}

}  // namespace pleat
