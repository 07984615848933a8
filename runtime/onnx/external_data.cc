#include "runtime/onnx/external_data.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace pleat::wire {
namespace {

namespace fs = std::filesystem;

/// True where `file`, symbolic links followed, lies in `folder` or below it.
bool lies_within(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  const fs::path inner = fs::canonical(file, error);
  if (error) return true;  // opening it will tell what is wrong
  const fs::path outer = fs::canonical(folder.empty() ? fs::path(".") : folder, error);
  return !error && std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

Result<std::uint64_t> parse_number(const std::string& key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty())
    return fail(Error::invalid("the " + key + " of external data is no number").saw("'" + text + "'"));
  return value;
}

}  // namespace

Result<ExternalData::DataFile*> ExternalData::open(const std::string& location) {
  if (const auto it = files_.find(location); it != files_.end()) return &it->second;
  if (model_path_.empty())
    return fail(Error::unsupported("external data of a model that was not read from a file").saw(location));
  const fs::path relative(location);
  const bool climbs = std::find(relative.begin(), relative.end(), "..") != relative.end();
  const fs::path folder = fs::path(model_path_).parent_path();
  std::error_code error;
  const fs::path real_model = fs::canonical(model_path_, error);
  if (location.empty() || location.find('\0') != std::string::npos || relative.is_absolute() || climbs ||
      !(lies_within(folder / relative, folder) || lies_within(folder / relative, real_model.parent_path())))
    return fail(Error::invalid("external data lies outside the model's folder")
                    .expect("a file in the folder of the model or below it")
                    .saw("'" + location + "'")
                    .fix("keep the model and its data in one folder"));
  auto file = MappedFile::open((folder / relative).string());
  if (!file) return fail(std::move(file).error().fix("put the data file beside the model, under the name it had"));
  return &files_.emplace(location, DataFile{std::move(*file)}).first->second;
}

Status ExternalData::claim(DataFile& file, std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return {};
  const auto next = file.pieces.lower_bound(begin);
  if (next != file.pieces.end() && next->first == begin && next->second == end) return {};
  const bool runs_into_next = next != file.pieces.end() && next->first < end;
  if (runs_into_next || (next != file.pieces.begin() && std::prev(next)->second > begin)) {
    const auto& [other_begin, other_end] = runs_into_next ? *next : *std::prev(next);
    const auto range = [](std::uint64_t from, std::uint64_t to) {
      return "bytes " + std::to_string(from) + " to " + std::to_string(to);
    };
    return fail(Error::invalid("two tensors overlap in external data")
                    .at(file.mapped->path())
                    .expect("the same bytes or none in common")
                    .saw(range(begin, end) + " and " + range(other_begin, other_end))
                    .fix("the model or its data file is damaged: fetch or export both again"));
  }
  file.pieces.emplace_hint(next, begin, end);
  return {};
}

Result<ExternalBytes> ExternalData::find(const std::vector<std::pair<std::string, std::string>>& entries,
                                         std::optional<std::size_t> size) {
  std::string location;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
  for (const auto& [key, value] : entries) {
    if (key == "location") location = value;
    if (key == "offset") {
      PLEAT_ASSIGN(offset, parse_number(key, value));
    }
    if (key == "length") {
      PLEAT_ASSIGN(length, parse_number(key, value));
    }
  }
  PLEAT_ASSIGN(DataFile* const found, open(location));
  const auto& file = found->mapped;
  const std::size_t available = file->bytes().size();
  const std::uint64_t wanted = size ? *size : length ? *length : offset < available ? available - offset : 0;
  if (length && *length != wanted)
    return fail(Error::invalid("external data has another size than the tensor's shape")
                    .at(file->path())
                    .expect(std::to_string(wanted) + " bytes")
                    .saw(std::to_string(*length) + " bytes"));
  if (offset > available || wanted > available - offset)
    return fail(Error::invalid("external data ends too early")
                    .at(file->path())
                    .expect(std::to_string(wanted) + " bytes from byte " + std::to_string(offset))
                    .saw("a file of " + std::to_string(available) + " bytes")
                    .fix("fetch the data file again, whole"));
  PLEAT_TRY(claim(*found, offset, offset + wanted));
  const auto* data = reinterpret_cast<const char*>(file->bytes().data());
  const std::string_view bytes(data == nullptr ? "" : data + offset, static_cast<std::size_t>(wanted));
  return ExternalBytes{file, bytes};
}

}  // namespace pleat::wire
