#include "converter/report/certificate.h"

#include <algorithm>

#include "converter/report/json_parts.h"

namespace pleat {
namespace {

constexpr const char* kSchema = "pleat.certificate/1";
constexpr const char* kVerified = "verified";
constexpr const char* kNotVerified = "not verified: --unverified";

struct OptionName {
  const char* name;
  bool FoldOptions::*value;
};
constexpr OptionName kOptions[] = {
    {"flush_subnormals", &FoldOptions::flush_subnormals},
    {"assume_inference", &FoldOptions::assume_inference},
    {"freeze_inputs", &FoldOptions::freeze_inputs},
    {"dequantize_weights", &FoldOptions::dequantize_weights},
    {"decompose", &FoldOptions::decompose},
    {"keep_ir", &FoldOptions::keep_ir},
};

Json hash_json(const FileHash& hash) { return {{"sha256", hash.sha256}, {"bytes", hash.bytes}}; }

Json constant_json(const ConstantHash& constant) {
  return {{"graph", constant.graph},
          {"name", constant.name},
          {"type", dtype_name(constant.dtype)},
          {"shape", constant.shape.dims()},
          {"sha256", constant.sha256}};
}

/// What stands between a certificate's content and its closing brace.
std::string seal(std::string_view content) { return ",\"sha256\":\"" + sha256(content) + "\"}"; }

/// Samples may be named by a path, which tells of a machine.
void leave_only_file_name(std::string& name) { name.erase(0, name.find_last_of('/') + 1); }

Verdict without_paths(Verdict verdict) {
  for (SampleRecord& record : verdict.samples) leave_only_file_name(record.name);
  for (OutputFigures& figures : verdict.outputs) leave_only_file_name(figures.samples);
  for (Confusion& confusion : verdict.confusions) leave_only_file_name(confusion.samples);
  for (RungReport& rung : verdict.rungs) {
    if (rung.first_failure) leave_only_file_name(rung.first_failure->samples);
    for (LayerFigures& figures : rung.layers) leave_only_file_name(figures.worst.samples);
  }
  return verdict;
}

DType dtype_called(const std::string& name) {
  for (int number = 1; number <= static_cast<int>(DType::kBfloat16); ++number)
    if (dtype_name(static_cast<DType>(number)) == name) return static_cast<DType>(number);
  return DType::kUndefined;
}

/// The fields that a check needs; nlohmann's exceptions end in parse_certificate.
void read_fields(const Json& json, Certificate& certificate) {
  certificate.version = json.at("pleat");
  certificate.verdict = json.at("verdict");
  certificate.verified = certificate.verdict == kVerified;
  const auto hash = [&](const char* name) -> FileHash {
    return {json.at(name).at("sha256"), json.at(name).at("bytes")};
  };
  certificate.source = hash("source");
  certificate.folded = hash("folded");
  certificate.external_data = json.at("folded").at("external_data");
  for (const OptionName& option : kOptions) certificate.options.*option.value = json.at("options").at(option.name);
  for (const Json& constant : json.at("constants"))
    certificate.constants.push_back({constant.at("graph"), constant.at("name"), dtype_called(constant.at("type")),
                                     Shape(constant.at("shape").get<std::vector<std::int64_t>>()),
                                     constant.at("sha256")});
  certificate.folds = json.at("fold").at("folded");
}

Error broken(std::string why) {
  return Error::invalid("this is no certificate of Pleat, or it was changed").at(kCertificateKey).saw(std::move(why));
}

}  // namespace

Certificate make_certificate(const Evidence& evidence, const FileHash& folded, bool external_data,
                             std::vector<ConstantHash> constants) {
  Certificate made;
  made.version = PLEAT_VERSION;
  made.verified = evidence.verdict && evidence.verdict->passed;
  made.verdict = made.verified ? kVerified : kNotVerified;
  made.source = evidence.source;
  made.folded = folded;
  made.external_data = external_data;
  made.options = evidence.options;
  made.constants = std::move(constants);
  made.folds = evidence.map.folded();

  Json json = {{"schema", kSchema}, {"pleat", made.version}, {"verdict", made.verdict}};
  json["source"] = hash_json(made.source);
  json["folded"] = hash_json(made.folded);
  json["folded"]["external_data"] = external_data;
  for (const OptionName& option : kOptions) json["options"][option.name] = made.options.*option.value;
  json["constants"] = Json::array();
  for (const ConstantHash& constant : made.constants) json["constants"].push_back(constant_json(constant));
  json["fold"] = fold_map_json(evidence.map);
  json["proof"] = evidence.verdict ? verdict_json(without_paths(*evidence.verdict)) : Json(nullptr);
  made.text = dumped(json, -1);
  made.text.pop_back();
  made.text += seal(made.text);
  return made;
}

Result<Certificate> parse_certificate(std::string text) {
  const std::size_t length = seal({}).size();
  if (text.size() < length) return fail(broken("it is too short"));
  const std::string_view content = std::string_view(text).substr(0, text.size() - length);
  if (std::string_view(text).substr(content.size()) != seal(content))
    return fail(broken("its text does not have the hash it ends with"));
  Certificate certificate;
  try {
    const Json json = Json::parse(text);
    const std::string schema = json.at("schema");
    if (schema != kSchema)
      return fail(
          Error::unsupported("a certificate of another schema").at(kCertificateKey).expect(kSchema).saw(schema));
    read_fields(json, certificate);
  } catch (const Json::exception& e) {
    return fail(broken(e.what()));
  }
  certificate.text = std::move(text);
  return certificate;
}

Result<Certificate> read_certificate(const Model& model) {
  const std::string* text = model.metadata(kCertificateKey);
  if (text == nullptr)
    return fail(Error::invalid("the model carries no certificate")
                    .expect("metadata '" + std::string(kCertificateKey) + "'")
                    .fix("pleat fold writes models with one; pleat verify A.onnx B.onnx proves two models equal"));
  return parse_certificate(*text);
}

void strip_certificate(Model& model) {
  std::erase_if(model.metadata_props,
                [](const auto& entry) { return entry.first == kCertificateKey || entry.first == kVerifiedKey; });
}

}  // namespace pleat
