#include "models/data/idx_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/tensor/shape.h"

namespace pleat {
namespace {

constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 31;
constexpr std::size_t kChunk = std::size_t{1} << 22;

/// Bytes of a plain or gzip file in order.
class ByteStream {
 public:
  explicit ByteStream(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rbe")) {
    if (file_) gzbuffer(file_.get(), 1U << 17);
  }
  bool open() const { return file_ != nullptr; }

  /// Fills as much of the buffer as the file has left; the count tells how much.
  Result<std::size_t> read(std::uint8_t* buffer, std::size_t size) {
    errno = 0;
    const int got = gzread(file_.get(), buffer, static_cast<unsigned>(size));
    int code = Z_OK;
    const char* text = gzerror(file_.get(), &code);
    if (got >= 0 && (code == Z_OK || code == Z_STREAM_END)) return static_cast<std::size_t>(got);
    if (code == Z_ERRNO) return fail(Error::invalid("cannot read the file").at(path_).saw(std::strerror(errno)));
    return fail(Error::invalid(code == Z_BUF_ERROR ? "the gzip data end too early" : "the gzip data are corrupt")
                    .at(path_)
                    .saw(text)
                    .fix("get the file again"));
  }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

Error too_short(const std::string& path, std::string expected, std::string got) {
  return Error::invalid("the IDX file is truncated")
      .at(path)
      .expect(std::move(expected))
      .saw(std::move(got))
      .fix("get the file again");
}

Result<std::vector<std::int64_t>> read_header(ByteStream& stream, const std::string& path, int rank) {
  std::array<std::uint8_t, 4> magic{};
  PLEAT_ASSIGN(const std::size_t got, stream.read(magic.data(), magic.size()));
  if (got < magic.size()) return fail(too_short(path, "a 4-byte magic number", fmt::format("{} bytes", got)));
  const std::array<std::uint8_t, 4> wanted{0, 0, kUnsignedByte, static_cast<std::uint8_t>(rank)};
  if (magic != wanted)
    return fail(
        Error::invalid("not an IDX file of this kind")
            .at(path)
            .expect(fmt::format("magic number {:02x} (unsigned bytes, {} dimensions)", fmt::join(wanted, " "), rank))
            .saw(fmt::format("{:02x}", fmt::join(magic, " "))));
  std::vector<std::int64_t> dims;
  for (int axis = 0; axis < rank; ++axis) {
    std::array<std::uint8_t, 4> size{};
    PLEAT_ASSIGN(const std::size_t count, stream.read(size.data(), size.size()));
    if (count < size.size())
      return fail(too_short(path, fmt::format("{} sizes in the header", rank), fmt::format("{}", axis)));
    dims.push_back(std::int64_t{size[0]} << 24 | size[1] << 16 | size[2] << 8 | size[3]);
  }
  return dims;
}

}  // namespace

Result<IdxFile> read_idx(const std::string& path, int rank) {
  ByteStream stream(path);
  if (!stream.open())
    return fail(Error::invalid("cannot open the file").at(path).saw(errno ? std::strerror(errno) : "out of memory"));
  IdxFile file;
  PLEAT_ASSIGN(file.dims, read_header(stream, path, rank));
  const auto promised = checked_elements(file.dims, 1);
  if (!promised || *promised > kMostBytes)
    return fail(Error::resource("the header promises more values than Pleat reads")
                    .at(path)
                    .expect(fmt::format("at most {}", kMostBytes))
                    .saw(fmt::format("sizes [{}]", fmt::join(file.dims, ","))));
  const auto total = static_cast<std::size_t>(*promised);
  while (file.values.size() < total) {
    const std::size_t start = file.values.size();
    const std::size_t want = std::min(kChunk, total - start);
    file.values.resize(start + want);
    PLEAT_ASSIGN(const std::size_t got, stream.read(file.values.data() + start, want));
    if (got < want)
      return fail(
          too_short(path, fmt::format("{} values, as the header promises", total), fmt::format("{}", start + got)));
  }
  std::uint8_t extra = 0;
  PLEAT_ASSIGN(const std::size_t surplus, stream.read(&extra, 1));
  if (surplus > 0)
    return fail(Error::invalid("bytes are left after the last value")
                    .at(path)
                    .expect(fmt::format("{} values, as the header promises", total))
                    .fix("get the file again"));
  return file;
}

}  // namespace pleat
