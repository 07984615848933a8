#include "converter/report/html_report.h"

#include <fmt/format.h>

#include "converter/report/html_parts.h"
#include "runtime/base/markup.h"

namespace pleat {

std::string to_html(const HtmlSubject& subject) {
  std::string sections;
  for (const auto part :
       {html::verdict, html::ladder, html::batch_norms, html::graphs, html::bounds, html::histograms, html::end_to_end,
        html::confusions, html::decisions, html::coverage, html::samples, html::reproduction})
    sections += part(subject);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"Pleat {}\">\n<title>Fold report: {}</title>\n<style>{}</style>\n</head>\n"
      "<body>\n<header class=\"page\">\n{}</header>\n<main>\n{}</main>\n<footer>Pleat {}</footer>\n</body>\n</html>\n",
      PLEAT_VERSION, escape_markup(subject.name), html::style(), html::head(subject), sections, PLEAT_VERSION);
}

}  // namespace pleat
