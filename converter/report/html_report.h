#pragma once

#include <string>
#include <vector>

#include "converter/fold/fold_map.h"
#include "converter/report/certificate.h"
#include "converter/verify/verdict.h"
#include "runtime/graph/model.h"

namespace pleat {

/// What a report tells of; all is referred to, for the call only.
struct HtmlSubject {
  std::string name;  ///< of the model, for the title
  const Model& unfolded;
  const Model& folded;
  const FoldMap& map;
  const Verdict* verdict = nullptr;          ///< null: nothing was proved, because somebody insisted
  const Certificate* certificate = nullptr;  ///< null: the folded model was not written
  std::vector<std::string> commands = {};    ///< that give the same report again, one per line
};

/// One HTML page for a browser or a printer that needs nothing besides: styles and drawings are inside, scripts and
/// foreign fonts are not used. Equal subjects give equal bytes. Whatever names the model holds, they are shown as text.
std::string to_html(const HtmlSubject& subject);

}  // namespace pleat
