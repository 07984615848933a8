#pragma once

#include <string>

#include "converter/verify/self_test.h"
#include "converter/verify/verify.h"

namespace pleat {

/// For people: the ladder, one line per rung, then what failed and where; last the one line to remember.
std::string to_text(const Verdict& verdict);
/// One line per BatchNormalization: folded into what, or kept and why; before them what concerns the whole model.
std::string to_text(const FoldMap& map);
std::string to_text(const SelfTestReport& report);

/// For programs; keys are only ever added. "schema" is "pleat.verify/1", "pleat.fold/1" and "pleat.self_test/1".
/// Numbers that JSON cannot hold stand as "inf", "-inf" and "nan".
std::string to_json(const Verdict& verdict);
std::string to_json(const FoldMap& map);
std::string to_json(const SelfTestReport& report);

}  // namespace pleat
