#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "converter/report/certificate.h"
#include "converter/report/figures.h"
#include "converter/report/json_parts.h"
#include "converter/verify/same.h"
#include "runtime/base/files.h"
#include "runtime/graph/text.h"
#include "runtime/onnx/metadata_entry.h"
#include "runtime/onnx/reader.h"
#include "runtime/onnx/writer.h"

namespace pleat {
namespace {

using Point = CertificateCheck::Point;

std::string quoted(const ConstantHash& constant) {
  return "'" + (constant.graph.empty() ? "" : constant.graph + "/") + constant.name + "'";
}

/// The first few of a list, and how many more there are.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(kShown, names.size()));
  return fmt::format("{}{}", fmt::join(names.begin(), names.begin() + shown, ", "),
                     names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "");
}

/// Which constants are not as certified, and how.
std::vector<std::string> differences(const std::vector<ConstantHash>& certified,
                                     const std::vector<ConstantHash>& found) {
  std::map<std::pair<std::string, std::string>, const ConstantHash*> by_name;
  for (const ConstantHash& constant : found) by_name[{constant.graph, constant.name}] = &constant;
  std::vector<std::string> out;
  for (const ConstantHash& constant : certified) {
    const auto it = by_name.find({constant.graph, constant.name});
    if (it == by_name.end()) {
      out.push_back(quoted(constant) + " is missing");
      continue;
    }
    if (!(*it->second == constant)) out.push_back(quoted(constant) + " was changed");
    by_name.erase(it);
  }
  for (const auto& [name, constant] : by_name) out.push_back(quoted(*constant) + " is new");
  return out;
}

Result<FileHash> hash_without_certificate(const std::string& path) {
  PLEAT_ASSIGN(const auto file, MappedFile::open(path));
  const std::string_view bytes(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
  PLEAT_ASSIGN(const auto pieces, without_metadata_entry(bytes, kCertificateKey));
  Sha256 hash;
  std::uint64_t size = 0;
  for (const std::string_view piece : pieces) {
    hash.add(piece);
    size += piece.size();
  }
  return FileHash{hash.hex(), size};
}

Point same_file(const char* what, const FileHash& certified, const FileHash& found) {
  const bool same = certified.sha256 == found.sha256;
  return {what, same,
          same ? fmt::format("{} bytes with the hash {}…", found.bytes, found.sha256.substr(0, 16))
               : fmt::format("its hash is {}…, the certificate says {}…", found.sha256.substr(0, 16),
                             certified.sha256.substr(0, 16))};
}

Point same_constants(const char* what, const std::vector<ConstantHash>& certified,
                     const std::vector<ConstantHash>& found) {
  const auto changed = differences(certified, found);
  return {what, changed.empty(),
          changed.empty() ? fmt::format("all {} have the hashes of the certificate", found.size())
                          : fmt::format("{} of {}: {}", changed.size(), certified.size(), some_of(changed))};
}

const Tensor* find_initializer(const Graph& graph, const std::string& name) {
  if (const Initializer* initializer = graph.initializer(name)) return &initializer->tensor;
  for (const Node& node : graph.nodes)
    for (const Attribute& attribute : node.attributes)
      if (const Graph* inner = attribute.graph())
        if (const Tensor* tensor = find_initializer(*inner, name)) return tensor;
  return nullptr;
}

/// The first element of `stored` that is not the exact value rounded once, -1 where there is none.
Result<std::int64_t> first_wrong(const Tensor& stored, const ExactConstant& exact, bool flushed) {
  if (stored.dtype() != exact.dtype || stored.shape() != exact.shape) return 0;
  constexpr std::int64_t kChunk = 4096;
  PLEAT_ASSIGN(const auto values, to_doubles(stored));
  for (std::int64_t begin = 0; begin < stored.elements(); begin += kChunk) {
    const std::int64_t count = std::min(kChunk, stored.elements() - begin);
    std::vector<double> odd(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
      odd[static_cast<std::size_t>(i)] = round_to_odd(exact.value(static_cast<std::size_t>(begin + i)));
    PLEAT_ASSIGN(const Tensor rounded, from_doubles(exact.dtype, {count}, odd));
    PLEAT_ASSIGN(const auto right, to_doubles(rounded));
    for (std::size_t i = 0; i < right.size(); ++i) {
      const double value = values[static_cast<std::size_t>(begin) + i];
      const bool zeroed = flushed && value == 0 && std::fabs(odd[i]) < std::numeric_limits<float>::min();
      if (value != right[i] && !zeroed) return begin + static_cast<std::int64_t>(i);
    }
  }
  return -1;
}

/// Rung 2 again, on the constants as they lie in the file.
Result<Point> exact_values(const Model& folded, const FoldResult& again, bool flushed) {
  std::vector<std::string> wrong;
  std::int64_t compared = 0;
  for (const auto& [name, exact] : again.constants) {
    const Tensor* stored = find_initializer(folded.graph, name);
    if (stored == nullptr) {
      wrong.push_back("'" + name + "' is missing");
      continue;
    }
    PLEAT_ASSIGN(const std::int64_t at, first_wrong(*stored, exact, flushed));
    compared += stored->elements();
    if (at < 0) continue;
    const std::int64_t channel = exact.channel(static_cast<std::size_t>(at));
    wrong.push_back(
        fmt::format("'{}' from element {} on{}", name, at, channel < 0 ? "" : fmt::format(" (channel {})", channel)));
  }
  return Point{"folded values", wrong.empty(),
               wrong.empty() ? fmt::format("all {} in {} are the exact ones rounded once", compared,
                                           counted(static_cast<std::int64_t>(again.constants.size()), "constant"))
                             : some_of(wrong)};
}

/// Whether folding again makes the same file; where constants lie in a second file, the same graph around them.
Result<Point> same_model(const Certificate& certificate, const Model& folded, Model again) {
  constexpr const char* kWhat = "fold made again";
  strip_certificate(again);
  if (!certificate.verified) again.set_metadata(kVerifiedKey, "false");
  if (certificate.external_data) {
    const bool same = to_text(folded) == to_text(again);
    return Point{kWhat, same, same ? "gives the same graph" : "gives another graph"};
  }
  PLEAT_ASSIGN(const std::string bytes, serialize(again));
  if (sha256(bytes) == certificate.folded.sha256) return Point{kWhat, true, "gives the same file, byte for byte"};
  return Point{kWhat, false,
               certificate.version == PLEAT_VERSION
                   ? "gives another file"
                   : fmt::format("gives another file; this one was written by Pleat {}, this is {}",
                                 certificate.version, PLEAT_VERSION)};
}

Status check_against(const std::string& unfolded_path, const Model& folded, CertificateCheck& check) {
  const Certificate& certificate = check.certificate;
  PLEAT_ASSIGN(const FileHash source, hash_file(unfolded_path));
  check.points.push_back(same_file("unfolded file", certificate.source, source));
  PLEAT_ASSIGN(const auto unfolded, read_model(unfolded_path));
  PLEAT_ASSIGN(FoldResult again, fold(*unfolded, certificate.options));
  check.points.push_back(same_constants("constants folded again", certificate.constants, hash_constants(again.folded)));
  PLEAT_ASSIGN(auto exact, exact_values(folded, again, certificate.options.flush_subnormals));
  check.points.push_back(std::move(exact));
  PLEAT_ASSIGN(auto same, same_model(certificate, folded, std::move(again.folded)));
  check.points.push_back(std::move(same));
  return {};
}

}  // namespace

bool CertificateCheck::holds() const {
  return std::all_of(points.begin(), points.end(), [](const Point& point) { return point.holds; });
}

Result<CertificateCheck> check_certificate(const std::string& folded_path, const std::string& unfolded_path) {
  PLEAT_ASSIGN(const auto model, read_model(folded_path));
  auto certificate = read_certificate(*model);
  if (!certificate) return fail(std::move(certificate).error().at(folded_path));
  CertificateCheck check{std::move(*certificate), {}};
  PLEAT_ASSIGN(const FileHash found, hash_without_certificate(folded_path));
  check.points.push_back(same_file("folded file", check.certificate.folded, found));
  check.points.push_back(same_constants("constants", check.certificate.constants, hash_constants(*model)));
  if (!unfolded_path.empty()) PLEAT_TRY(check_against(unfolded_path, *model, check));
  return check;
}

std::string to_text(const CertificateCheck& check) {
  const Certificate& certificate = check.certificate;
  std::string out = fmt::format("  certificate of Pleat {}: {}, {}\n", certificate.version, certificate.verdict,
                                counted(certificate.folds, "fold"));
  for (const Point& point : check.points)
    out += fmt::format("  {:<22} {:<7} {}\n", point.what, point.holds ? "ok" : "FAILED", point.text);
  return out + (check.holds() ? "the certificate holds\n" : "the certificate does NOT hold\n");
}

std::string to_json(const CertificateCheck& check) {
  const Certificate& certificate = check.certificate;
  Json json = {{"schema", "pleat.certificate_check/1"},
               {"holds", check.holds()},
               {"verified", certificate.verified},
               {"verdict", certificate.verdict},
               {"pleat", certificate.version},
               {"source_sha256", certificate.source.sha256},
               {"folded_sha256", certificate.folded.sha256},
               {"folds", certificate.folds},
               {"points", Json::array()}};
  for (const Point& point : check.points)
    json["points"].push_back({{"what", point.what}, {"holds", point.holds}, {"text", point.text}});
  return dumped(json, 2);
}

}  // namespace pleat
