#include "runtime/onnx/file_kind.h"

#include <algorithm>
#include <array>

namespace pleat::wire {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view kind;
};

constexpr std::array kMagics = {
    Magic{0, "\x89PNG"sv, "a PNG picture"sv},
    Magic{0, "\xff\xd8\xff"sv, "a JPEG picture"sv},
    Magic{0, "GIF8"sv, "a GIF picture"sv},
    Magic{0, "PK\x03\x04"sv, "a zip archive (perhaps a PyTorch checkpoint)"sv},
    Magic{0, "\x1f\x8b"sv, "a gzip archive: unpack it first"sv},
    Magic{0, "\x89HDF"sv, "an HDF5 file (perhaps Keras weights)"sv},
    Magic{0, "\x93NUMPY"sv, "a NumPy array"sv},
    Magic{0,
          "\x7f"
          "ELF"sv,
          "a program"sv},
    Magic{0, "GGUF"sv, "a GGUF model"sv},
    Magic{4, "TFL3"sv, "a TensorFlow Lite model"sv},
    Magic{8, "{\""sv, "a safetensors file: `pleat export` makes an ONNX model of a checkpoint"sv},
    Magic{0, "version https://git-lfs"sv, "a Git LFS pointer, not the model itself: `git lfs pull` fetches it"sv},
};

std::string_view text_kind(std::string_view bytes) {
  const std::size_t start = bytes.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (start == std::string_view::npos) return {};
  if (bytes.substr(start).starts_with("<")) return "an HTML or XML text (perhaps the page of a failed download)";
  if (bytes.substr(start).starts_with("{\"") || bytes.substr(start).starts_with("{\n")) return "a JSON text";
  return {};
}

}  // namespace

std::string_view foreign_kind(std::string_view bytes) {
  if (bytes.empty()) return "an empty file";
  for (const Magic& magic : kMagics)
    if (bytes.substr(std::min(magic.offset, bytes.size())).starts_with(magic.bytes)) return magic.kind;
  return text_kind(bytes.substr(0, 64));
}

}  // namespace pleat::wire
