#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "models/checkpoint/checkpoint.h"
#include "models/checkpoint/json_check.h"
#include "models/checkpoint/safetensors.h"
#include "runtime/base/files.h"

namespace pleat {
namespace {

using nlohmann::json;

/// A tensor as the header tells of it; [begin, end) lies in the data.
struct Entry {
  std::string name;
  DType dtype = DType::kUndefined;
  Shape shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct Layout {
  std::string_view header;
  std::span<const std::byte> data;
};

Result<Layout> split(std::span<const std::byte> bytes) {
  if (bytes.size() < safetensors::kLengthBytes)
    return fail(Error::invalid("too short for a safetensors file")
                    .expect(fmt::format("at least {} bytes", safetensors::kLengthBytes))
                    .saw(fmt::format("{} bytes", bytes.size())));
  std::uint64_t length = 0;
  for (std::size_t i = safetensors::kLengthBytes; i-- > 0;)
    length = length << 8 | std::to_integer<std::uint8_t>(bytes[i]);
  const std::uint64_t left = bytes.size() - safetensors::kLengthBytes;
  if (length > std::min(left, safetensors::kLongestHeader))
    return fail(Error::invalid("the safetensors header is longer than the file or the format allows")
                    .expect(fmt::format("at most {} bytes", std::min(left, safetensors::kLongestHeader)))
                    .saw(fmt::format("{} bytes", length))
                    .fix("give a .safetensors file; a PyTorch .pt file must be converted first"));
  const auto* start = reinterpret_cast<const char*>(bytes.data()) + safetensors::kLengthBytes;
  return Layout{{start, length}, bytes.subspan(safetensors::kLengthBytes + length)};
}

/// The header up to the spaces that pad it, after which nothing but a JSON object is left.
Result<json> parse_header(std::string_view header) {
  if (header.empty() || header.front() != '{')
    return fail(Error::invalid("the safetensors header is not a JSON object").expect("'{' as the first byte"));
  if (auto checked = check_json(header); !checked) return fail(std::move(checked).error().at("the safetensors header"));
  return json::parse(header, nullptr, /*allow_exceptions=*/false);
}

Result<std::vector<std::uint64_t>> read_counts(const json& tensor, const char* key) {
  const auto list = tensor.find(key);
  const auto is_count = [](const json& n) { return n.is_number_unsigned() && n.get<std::uint64_t>() <= INT64_MAX; };
  if (list == tensor.end() || !list->is_array() || !std::all_of(list->begin(), list->end(), is_count))
    return fail(Error::invalid(fmt::format("bad '{}'", key))
                    .expect("a list of whole numbers, none negative")
                    .saw(list == tensor.end() ? "nothing" : list->dump(-1, ' ', true, json::error_handler_t::replace)));
  return list->get<std::vector<std::uint64_t>>();
}

Result<DType> read_dtype(const json& tensor) {
  const auto name = tensor.find("dtype");
  const bool text = name != tensor.end() && name->is_string();
  const DType dtype = text ? safetensors::dtype_named(name->get<std::string>()) : DType::kUndefined;
  if (dtype == DType::kUndefined)
    return fail(Error::invalid("bad 'dtype'")
                    .expect("BOOL, U8, I8, U16, I16, F16, BF16, U32, I32, F32, U64, I64 or F64")
                    .saw(text ? name->get<std::string>() : "no text"));
  return dtype;
}

Result<Entry> read_entry(const std::string& name, const json& tensor) {
  if (!tensor.is_object() || tensor.size() != 3)
    return fail(Error::invalid("bad entry in the header").expect("an object with dtype, shape and data_offsets"));
  Entry entry;
  entry.name = name;
  PLEAT_ASSIGN(entry.dtype, read_dtype(tensor));
  PLEAT_ASSIGN(const auto dims, read_counts(tensor, "shape"));
  PLEAT_ASSIGN(const auto offsets, read_counts(tensor, "data_offsets"));
  entry.shape = Shape(std::vector<std::int64_t>(dims.begin(), dims.end()));
  PLEAT_ASSIGN(const std::int64_t elements, checked_elements(entry.shape.dims(), size_of(entry.dtype)));
  const std::uint64_t bytes = static_cast<std::uint64_t>(elements) * size_of(entry.dtype);
  if (offsets.size() != 2 || offsets[1] < offsets[0] || offsets[1] - offsets[0] != bytes)
    return fail(Error::invalid("'data_offsets' do not match the shape")
                    .expect(fmt::format("a begin, and an end {} bytes after it ({} of {})", bytes, entry.shape.text(),
                                        dtype_name(entry.dtype)))
                    .saw(fmt::format("[{}]", fmt::join(offsets, ","))));
  entry.begin = offsets[0];
  entry.end = offsets[1];
  return entry;
}

Status read_metadata(const json& object, std::map<std::string, std::string>& metadata) {
  const auto is_text = [](const json& value) { return value.is_string(); };
  if (!object.is_object() || !std::all_of(object.begin(), object.end(), is_text))
    return fail(Error::invalid("bad metadata in the header").expect("an object of texts").at("'__metadata__'"));
  for (const auto& [key, value] : object.items()) metadata[key] = value.get<std::string>();
  return {};
}

/// Sorted by place, each entry must begin where the one before it ends, and the last must end the file.
Status check_tiling(const std::vector<Entry>& entries, std::uint64_t data_size) {
  std::uint64_t position = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != position || entry.end > data_size)
      return fail(Error::invalid(entry.begin < position    ? "overlaps the tensor before it"
                                 : entry.begin == position ? "reaches beyond the file"
                                                           : "leaves a gap after the tensor before it")
                      .expect(fmt::format("data from byte {}, {} bytes at most", position, data_size - position))
                      .saw(fmt::format("data_offsets [{},{}]", entry.begin, entry.end))
                      .fix("get the file again; it is truncated or damaged")
                      .at(fmt::format("tensor '{}'", entry.name)));
    position = entry.end;
  }
  if (position != data_size)
    return fail(Error::invalid("bytes are left that belong to no tensor")
                    .expect(fmt::format("{} bytes of data", position))
                    .saw(fmt::format("{}", data_size)));
  return {};
}

Result<Tensor> make_tensor(const Entry& entry, std::span<const std::byte> data, std::shared_ptr<const void> file) {
  const std::byte* bytes = data.data() + entry.begin;
  if (reinterpret_cast<std::uintptr_t>(bytes) % size_of(entry.dtype) == 0)
    return Tensor::view_of(entry.dtype, entry.shape, std::move(file), bytes);
  PLEAT_ASSIGN(Tensor copy, Tensor::allocate(entry.dtype, entry.shape));
  if (entry.end > entry.begin) std::memcpy(copy.mutable_bytes(), bytes, entry.end - entry.begin);
  return copy;
}

Result<Checkpoint> parse(const std::shared_ptr<const MappedFile>& file) {
  PLEAT_ASSIGN(const Layout layout, split(file->bytes()));
  PLEAT_ASSIGN(const json header, parse_header(layout.header));
  Checkpoint checkpoint;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == safetensors::kMetadataKey) {
      PLEAT_TRY(read_metadata(value, checkpoint.metadata));
      continue;
    }
    auto entry = read_entry(name, value);
    if (!entry) return fail(std::move(entry).error().at(fmt::format("tensor '{}'", name)));
    entries.push_back(std::move(*entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  PLEAT_TRY(check_tiling(entries, layout.data.size()));
  for (const Entry& entry : entries) {
    PLEAT_ASSIGN(Tensor tensor, make_tensor(entry, layout.data, file));
    checkpoint.tensors.push_back({entry.name, std::move(tensor)});
  }
  return checkpoint;
}

}  // namespace

Result<Checkpoint> read_checkpoint(const std::string& path) {
  PLEAT_ASSIGN(const auto file, MappedFile::open(path));
  auto checkpoint = parse(file);
  if (!checkpoint) return fail(std::move(checkpoint).error().at(path));
  return checkpoint;
}

}  // namespace pleat
