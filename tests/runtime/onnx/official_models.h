#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace pleat::test {

namespace fs = std::filesystem;

inline std::vector<fs::path> official_files(const fs::path& root, const std::string& suffix) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(root, error))
    if (entry.path().string().ends_with(suffix)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// The backend test data of the Debian package libonnx-testdata.
inline fs::path debian_root() { return "/usr/lib/python3/dist-packages/onnx/backend/test/data"; }

/// A path that no other test process uses.
inline std::string temporary(const std::string& name) {
  return (fs::temp_directory_path() / ("pleat_" + std::to_string(::getpid()) + "_" + name)).string();
}

inline std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace pleat::test
