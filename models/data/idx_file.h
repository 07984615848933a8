#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace pleat {

/// The contents of an IDX file of unsigned bytes: row-major, outermost size first.
struct IdxFile {
  std::vector<std::int64_t> dims;
  std::vector<std::uint8_t> values;
};

/// Reads an IDX file, plain or gzip (told apart by content, not by name). The element type must be unsigned byte and
/// the rank `rank`; the file must hold exactly the values its header promises, 2 GiB at most. Memory grows with the
/// data read, never with the header's promise.
Result<IdxFile> read_idx(const std::string& path, int rank);

}  // namespace pleat
