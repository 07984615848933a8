#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "converter/fold/fold.h"
#include "converter/report/sha256.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// Keys of metadata_props (docs/formats.md): the certificate; "false" in a model written without proof.
inline constexpr std::string_view kCertificateKey = "pleat.certificate";
inline constexpr std::string_view kVerifiedKey = "pleat.verified";

/// The hash of the elements of one initializer, or of one Constant node's tensor, which is called by its output.
/// Elements are taken as in raw_data: row-major, little-endian.
struct ConstantHash {
  std::string graph;  ///< as in FoldEntry
  std::string name;
  DType dtype = DType::kUndefined;
  Shape shape;
  std::string sha256;

  bool operator==(const ConstantHash&) const = default;
};

/// Of every constant in all graphs whose element type is modelled, in file order.
std::vector<ConstantHash> hash_constants(const Model& model);

/// What a fold came from and what speaks for it.
struct Evidence {
  FileHash source;
  FoldOptions options;
  FoldMap map;
  std::optional<Verdict> verdict;  ///< absent: written without proof because somebody insisted
};

/// A certificate as its text tells.
struct Certificate {
  std::string text;  ///< JSON, "pleat.certificate/1": the same for the same evidence; no time, path or host
  std::string version;
  std::string verdict;  ///< "verified", "not verified: --unverified"
  bool verified = false;
  FileHash source;
  FileHash folded;             ///< of the file without its certificate
  bool external_data = false;  ///< some of the folded model's constants lie in a file beside it
  FoldOptions options;
  std::vector<ConstantHash> constants;
  std::int64_t folds = 0;
};

/// `folded` is the hash of the folded file before the certificate is appended, `constants` that of its constants.
Certificate make_certificate(const Evidence& evidence, const FileHash& folded, bool external_data,
                             std::vector<ConstantHash> constants);

/// kInvalid where the text is no certificate, where it was changed, or where it is of a newer schema.
Result<Certificate> parse_certificate(std::string text);

/// The one `model` carries; kInvalid where it carries none.
Result<Certificate> read_certificate(const Model& model);

/// Takes the certificate and the mark of an unproved fold out of `model`.
void strip_certificate(Model& model);

/// What holds of a certificate, point by point.
struct CertificateCheck {
  struct Point {
    std::string what;  ///< "folded file", "constants" …
    bool holds = false;
    std::string text;  ///< one sentence
  };
  Certificate certificate;
  std::vector<Point> points;

  /// Every point does. Says nothing of `certificate.verified`.
  bool holds() const;
};

/// Checks the certificate that the file at `folded_path` carries: the hash of the file and of each constant. With
/// `unfolded_path` also that this is the model it was made of, that folding it again makes the same constants, and that
/// each folded value is the exact one rounded once. An error is returned where there is nothing to check: a file that
/// cannot be read, or that carries no certificate.
Result<CertificateCheck> check_certificate(const std::string& folded_path, const std::string& unfolded_path = {});

/// "pleat.certificate_check/1", and one line per point.
std::string to_json(const CertificateCheck& check);
std::string to_text(const CertificateCheck& check);

}  // namespace pleat
