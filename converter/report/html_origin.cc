#include <fmt/format.h>

#include "converter/report/figures.h"
#include "converter/report/html_parts.h"
#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

std::string some_channels(const std::vector<std::int64_t>& channels) {
  constexpr std::size_t kShown = 24;
  std::string out;
  for (std::size_t i = 0; i < channels.size() && i < kShown; ++i)
    out += (i == 0 ? "" : ", ") + std::to_string(channels[i]);
  return channels.size() > kShown ? out + fmt::format(" and {} more", channels.size() - kShown) : out;
}

std::string fact(const char* name, const std::string& value_markup) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value_markup);
}

std::string hash_fact(const char* name, const FileHash& hash) {
  return fact(name, fmt::format("<span class=\"hash\">{}</span> <span class=\"muted\">{} bytes</span>", hash.sha256,
                                grouped(static_cast<std::int64_t>(hash.bytes))));
}

std::string certificate_facts(const Certificate& certificate) {
  return "<dl class=\"facts\">\n" + fact("Says", escape_markup(certificate.verdict)) +
         hash_fact("Unfolded file", certificate.source) +
         hash_fact("Folded file, without its certificate", certificate.folded) +
         fact("Constants",
              grouped(static_cast<std::int64_t>(certificate.constants.size())) + ", each with its own hash") +
         fact("Pleat", escape_markup(certificate.version)) + "</dl>\n";
}

}  // namespace

std::string coverage(const HtmlSubject& subject) {
  if (subject.verdict == nullptr || subject.verdict->coverage.empty()) return {};
  Table table("Output channels of folded regions that never changed over the samples.",
              {{"Batch normalization"}, {"Alive", true}, {"Channels", true}, {"Never alive"}});
  for (const Coverage& covered : subject.verdict->coverage) {
    const auto dead = static_cast<std::int64_t>(covered.never_alive.size());
    if (dead > 0)
      table.row({code(covered.batch_norm), grouped(covered.channels - dead), grouped(covered.channels),
                 some_channels(covered.never_alive)});
  }
  return section("coverage", "Coverage",
                 table.empty() ? paragraph("Every output channel of every folded region changed over the samples.")
                               : table.markup());
}

std::string samples(const HtmlSubject& subject) {
  if (subject.verdict == nullptr) return {};
  const Verdict& verdict = *subject.verdict;
  Table table("What the networks were run on.", {{"Samples"}, {"Count", true}, {"Seed", true}});
  for (const SampleRecord& record : verdict.samples)
    table.row({escape_markup(record.name), grouped(record.samples),
               record.seed == 0 ? "given" : std::to_string(record.seed)});
  std::string machine = verdict.isa.empty() ? std::string() : "Instruction set " + verdict.isa + ", ";
  machine += many(verdict.threads, "thread") + "; any other choice of either gives the same bits.";
  return section("samples", "Samples", table.markup() + paragraph(machine));
}

std::string reproduction(const HtmlSubject& subject) {
  std::string out;
  if (!subject.commands.empty()) {
    std::string lines;
    for (const std::string& command : subject.commands) lines += escape_markup(command) + "\n";
    out += "<pre>" + lines + "</pre>\n";
  }
  if (subject.certificate != nullptr)
    out += paragraph(
               "The folded file carries its certificate; the second command checks it again. Hashes are "
               "SHA-256.") +
           certificate_facts(*subject.certificate);
  else
    out += paragraph("The folded model was not written, so there is no certificate.");
  return section("reproduce", "How to reproduce", out);
}

}  // namespace pleat::html
