#include "runtime/onnx/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "runtime/base/files.h"

namespace pleat {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "\x93NUMPY"sv;
constexpr std::size_t kPreamble = 64;  ///< what precedes the data is padded to a multiple of this

struct Descr {
  std::string_view text;
  DType dtype;
};

constexpr Descr kDescrs[] = {
    {"<f4", DType::kFloat},  {"<f8", DType::kDouble}, {"<f2", DType::kFloat16}, {"|i1", DType::kInt8},
    {"|u1", DType::kUint8},  {"<i2", DType::kInt16},  {"<u2", DType::kUint16},  {"<i4", DType::kInt32},
    {"<u4", DType::kUint32}, {"<i8", DType::kInt64},  {"<u8", DType::kUint64},  {"|b1", DType::kBool},
};

struct Header {
  DType dtype = DType::kUndefined;
  bool fortran_order = false;
  Shape shape;
  std::size_t data_at = 0;
};

Error broken(std::string what) {
  return Error::invalid("not a well-formed .npy file: " + std::move(what)).fix("write it with numpy.save");
}

/// What follows 'key': in the header's Python dictionary.
std::optional<std::string_view> value_of(std::string_view dictionary, const std::string& key) {
  std::size_t at = dictionary.find("'" + key + "'");
  if (at == std::string_view::npos) return std::nullopt;
  at = dictionary.find(':', at);
  if (at == std::string_view::npos) return std::nullopt;
  at = dictionary.find_first_not_of(' ', at + 1);
  return at == std::string_view::npos ? std::nullopt : std::optional(dictionary.substr(at));
}

Result<DType> parse_descr(std::string_view value) {
  if (value.size() < 2 || value[0] != '\'')
    return fail(Error::unsupported("an array of records").expect("an array of numbers"));
  const std::string_view text = value.substr(1, value.find('\'', 1) - 1);
  for (const Descr& descr : kDescrs)
    if (text == descr.text ||
        (descr.text[0] == '|' && text.substr(std::min<std::size_t>(1, text.size())) == descr.text.substr(1)))
      return descr.dtype;
  return fail(Error::unsupported("an array of an element type that is not read")
                  .expect("little-endian f2 f4 f8, i1 to i8, u1 to u8 or b1")
                  .saw("'" + std::string(text) + "'")
                  .fix("convert it with numpy's astype before saving"));
}

Result<Shape> parse_shape(std::string_view value, DType dtype) {
  const std::size_t end = value.find(')');
  if (value.empty() || value[0] != '(' || end == std::string_view::npos) return fail(broken("no shape"));
  std::vector<std::int64_t> dims;
  for (std::string_view rest = value.substr(1, end - 1);;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" ,"), rest.size()));
    if (rest.empty()) break;
    std::int64_t dim = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), dim);
    if (error != std::errc{} || dim < 0) return fail(broken("a size is no number"));
    dims.push_back(dim);
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
  }
  PLEAT_TRY(checked_elements(dims, size_of(dtype)));
  return Shape(std::move(dims));
}

Result<Header> parse_header(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 10) return fail(broken("it does not begin with NumPy's mark"));
  const int version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3)
    return fail(Error::unsupported("a .npy format that is not known").expect("1 to 3").saw(std::to_string(version)));
  const std::size_t width = version == 1 ? 2 : 4;
  if (bytes.size() < 8 + width) return fail(broken("the header ends too early"));
  std::size_t length = 0;
  std::memcpy(&length, bytes.data() + 8, width);
  if (length > bytes.size() - 8 - width) return fail(broken("the header ends too early"));
  const std::string_view dictionary = bytes.substr(8 + width, length);
  const auto descr = value_of(dictionary, "descr");
  const auto order = value_of(dictionary, "fortran_order");
  const auto shape = value_of(dictionary, "shape");
  if (!descr || !order || !shape) return fail(broken("the header lacks descr, fortran_order or shape"));
  Header header;
  PLEAT_ASSIGN(header.dtype, parse_descr(*descr));
  PLEAT_ASSIGN(header.shape, parse_shape(*shape, header.dtype));
  header.fortran_order = order->starts_with("True");
  header.data_at = 8 + width + length;
  return header;
}

/// Column-major elements of `shape` put in row-major order.
void transpose(const Shape& shape, std::size_t element, const char* from, char* to) {
  const auto rank = static_cast<std::size_t>(shape.rank());
  std::vector<std::int64_t> index(rank, 0), stride(rank, 1);
  for (std::size_t axis = 1; axis < rank; ++axis) stride[axis] = stride[axis - 1] * shape.dims()[axis - 1];
  std::int64_t at = 0;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    std::memcpy(to + static_cast<std::size_t>(i) * element, from + static_cast<std::size_t>(at) * element, element);
    for (std::size_t axis = rank; axis-- > 0;) {
      at += stride[axis];
      if (++index[axis] < shape.dims()[axis]) break;
      at -= stride[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

Result<Tensor> parse_npy(std::string_view bytes) {
  PLEAT_ASSIGN(const Header header, parse_header(bytes));
  const std::string_view data = bytes.substr(header.data_at);
  PLEAT_ASSIGN(const std::int64_t count, checked_elements(header.shape.dims(), size_of(header.dtype)));
  const std::size_t expected = static_cast<std::size_t>(count) * size_of(header.dtype);
  if (data.size() != expected)
    return fail(broken("its data do not fill the shape " + header.shape.text())
                    .expect(std::to_string(expected) + " bytes")
                    .saw(std::to_string(data.size()) + " bytes"));
  PLEAT_ASSIGN(Tensor tensor, Tensor::allocate(header.dtype, header.shape));
  if (expected == 0) return tensor;
  auto* to = static_cast<char*>(tensor.mutable_bytes());
  if (header.fortran_order) {
    transpose(header.shape, size_of(header.dtype), data.data(), to);
  } else {
    std::memcpy(to, data.data(), expected);
  }
  if (header.dtype == DType::kBool) std::transform(to, to + expected, to, [](char c) { return c != 0 ? 1 : 0; });
  return tensor;
}

}  // namespace

Result<Tensor> read_npy(const std::string& path) {
  PLEAT_ASSIGN(auto file, MappedFile::open(path));
  const auto bytes = file->bytes();
  auto tensor = parse_npy({bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!tensor) return fail(std::move(tensor).error().at(path));
  return tensor;
}

Status write_npy(const std::string& path, const Tensor& tensor) {
  const auto* descr =
      std::find_if(std::begin(kDescrs), std::end(kDescrs), [&](const Descr& d) { return d.dtype == tensor.dtype(); });
  if (descr == std::end(kDescrs))
    return fail(
        Error::unsupported("NumPy has no such element type").at(path).saw(std::string(dtype_name(tensor.dtype()))));
  std::string dims;
  for (const std::int64_t dim : tensor.shape()) dims += std::to_string(dim) + ",";
  std::string header =
      "{'descr': '" + std::string(descr->text) + "', 'fortran_order': False, 'shape': (" + dims + "), }";
  const std::size_t bare = kMagic.size() + 4 + header.size() + 1;
  header.append((kPreamble - bare % kPreamble) % kPreamble, ' ');
  header += '\n';
  std::string content(kMagic);
  content += {'\x01', '\x00', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  content += header;
  if (tensor.byte_size() > 0) content.append(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.byte_size());
  return write_file(path, content);
}

}  // namespace pleat
