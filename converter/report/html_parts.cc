#include "converter/report/html_parts.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "runtime/base/markup.h"

namespace pleat::html {
namespace {

constexpr const char* kNoBreakSpace = "\xC2\xA0";

}  // namespace

std::string section(std::string_view id, std::string_view title_text, const std::string& markup) {
  if (markup.empty()) return {};
  return fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n{2}</section>\n", id,
                     escape_markup(title_text), markup);
}

std::string paragraph(std::string_view text) { return "<p>" + escape_markup(text) + "</p>\n"; }

std::string code(std::string_view text) { return "<code>" + escape_markup(text) + "</code>"; }

std::string figure(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  const double size = std::fabs(value);
  const char* sign = value < 0 ? "−" : "";
  if (size == 0 || (size >= 0.001 && size < 999.5)) return fmt::format("{}{:.3g}", sign, size);
  if (size >= 1 && size < 99999.5) return sign + grouped(std::llround(size));
  const std::string scientific = fmt::format("{:.2e}", size);
  const std::size_t e = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  return fmt::format("{}{}×10<sup>{}{}</sup>", sign, scientific.substr(0, e), exponent < 0 ? "−" : "",
                     std::abs(exponent));
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string percent(double share) {
  const double value = 100 * share;
  if (!std::isfinite(value)) return figure(value);
  return (value != 0 && value < 0.01 ? "below 0.01" : figure(value)) + kNoBreakSpace + "%";
}

std::string many(std::int64_t count, const std::string& noun) {
  return grouped(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string title_of(Rung rung) {
  std::string name = rung_name(rung);
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

void Table::row(const std::vector<std::string>& cells, std::string_view css_class) {
  rows_ +=
      fmt::format("<tr role=\"row\"{}>", css_class.empty() ? std::string() : fmt::format(" class=\"{}\"", css_class));
  for (std::size_t i = 0; i < cells.size() && i < columns_.size(); ++i) {
    const char* number = columns_[i].number ? " class=\"number\"" : "";
    rows_ += i == 0 ? fmt::format("<th scope=\"row\" role=\"rowheader\"{}>{}</th>", number, cells[i])
                    : fmt::format("<td role=\"cell\" data-label=\"{}\"{}>{}</td>", escape_markup(columns_[i].title),
                                  number, cells[i].empty() ? "" : "<span>" + cells[i] + "</span>");
  }
  rows_ += "</tr>\n";
}

std::string Table::markup(std::string_view css_class) const {
  if (rows_.empty()) return {};
  std::string heads;
  for (const Column& column : columns_)
    heads += fmt::format("<th scope=\"col\" role=\"columnheader\"{}>{}</th>", column.number ? " class=\"number\"" : "",
                         escape_markup(column.title));
  return fmt::format(
      "<div class=\"wide\"><table class=\"cards{}{}\" role=\"table\"><caption>{}</caption>\n<thead role=\"rowgroup\">"
      "<tr role=\"row\">{}</tr></thead>\n<tbody role=\"rowgroup\">\n{}</tbody></table></div>\n",
      css_class.empty() ? "" : " ", css_class, escape_markup(caption_), heads, rows_);
}

}  // namespace pleat::html
