#include "runtime/onnx/write_model.h"

#include <filesystem>
#include <new>

#include "runtime/onnx/model_writer.h"
#include "runtime/onnx/wire.h"

namespace pleat {
namespace {

namespace fs = std::filesystem;
using External = WriteOptions::ExternalData;

Status append(PendingFile& file, const wire::ProtoWriter& message) {
  Status status;
  message.for_each_piece([&](std::string_view piece) {
    if (status) status = file.append(piece);
  });
  return status;
}

Status append(PendingFile& file, const wire::DataLayout& data) {
  std::uint64_t at = 0;
  for (const auto& [offset, bytes] : data.blocks()) {
    PLEAT_TRY(file.append(std::string(offset - at, '\0')));
    PLEAT_TRY(file.append(bytes));
    at = offset + bytes.size();
  }
  return {};
}

/// The old file at `path` under a second name in `folder`, so that it can come back; empty where there is none.
Result<std::string> set_aside(const std::string& path, const std::string& folder) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (!fs::is_regular_file(status) && !fs::is_symlink(status)) return std::string();
  std::string kept = (fs::path(folder) / "replaced").string();
  fs::create_hard_link(path, kept, error);
  if (error) fs::rename(path, kept, error);  // not every file system gives a file two names
  if (error) return fail(Error::invalid("cannot replace the file").at(path).saw(error.message()));
  return kept;
}

}  // namespace

Result<PendingModel> PendingModel::write_files(const Model& model, const std::string& path,
                                               const WriteOptions& options) {
  wire::DataLayout layout(fs::path(path).filename().string() + ".data");
  std::optional<wire::ProtoWriter> message(std::in_place);
  if (options.external_data != External::kAlways) wire::write_model_fields(*message, model, nullptr);
  if (options.external_data == External::kAlways ||
      (options.external_data == External::kAutomatic && !wire::check_size(*message))) {
    message.emplace();
    wire::write_model_fields(*message, model, &layout);
  }
  PLEAT_TRY(wire::check_size(*message));

  PLEAT_ASSIGN(TemporaryFolder folder, TemporaryFolder::beside(path));
  const auto inside = [&](const fs::path& name) { return (fs::path(folder.path()) / name).string(); };
  std::optional<Data> data;
  if (!layout.blocks().empty()) {
    const std::string data_path = (fs::path(path).parent_path() / layout.location()).string();
    PLEAT_ASSIGN(PendingFile file, PendingFile::create(data_path, inside(layout.location())));
    PLEAT_TRY(append(file, layout));
    PLEAT_TRY(file.finish());
    data.emplace(Data{data_path, std::move(file)});
  }
  PLEAT_ASSIGN(PendingFile file, PendingFile::create(path, inside(fs::path(path).filename())));
  PLEAT_TRY(append(file, *message));
  PLEAT_TRY(file.finish());
  return PendingModel(std::move(folder), std::move(data), std::move(file), message->size() + layout.size());
}

Result<PendingModel> PendingModel::write(const Model& model, const std::string& path, const WriteOptions& options) {
  try {
    return write_files(model, path, options);
  } catch (wire::Malformed& malformed) {
    return fail(std::move(malformed.error));
  } catch (const std::bad_alloc&) {
    return fail(Error::resource("not enough memory to write the model").at(path));
  }
}

Status PendingModel::commit() && {
  if (!data_) return std::move(model_).commit();
  PLEAT_ASSIGN(const std::string replaced, set_aside(data_->path, folder_.path()));
  Status status = std::move(data_->file).commit();
  const bool data_named = status.has_value();
  if (data_named) status = std::move(model_).commit();
  if (status) return {};
  std::error_code ignored;
  if (!replaced.empty())
    fs::rename(replaced, data_->path, ignored);
  else if (data_named)
    fs::remove(data_->path, ignored);
  return status;
}

Status write_model(const Model& model, const std::string& path, const WriteOptions& options) {
  PLEAT_ASSIGN(PendingModel pending, PendingModel::write(model, path, options));
  return std::move(pending).commit();
}

}  // namespace pleat
