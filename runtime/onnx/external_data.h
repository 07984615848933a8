#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/files.h"

namespace pleat::wire {

/// Bytes of a mapped file with what keeps them alive.
struct ExternalBytes {
  std::shared_ptr<const MappedFile> file;
  std::string_view bytes;
};

/// The files beside a model in which its larger tensors lie; each is mapped once.
class ExternalData {
 public:
  /// `model_path` empty: there is no folder, every request is refused.
  explicit ExternalData(std::string model_path) : model_path_(std::move(model_path)) {}

  /// What `entries` (TensorProto.external_data) point to: `size` bytes, or all there are from the offset on where the
  /// size is not known. A location outside the model's folder is refused, and a piece that shares some but not all of
  /// its bytes with an earlier one.
  Result<ExternalBytes> find(const std::vector<std::pair<std::string, std::string>>& entries,
                             std::optional<std::size_t> size);

 private:
  struct DataFile {
    std::shared_ptr<const MappedFile> mapped;
    std::map<std::uint64_t, std::uint64_t> pieces = {};  ///< begin to end
  };

  Result<DataFile*> open(const std::string& location);
  static Status claim(DataFile& file, std::uint64_t begin, std::uint64_t end);

  std::string model_path_;
  std::map<std::string, DataFile, std::less<>> files_;
};

}  // namespace pleat::wire
