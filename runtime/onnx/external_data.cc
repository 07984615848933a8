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

Result<std::shared_ptr<const MappedFile>> ExternalData::open(const std::string& location) {
  if (const auto it = files_.find(location); it != files_.end()) return it->second;
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
  PLEAT_ASSIGN(auto file, MappedFile::open((folder / relative).string()));
  files_.emplace(location, file);
  return file;
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
  PLEAT_ASSIGN(auto file, open(location));
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
  const auto* data = reinterpret_cast<const char*>(file->bytes().data());
  const std::string_view bytes(data == nullptr ? "" : data + offset, static_cast<std::size_t>(wanted));
  return ExternalBytes{std::move(file), bytes};
}

}  // namespace pleat::wire
