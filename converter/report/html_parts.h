#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "converter/report/html_report.h"

namespace pleat::html {

// The sections of the page, each empty where there is nothing to tell.
std::string head(const HtmlSubject& subject);
std::string verdict(const HtmlSubject& subject);
std::string batch_norms(const HtmlSubject& subject);
std::string ladder(const HtmlSubject& subject);
std::string graphs(const HtmlSubject& subject);
std::string bounds(const HtmlSubject& subject);
std::string histograms(const HtmlSubject& subject);
std::string end_to_end(const HtmlSubject& subject);
std::string decisions(const HtmlSubject& subject);
std::string confusions(const HtmlSubject& subject);
std::string coverage(const HtmlSubject& subject);
std::string samples(const HtmlSubject& subject);
std::string reproduction(const HtmlSubject& subject);

/// The style sheet.
std::string_view style();

// Below, arguments called `text` are escaped, those called `markup` are taken as they are.

std::string section(std::string_view id, std::string_view title_text, const std::string& markup);
std::string paragraph(std::string_view text);
std::string code(std::string_view text);
/// A figure as people write it: 3.62×10⁻⁷. Markup.
std::string figure(double value);
/// 12,345.
std::string grouped(std::int64_t value);
/// A share as a percentage with at most three digits.
std::string percent(double share);
/// "1 row", "12,345 rows".
std::string many(std::int64_t count, const std::string& noun);
/// The name of a rung at the start of a line: "End to end".
std::string title_of(Rung rung);

/// A table that becomes a list of cards on a narrow screen. Cells are markup; the first of a row is its header.
class Table {
 public:
  struct Column {
    std::string title;  ///< text
    bool number = false;
  };
  Table(std::string caption, std::vector<Column> columns)
      : caption_(std::move(caption)), columns_(std::move(columns)) {}

  void row(const std::vector<std::string>& cells, std::string_view css_class = {});
  bool empty() const { return rows_.empty(); }
  /// `css_class` beside "cards": "tight" for many narrow columns.
  std::string markup(std::string_view css_class = {}) const;

 private:
  std::string caption_;
  std::vector<Column> columns_;
  std::string rows_;
};

}  // namespace pleat::html
