#pragma once

#include <nlohmann/json.hpp>

#include "converter/fold/fold_map.h"
#include "converter/verify/verdict.h"

namespace pleat {

// Slow to include: for .cc files of this folder only.

using Json = nlohmann::ordered_json;

/// As `to_json` of report.h tells, without the schema.
Json verdict_json(const Verdict& verdict);
Json fold_map_json(const FoldMap& map);

/// As text; bytes that are no UTF-8 are replaced.
std::string dumped(const Json& json, int indent);

}  // namespace pleat
