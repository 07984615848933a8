#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/base/files.h"
#include "runtime/graph/model.h"

namespace pleat {

struct WriteOptions {
  enum class ExternalData {
    kAutomatic,  ///< where one file cannot hold the model, whose message may have 2 GB
    kAlways,
    kNever,
  };
  /// Whether the elements of tensors of 1 KiB or more go to a second file, named like the model with ".data" behind:
  /// equal contents once, aligned to 64 bytes or, from 1 MiB on, to a page.
  ExternalData external_data = ExternalData::kAutomatic;
};

/// A model written whole but not yet visible: it can be judged before `commit` gives it its name. Destruction without
/// commit leaves nothing.
class PendingModel {
 public:
  /// Weights are streamed from where they lie. `path` may be a file that `model` was read from: it is replaced, never
  /// written into. Equal models give equal files. kResource where the message is larger than 2 GB.
  static Result<PendingModel> write(const Model& model, const std::string& path, const WriteOptions& options = {});

  /// Where the model can be read until committed; its data lie beside it under their later name.
  const std::string& temporary_path() const { return model_.temporary_path(); }
  /// Of both files.
  std::uint64_t bytes() const { return bytes_; }

  /// Both files get their names or, as far as a file system can tell, none does.
  Status commit() &&;

 private:
  struct Data {
    std::string path;
    PendingFile file;
  };

  PendingModel(TemporaryFolder folder, std::optional<Data> data, PendingFile model, std::uint64_t bytes)
      : folder_(std::move(folder)), data_(std::move(data)), model_(std::move(model)), bytes_(bytes) {}

  static Result<PendingModel> write_files(const Model& model, const std::string& path, const WriteOptions& options);

  TemporaryFolder folder_;
  std::optional<Data> data_;
  PendingFile model_;
  std::uint64_t bytes_;
};

/// PendingModel written and committed.
Status write_model(const Model& model, const std::string& path, const WriteOptions& options = {});

}  // namespace pleat
